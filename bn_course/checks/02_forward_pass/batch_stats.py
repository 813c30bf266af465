"""Lesson 02: The mean and the variance of each feature over a batch."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import FAR_FROM_ZERO, offset


def batch_stats(x):
    mean, var = norms.statistics(x, axes=(0,))
    return mean[0], var[0]


def _batch_stats_variant(
    x, *, ddof=0, axis=0, keepdims=False, second="var", order="mean-var", method="two-pass", plus=0.0
):
    mean = x.mean(axis=axis, keepdims=True)
    squares = {
        "two-pass": lambda: ((x - mean) ** 2).sum(axis=axis, keepdims=True),
        "one-pass": lambda: (x**2 - mean**2).sum(axis=axis, keepdims=True),
        "not-centred": lambda: (x**2).sum(axis=axis, keepdims=True),
    }[method]()
    count = x.size // mean.size
    var = squares / {"var": count - ddof, "std": count - ddof, "sum": 1}[second] + plus
    var = np.sqrt(var) if second == "std" else var
    mean, var = (mean, var) if keepdims else (np.squeeze(mean, axis), np.squeeze(var, axis))
    return (mean, var) if order == "mean-var" else (var, mean)


def _batch_stats_probes(rng):
    return [
        Probe("six examples, four features", (rng.normal(2, 3, size=(6, 4)),)),
        Probe("two examples, three features", (rng.normal(size=(2, 3)),)),
        Probe("as many examples as features", (rng.normal(1, 2, size=(5, 5)),)),
        Probe("small variances", (rng.normal(size=(7, 3)) * 1e-2,)),
        Probe("float32 at mean 1000", (offset(rng, (8, 5)),), rounding=True),
    ]


QUESTION = Question(
    name="batch_stats",
    points=1,
    level=1,
    reference=batch_stats,
    variant=_batch_stats_variant,
    returns=("mean", "var"),
    probes=_batch_stats_probes,
    examples=(
        Probe("three examples", (np.array([[1.0], [2.0], [6.0]]),)),
        Probe("two features", (np.array([[1.0, 10.0], [3.0, 14.0]]),)),
        Probe("small variances", (np.array([[0.0], [0.02]]),)),
        FAR_FROM_ZERO,
    ),
    misconceptions=(
        mistake("sample-variance", ddof=1),
        mistake("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        mistake("global-statistics", {"axis": None}),
        mistake("mean-not-subtracted", method="not-centred"),
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        mistake("std-not-variance", second="std"),
        mistake("sum-of-squares", second="sum"),
        mistake("swapped-outputs", order="var-mean"),
        mistake("eps-in-variance", {"plus": 1e-5}, {"plus": 1e-3}),
        mistake("mutates-input"),
    ),
    properties=(
        Property(
            "the variance is never negative",
            lambda args, value: None if np.all(np.asarray(value[1]) >= 0) else "var has a negative entry",
        ),
    ),
)
