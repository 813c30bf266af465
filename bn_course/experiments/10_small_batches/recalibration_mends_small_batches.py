"""A network trained with two examples a batch is not mended by better statistics."""

import numpy as np

from bn_course.experiments import Effect, Experiment, Table

from ._shared import SCOPE, error, recalibrated, trained
from .images_in_small_batches import trained_cnn


def measure(seed, scale):
    sizes, epochs = ([32, 8, 4, 2], 5) if scale == "full" else ([32, 2], 1)
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


MENDED = Effect(
    "share of the damage of batches of two that new statistics undo",
    lambda n: (
        (n["before"][:, -1] - np.minimum(n["after"], n["whole"])[:, -1])
        / (n["before"][:, -1] - n["after"][:, 0])
    ),
    above=0.5,
    why="what mends undoes at least half",
)

EXPERIMENT = Experiment(
    claim="Batch norm fails with small batches because its statistics at inference are bad; estimated well, they would mend it.",
    source="a common reading of 'inaccurate batch statistics estimation' (Wu and He 2018, arXiv:1803.08494, abstract)",
    scope=SCOPE.but(model="ReLU MLP 4×64; a CNN", values="32 to 2"),
    method="As error_against_batch_size, rate 0.05·b/32; recalibrated on all training data, in batches of the size of training, or as one batch; and a CNN of three convolutions with two images a batch, rate 0.2/16.",
    measure=measure,
    holds=MENDED,
    finding="Trained with batches of two: {before[3]:.1f} % wrong, recalibrated {after[3]:.1f}; a CNN with two images {images[0]:.1f} and {images[1]:.1f}",
    table=Table(
        {"as trained": "before", "recalibrated": "after", "as one batch": "whole"},
        ("32 examples, % wrong", "8", "4", "2"),
        ".1f",
    ),
)
