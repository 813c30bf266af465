"""The error against the number of images in a batch, batch norm and group norm."""

from dataclasses import replace

from bn_course.experiments.catalogue import load

from ._cifar import POINT, SCOPE, descended, error, images, larger

SIZES, RATES = {"full": [32, 8, 2], "small": [32, 4]}, (0.05, 0.2)


def measure(seed, scale):
    numbers = {"sizes": SIZES[scale]}
    for norm in ("batch", "group"):
        runs = [[descended(norm, size, scale, seed, rate) for rate in RATES] for size in SIZES[scale]]
        numbers[f"{norm}_equal"] = [error(models[0]) for models in runs]
        numbers[norm] = [error(min(models, key=validated)) for models in runs]
    return numbers


def validated(model):
    return error(model, images().validation)


STEEP, FLAT = load("error_against_batch_size").holds.effects

EXPERIMENT = larger(
    "error_against_batch_size",
    measure=measure,
    scope=SCOPE.but(
        values="32 to 2 × 32 × 32 to 8 × 8", optimiser="SGD with momentum 0.9", horizon="2 epochs"
    ),
    method="He initialisation, no augmentation; 80 000 images in batches of 32, 8 and 2, cosine schedule; rate in proportion to the batch, 0.05 or 0.2 for 32, the better on validation data, or 0.05; test error.",
    holds=STEEP & replace(FLAT, below=1, why=POINT),
    finding="From batches of {sizes[0]:.0f} to {sizes[2]:.0f}: batch norm {batch[0]:.1f} → {batch[2]:.1f} %, group norm {group[0]:.1f} → {group[2]:.1f}",
)
