"""Two images a batch: what becomes of a CNN depends on how many positions its norms average over."""

import numpy as np
from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import batches, cnn, digits, initialise, seeded

from ._shared import SCOPE, descend, error

CHANNELS = {16: (16, 32), 4: (16, 32, 64), 1: (16, 32, 64, 64)}  # by H·W at the last norm
RATE = 0.2  # for a batch of 32; in proportion for others


def measure(seed, scale):
    full = scale == "full"
    sizes, rates, epochs = ([32, 8, 2], (RATE, 0.5), 3) if full else ([2], (RATE,), 1)
    numbers = {"sizes": sizes}
    for positions in CHANNELS:
        for norm in ("batch", "group"):
            runs = [own_best(norm, positions, size, seed, rates, epochs) for size in sizes]
            numbers[f"{norm}_{positions}"] = runs
    return numbers


def own_best(norm, positions, size, seed, rates, epochs):
    """Test error of the rate with the lowest error on validation data."""
    models = [trained_cnn(norm, positions, size, seed, rate, epochs) for rate in rates]
    return error(min(models, key=lambda model: error(model, digits().validation)))


def trained_cnn(norm, positions, size, seed, rate=RATE, epochs=5, micro=1):
    """The CNN after so many epochs of digits in batches of `size`, `micro` of them an update."""
    updates = epochs * (len(digits().train) // (size * micro))
    drawn = batches(digits().train, size, seed)
    return descend(network(norm, positions, seed), drawn, updates, rate * size * micro / 32, micro)


def network(norm, positions, seed):
    """A CNN on (N, 64) as 8×8 images, whose last norm has so many positions; He initialisation."""
    with seeded(seed):
        return nn.Sequential(nn.Unflatten(1, (1, 8, 8)), *initialise(cnn(CHANNELS[positions], norm), "he"))


BROKEN = Effect(
    "points of error more than with group norm, two images a batch",
    lambda n: np.stack([(n[f"batch_{at}"] - n[f"group_{at}"])[:, -1] for at in CHANNELS], axis=1),
    above=10,
    why="on ImageNet it is 11 points",
    each=tuple(f"{at} positions at the last norm" for at in CHANNELS),
)
LAST = Effect(
    "the same, one position at the last norm",
    lambda n: (n["batch_1"] - n["group_1"])[:, -1],
    above=10,
    why="on ImageNet it is 11 points",
)

EXPERIMENT = Experiment(
    claim="With two images a batch, a network with batch norm is broken.",
    source="a common reading of Wu and He 2018, arXiv:1803.08494, whose ResNet-50 goes from 23.6 to 34.7 % error",
    scope=SCOPE.but(
        horizon="3 epochs, cosine schedule",
        model="CNNs of 2, 3 and 4 convolutions",
        values="32 to 2 images × 64, 16, 4 and 1 positions",
    ),
    method="8×8 images; 3×3 convolutions, the second and later ones with stride 2, so that the last norm has 16, 4 or 1 positions an image; He initialisation; rate in proportion to the batch size, the better of 0.2 and 0.5 for 32 on validation data; test error.",
    measure=measure,
    holds=BROKEN,
    when={"a norm has one position of each image (H·W = 1)": LAST},
    finding="With two images a batch, and 16, 4 or 1 positions at the last norm: batch norm {batch_16[2]:.1f}, {batch_4[2]:.1f} and {batch_1[2]:.1f} % wrong, group norm {group_16[2]:.1f}, {group_4[2]:.1f} and {group_1[2]:.1f} %",
    table=Table(
        {
            f"{norm} norm, {at} at the last norm": f"{norm}_{at}"
            for at in CHANNELS
            for norm in ("batch", "group")
        },
        ("32 images, % wrong", "8", "2"),
        ".1f",
    ),
)
