"""A trained network in training mode: right on large random batches, lost on sorted ones."""

import torch

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits

from ._shared import SCOPE, error, trained

SIZES = (250, 100, 50, 10)


def measure(seed, scale):
    model = trained("batch", 50, seed, rate=0.05, epochs=10)
    test = digits().test
    generator = torch.Generator().manual_seed(seed)
    orders = {
        "random": torch.randperm(len(test), generator=generator),
        "sorted": torch.argsort(test.y, stable=True),
    }
    wrong = {
        name: [error_in_batches(model, test[rows], size) for size in SIZES] for name, rows in orders.items()
    }
    return {"sizes": list(SIZES), "evaluation": error(model), **wrong}


def error_in_batches(model, split, size):
    """Per cent wrong when each batch is normalised with its own statistics."""
    parts = [split[begin : begin + size] for begin in range(0, len(split), size)]
    return sum(error(model, part, training=True) * len(part) for part in parts) / len(split)


def cost(order):
    return Effect(
        f"points that batch statistics cost, batches of 100, {order}",
        lambda n: n[order][:, 1] - n["evaluation"],
        below=3,
        why="a test that is off by 15 of the 500 images ranks models wrongly",
    )


RANDOM, SORTED = cost("random"), cost("sorted")

EXPERIMENT = Experiment(
    claim="Batch statistics will do at test time, if the test batches are large.",
    source="common advice, with `track_running_stats=False`",
    scope=SCOPE.but(values="250 to 10", horizon="10 epochs, cosine schedule"),
    method="He initialisation, trained in batches of 50; the test part in batches of 250, 100, 50 and 10, in random order or sorted by class.",
    measure=measure,
    holds=RANDOM & SORTED,
    when={"they are drawn at random as well": RANDOM},
    finding="Evaluation mode {evaluation:.1f} % wrong; batch statistics of batches of 100: at random {random[1]:.1f} %, sorted by class {sorted[1]:.0f} %",
    table=Table(
        {"at random": "random", "sorted by class": "sorted"},
        ("batches of 250, % wrong", "100", "50", "10"),
        ".1f",
    ),
)
