"""Batch norm's error rises steeply when the batch becomes small; group norm's does not."""

import numpy as np

from bn_course.experiments import Effect, Experiment, Table

from ._shared import SCOPE, own_best

NORMS = ("none", "batch", "layer", "group", "renorm")


def measure(seed, scale):
    full = scale == "full"
    sizes = [64, 32, 16, 8, 4, 2] if full else [32, 2]
    numbers = {"sizes": sizes}
    for norm in NORMS if full else ("batch", "group"):
        runs = [own_best(norm, size, seed, (0.05, 0.2)[: 1 + full], 5 if full else 1) for size in sizes]
        numbers[f"{norm}_equal"] = [errors[0] for errors, _ in runs]
        numbers[norm] = [best for _, best in runs]
    return numbers


def rise(norm):
    """How far the error with the smallest batches is above that with the largest."""
    return lambda n: np.stack([n[arm][:, -1] - n[arm][:, 0] for arm in (norm, f"{norm}_equal")], axis=1)


RATES = ("at its best rate", "at equal rate")
STEEP = Effect(
    "points by which batch norm's error rises",
    rise("batch"),
    above=5,
    why="'rapidly': an error near 5 % at least doubles; the source has 11 points",
    each=RATES,
    blind=True,
)
FLAT = Effect(
    "points by which group norm's error rises",
    rise("group"),
    below=2,
    why="'stable': the source has 0.0; ten of 500 test images, two standard errors, can be told from that",
    each=RATES,
    blind=True,
)

EXPERIMENT = Experiment(
    claim="Batch norm's error increases rapidly when the batch size becomes smaller; group norm's is stable over a wide range of batch sizes.",
    source="Wu and He 2018, arXiv:1803.08494, abstract and table 2: ResNet-50 on ImageNet, 32 → 2 images a GPU, batch norm 23.6 → 34.7 %, group norm 24.1 → 24.1 %",
    scope=SCOPE.but(values="64 to 2"),
    method="He initialisation; rate in proportion to the batch size, 0.05 or 0.2 for 32, the better on validation data; test error.",
    measure=measure,
    holds=STEEP & FLAT,
    beyond="a ResNet-50 on ImageNet, whose norms average over 49 positions of an image and more. The MLP tried here has one value an example, and its error rises for another reason (two_examples_pass_no_gradient, images_in_small_batches)",
    finding="From batches of {sizes[0]:.0f} to {sizes[5]:.0f}: batch norm {batch[0]:.1f} → {batch[5]:.1f} %, group norm {group[0]:.1f} → {group[5]:.1f}",
    table=Table(
        {
            "no norm": "none",
            "batch norm": "batch",
            "layer norm": "layer",
            "group norm": "group",
            "batch renormalisation": "renorm",
        },
        ("64 examples, % wrong", "32", "16", "8", "4", "2"),
        ".1f",
    ),
)
