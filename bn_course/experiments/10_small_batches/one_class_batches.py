"""Batches of one class each: batch norm learns nothing, and it is not forgetting."""

import numpy as np
import torch

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import batches, digits

from ._shared import SCOPE, descend, error, network, recalibrated

SIZE = 20


def measure(seed, scale):
    """`_apart`: one update for ten one-class batches, so that no update has one class alone."""
    passes = 60 if scale == "full" else 30  # of ten batches
    numbers = {}
    for norm in ("batch", "layer", "none"):
        for name, draw in (("mixed", batches_of_all), ("apart", batches_of_one)):
            model = descend(network(norm, seed), draw(seed), passes, 0.05, micro=10)
            numbers[f"{norm}_{name}"] = error(model)
            if (norm, name) == ("batch", "apart"):
                numbers["batch_recalibrated"] = error(recalibrated(model, 1000))
        for name, rate in (("fast", 0.05), ("slow", 0.01)):
            model = descend(network(norm, seed), batches_of_one(seed), 10 * passes, rate)
            numbers[f"{norm}_{name}"] = error(model)
    return numbers


def batches_of_all(seed):
    return batches(digits().train, SIZE, seed)


def batches_of_one(seed):
    """All ten classes in a new order each time, a batch of each."""
    train, generator = digits().train, torch.Generator().manual_seed(seed)
    rows = [(train.y == label).nonzero()[:, 0] for label in range(10)]
    while True:
        for label in torch.randperm(10, generator=generator).tolist():
            drawn = torch.randperm(len(rows[label]), generator=generator)[:SIZE]
            yield train[rows[label][drawn]]


LOST = Effect(
    "per cent wrong from one-class batches, batch norm",
    lambda n: np.stack([n["batch_apart"], n["batch_recalibrated"]], axis=1),
    above=70,
    why="a guess is wrong in 90 of 100 cases",
    each=("as trained", "with new statistics"),
)
LEARNED = Effect(
    "per cent wrong",
    lambda n: np.stack([n["batch_mixed"], n["layer_apart"], n["none_apart"]], axis=1),
    below=20,
    why="far from a guess, after few updates",
    each=("batch norm, mixed batches", "layer norm, one-class batches", "no norm, one-class batches"),
)

EXPERIMENT = Experiment(
    claim="From batches of one class each batch norm learns nothing, and neither forgetting nor the running statistics are the reason.",
    source="this course; Ioffe 2017, arXiv:1702.03275, section 1, warns of batches that are not drawn independently",
    scope=SCOPE.but(values="20", horizon="60 updates of ten batches, cosine schedule"),
    method="He initialisation, batches of 20. Against forgetting: one update (rate 0.05) for the mean gradient of ten one-class batches, or of ten mixed ones. Or an update a batch, at rates 0.05 and 0.01.",
    measure=measure,
    holds=LOST & LEARNED,
    finding="One update for ten one-class batches: batch norm {batch_apart:.0f} % wrong (recalibrated {batch_recalibrated:.0f}), layer norm {layer_apart:.0f}, none {none_apart:.0f}",
    table=Table(
        {
            f"{norm}": tuple(f"{norm}_{arm}" for arm in ("mixed", "apart", "fast", "slow"))
            for norm in ("batch", "layer", "none")
        },
        (
            "ten mixed batches an update, % wrong",
            "ten one-class batches an update",
            "an update a batch, rate 0.05",
            "rate 0.01",
        ),
        ".0f",
    ),
)
