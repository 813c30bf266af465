"""A network trained with two examples a batch is not mended by better statistics."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

from ._shared import error, recalibrated, trained
from .images_in_small_batches import trained_cnn


def measure(seed, scale):
    sizes, epochs = ([32, 8, 4, 2], 5) if scale == "full" else ([32, 2], 2)
    models = [trained("batch", size, seed, epochs=epochs) for size in sizes]
    whole = [error(recalibrated(model, 1000)) for model in models]  # all training data are one batch
    own = [error(recalibrated(model, size)) for model, size in zip(models, sizes, strict=True)]
    cnn = trained_cnn("batch", 4, 2, seed, epochs=epochs)
    images = [error(cnn), error(recalibrated(cnn, 2))]
    return {
        "sizes": sizes,
        "before": [error(model) for model in models],
        "after": own,
        "whole": whole,
        "images": images,
    }


def verdict(numbers):
    before, reference = numbers["before"].mean(0)[-1], numbers["after"].mean(0)[0]
    after = min(numbers["after"].mean(0)[-1], numbers["whole"].mean(0)[-1])
    share = (before - after) / (before - reference)  # of the damage
    if before - reference < 5:
        return holds_when("there is nothing to mend")
    return HOLDS if share > 0.5 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Batch norm fails with small batches because its statistics at inference are bad; estimated well, they would mend it.",
    source="a common reading of 'inaccurate batch statistics estimation' (Wu and He 2018, arXiv:1803.08494, abstract)",
    method="As error_against_batch_size, rate 0.05·b/32; recalibrated on all training data, in batches of the size of training, or as one batch; and a CNN of three convolutions with two images a batch, rate 0.2/16.",
    measure=measure,
    verdict=verdict,
    finding="Trained with batches of 32, 8, 4, 2: test error {before[0]:.1f}, {before[1]:.1f}, {before[2]:.1f}, {before[3]:.1f} %; recalibrated {after[0]:.1f}, {after[1]:.1f}, {after[2]:.1f}, {after[3]:.1f} %. A CNN, two images a batch: {images[0]:.1f} and {images[1]:.1f} %",
)
