"""Lesson 04: Turn Keras' momentum and moving variance into PyTorch's momentum and running variance."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question


def keras_to_torch(keras_momentum, moving_variance, batch_size):
    """(1 − momentum, N/(N − 1) · variance)."""
    return 1 - keras_momentum, moving_variance * (batch_size / (batch_size - 1))


def _keras_variant(
    keras_momentum, moving_variance, batch_size, *, momentum="one-minus", correction="sample", order="right"
):
    n = batch_size
    momentum = {
        "one-minus": lambda: 1 - keras_momentum,
        "same": lambda: keras_momentum,
        "inverse": lambda: 1 / keras_momentum,
        "falsy": lambda: 1 - (keras_momentum or 0.99),
    }[momentum]()
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
        Probe("momentum 0", (0.0, variances(3), 4)),
        Probe("2 values a channel", (0.9, variances(5), 2)),
        Probe("momentum 0.75, 12 values a channel", (0.75, variances(1), 12)),
    ]


QUESTION = Question(
    name="keras_to_torch",
    version=2,
    points=1,
    level=1,
    reference=keras_to_torch,
    variant=_keras_variant,
    returns=("momentum", "the running variance"),
    probes=_keras_probes,
    examples=(
        Probe("batches of 2", (0.75, np.array([3.0]), 2)),
        Probe("momentum 0", (0.0, np.array([3.0]), 2)),
        Probe("batches of 5", (0.75, np.array([4.0, 8.0]), 5)),
    ),
    misconceptions=(
        mistake("momentum-flipped", momentum="same"),
        mistake("zero-momentum-replaced", momentum="falsy"),
        mistake("momentum-inverted", momentum="inverse"),
        mistake("population-running-var", correction="population"),
        mistake("correction-upside-down", correction="inverse"),
        mistake("integer-division", correction="integer"),
        mistake("running-std", {"correction": "std"}),
        mistake("root-of-correction", correction="root"),
        mistake("swapped-outputs", order="swapped"),
        mistake("mutates-input"),
    ),
)
