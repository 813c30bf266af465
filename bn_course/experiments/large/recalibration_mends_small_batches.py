"""Do better statistics mend a ResNet-20 that was trained with two images a batch?"""

from copy import deepcopy

from bn_course.nets.recalibrate import recalibrate

from ._cifar import SCOPE, descended, error, images, larger

SIZES = {"full": [32, 2], "small": [32, 4]}
MANY = 1000  # images a batch in which to measure anew


def measure(seed, scale):
    models = [descended("batch", size, scale, seed, 0.05) for size in SIZES[scale]]
    return {
        "before": [error(model) for model in models],
        "after": [error(mended(m, size)) for m, size in zip(models, SIZES[scale], strict=True)],
        "whole": [error(mended(model, MANY)) for model in models],
    }


def mended(model, size):
    """A copy with the statistics of 10 000 training images, in batches of that size."""
    model = deepcopy(model)
    recalibrate(model, images().train.x[:10_000].split(size))
    return model


EXPERIMENT = larger(
    "recalibration_mends_small_batches",
    measure=measure,
    scope=SCOPE.but(
        values="32 and 2 × 32 × 32 to 8 × 8", optimiser="SGD with momentum 0.9", horizon="2 epochs"
    ),
    method="As error_against_batch_size, rate 0.05·b/32; recalibrated on 10 000 training images, in batches of the size of training or of 1000.",
    finding="Trained with batches of two: {before[1]:.1f} % wrong, recalibrated {after[1]:.1f}, in batches of 1000 {whole[1]:.1f}; with 32 {before[0]:.1f}",
)
