"""Lesson 04: Turn Keras' momentum and moving variance into PyTorch's momentum and running variance."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Question


# --- keras_to_torch ---------------------------------------------------------------------------
def keras_to_torch(keras_momentum, moving_variance, batch_size):
    """(1 − momentum, N/(N − 1) · variance)."""
    return 1 - keras_momentum, moving_variance * (batch_size / (batch_size - 1))


def _keras_variant(
    keras_momentum, moving_variance, batch_size, *, momentum="one-minus", correction="sample", order="right"
):
    n = batch_size
    momentum = {
        "one-minus": 1 - keras_momentum,
        "same": keras_momentum,
        "inverse": 1 / keras_momentum,
    }[momentum]
    variance = {
        "sample": moving_variance * n / (n - 1),
        "population": moving_variance.copy(),
        "inverse": moving_variance * (n - 1) / n,
        "integer": moving_variance * (n // (n - 1)),
        "std": np.sqrt(moving_variance * n / (n - 1)),
        "root": moving_variance * np.sqrt(n / (n - 1)),
    }[correction]
    return (momentum, variance) if order == "right" else (variance, momentum)


def _keras_probes(rng):
    def variances(size):
        return rng.uniform(0.2, 4.0, size)

    return [
        Probe("6 values a channel", (float(rng.uniform(0.6, 0.98)), variances(4), 6)),
        Probe("Keras' default momentum, batches of 32", (0.99, variances(3), 32)),
        Probe("2 values a channel", (0.9, variances(5), 2)),
        Probe("momentum 0.75, 12 values a channel", (0.75, variances(1), 12)),
    ]


QUESTION = Question(
    name="keras_to_torch",
    points=1,
    level=1,
    task="Turn Keras' momentum and moving variance into PyTorch's momentum and running variance.",
    ask=(
        "Keras says 0.99. How much of the old value is left after a batch? Which momentum leaves as much in PyTorch?",
        "99 %, so 0.01. And Keras keeps the variance ÷N: with 32 values a channel, PyTorch's is 32/31 of it.",
    ),
    reference=keras_to_torch,
    variant=_keras_variant,
    returns=("momentum", "the running variance"),
    probes=_keras_probes,
    examples=(
        Probe("batches of 2", (0.75, np.array([3.0]), 2)),
        Probe("batches of 5", (0.75, np.array([4.0, 8.0]), 5)),
    ),
    misconceptions=(
        own(
            "momentum-flipped",
            "You hand Keras' momentum on as it is.",
            "Keras' momentum weighs the old value, PyTorch's the new batch; the two weights sum to 1.",
            momentum="same",
        ),
        own(
            "momentum-inverted",
            "You return 1/momentum.",
            "The two momenta are the two weights of one average: they sum to 1.",
            momentum="inverse",
        ),
        own(
            "population-running-var",
            "You hand the moving variance on as it is.",
            "Keras averages variances ÷N, PyTorch variances ÷(N − 1): every term is larger by N/(N − 1).",
            correction="population",
        ),
        own(
            "correction-upside-down",
            "You multiply the variance by (N − 1)/N.",
            "From ÷N to ÷(N − 1) it becomes larger: N/(N − 1). The other way round goes from PyTorch to Keras.",
            correction="inverse",
        ),
        own(
            "integer-division",
            "You divide whole numbers with `//`.",
            "`n // (n - 1)` is 1 for every n above 2, so that nothing is corrected. Use `/`.",
            correction="integer",
        ),
        own(
            "running-std",
            "You return a standard deviation.",
            "Both frameworks keep a variance.",
            {"correction": "std"},
        ),
        own(
            "root-of-correction",
            "You multiply the variance by √(N/(N − 1)).",
            "That is the correction of a deviation. A variance takes N/(N − 1) itself.",
            correction="root",
        ),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order is (momentum, running_var).",
            order="swapped",
        ),
        known("mutates-input"),
    ),
    hints=(
        "Write down both update rules with an old value of 1 and a batch value of 0. Which weight is "
        "called momentum in each?",
        "The two momenta sum to 1. For the variance: one divides a sum of squares by N, the other the "
        "same sum by N − 1. What is their ratio?",
        "`1 - keras_momentum`, and `moving_variance * batch_size / (batch_size - 1)`.",
    ),
)
