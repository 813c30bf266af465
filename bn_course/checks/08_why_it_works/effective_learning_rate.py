"""Lesson 08: Return η/‖w‖² for a layer that batch norm follows."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import small
from bn_course.grading.question import Probe, Property, Question


def effective_learning_rate(lr, weight):
    """η/‖w‖²: the rate at which the direction of w moves, where the length of w does not matter."""
    return float(lr / np.sum(weight**2))


def _effective(lr, weight, *, length="euclid", power=2, use="divide", rate="argument", guard=0.0):
    norm = {
        "euclid": lambda: np.sqrt(np.sum(weight**2)),
        "root-mean-square": lambda: np.sqrt(np.mean(weight**2)),
        "absolute": lambda: np.sum(abs(weight)),
        "spectral": lambda: np.linalg.norm(weight, 2),
        "largest": lambda: abs(weight).max(),
        "deviation": lambda: weight.std(),
        "rows": lambda: np.sqrt(np.sum(weight**2, axis=tuple(range(1, weight.ndim)))),
        "columns": lambda: np.sqrt(np.sum(weight**2, axis=0)),
    }[length]()
    lr = {"argument": lr, "squared": lr**2, "ignored": 1.0}[rate]
    size = norm**power + guard
    return {"divide": lr / size, "multiply": lr * size, "upside-down": size / lr}[use]


def _effective_probes(rng):
    def weight(*shape):
        return rng.normal(size=shape) * 0.8 + 0.3

    exact = {"atol": 1e-9}
    return [
        Probe("a linear layer, 4 by 3", (0.7, weight(4, 3)), **exact),
        Probe("a small learning rate", (0.03, weight(2, 5)), **exact),
        Probe("a rate above 1, short weights", (2.5, weight(3, 3) * 0.2), **exact),
        Probe("a vector", (0.4, weight(6)), **exact),
        Probe("a convolution, 2 by 3 by 3 by 3", (0.9, weight(2, 3, 3, 3)), **exact),
        Probe("after a call with other numbers", (0.4, weight(3, 4)), driver="after_another"),
    ]


def _positive(args, value):
    return "the rate is not positive" if not np.all(np.asarray(value) > 0) else None


QUESTION = Question(
    name="effective_learning_rate",
    points=1,
    level=1,
    reference=effective_learning_rate,
    variant=_effective,
    returns=("the effective learning rate",),
    probes=_effective_probes,
    examples=(
        small(0.5, [[3, 4]], label="one row of two"),
        small(2.0, [[1, 2], [0, -2]], label="two rows of two"),
        small(0.002, [[0.01, 0.02]], label="short weights, a small rate", atol=1e-9),
    ),
    misconceptions=(
        mistake("not-squared", power=1),
        mistake("squared-twice", power=4),
        mistake("mean-not-sum", length="root-mean-square"),
        mistake("deviation", length="deviation"),
        mistake("absolute-values", length="absolute"),
        mistake("spectral-norm", length="spectral"),
        mistake("largest-weight", length="largest"),
        mistake("one-rate-a-row", {"length": "rows"}, {"length": "columns"}),
        mistake("multiplied", use="multiply"),
        mistake("upside-down", use="upside-down"),
        mistake("rate-squared", rate="squared"),
        mistake("rate-ignored", rate="ignored"),
        mistake("eps-added", guard=1e-5),
        mistake("mutates-input"),
    ),
    properties=(Property("the effective rate is positive", _positive),),
)
