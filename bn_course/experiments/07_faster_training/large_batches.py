"""What a very large batch does, with and without batch norm."""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best

from ._shared import SCOPE

SIZES = [16, 128, 1000]  # 1000 are all training examples
EPOCHS = 10


def measure(seed, scale):
    sizes, rates = (SIZES, [0.01, 0.03, 0.1, 0.3, 1.0]) if scale == "full" else ([128, 1000], [0.1, 0.3])
    steps = 150 if scale == "full" else 80
    numbers = {"sizes": sizes}
    for norm in ("none", "batch"):
        numbers[f"{norm}_same_epochs"] = [
            tested(norm, size, EPOCHS * 1000 // size, rates, seed) for size in sizes
        ]
        numbers[f"{norm}_same_steps"] = [tested(norm, size, steps, rates, seed) for size in sizes]
    return numbers


def tested(norm, size, steps, rates, seed):
    """Test accuracy at the best rate by validation."""
    runs = sweep(partial(network, norm), rates, digits(), steps, seed, batch_size=size, every=steps)
    return accuracy(best(runs).model, digits().test)


def network(norm):
    return initialise(mlp([64, *[64] * 4, 10], norm), "he")


TIE = "the error of 500 test images is one"


def lost(n, *kept):
    """Points that all examples at once lose against batches of 128, for as many epochs or as many steps."""
    return np.stack([100 * (n[f"batch_same_{k}"][:, -2] - n[f"batch_same_{k}"][:, -1]) for k in kept], 1)


EITHER = Effect(
    "points lost by the full batch",
    lambda n: lost(n, "epochs", "steps"),
    below=3,
    why=TIE,
    each=("as many epochs", "as many steps"),
)

EXPERIMENT = Experiment(
    claim="Training with batch norm is stable at very large batches.",
    source="popular articles",
    scope=SCOPE.but(
        model="ReLU 4×64",
        values="16 to 1000 × 1",
        optimiser="SGD with momentum 0.9",
        horizon="10 epochs, or 150 steps",
    ),
    method="He initialisation, the best of five rates from 0.01 to 1 for each; batches of 16, 128 and 1000 (all); test accuracy.",
    measure=measure,
    holds=EITHER,
    when={"it gets as many steps, not as many epochs": EITHER.at(1)},
    finding="With batch norm all 1000 at once reach {batch_same_epochs[2]:.1%} after as many epochs and {batch_same_steps[2]:.1%} after as many steps",
    table=Table(
        {
            "batch norm, 10 epochs": "batch_same_epochs",
            "batch norm, 150 steps": "batch_same_steps",
            "without, 10 epochs": "none_same_epochs",
            "without, 150 steps": "none_same_steps",
        },
        ("batches of 16", "128", "1000"),
        ".1%",
    ),
)
