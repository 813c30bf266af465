"""Lesson 02: the mean and the variance of each feature over a batch."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import SINGLE
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import to_ten_digits
from bn_course.grading.question import Probe, Property, Question

from ._shared import STATISTICS, STATISTICS_EXAMPLES, statistics, tables


def batch_stats(x):
    mean, var = norms.statistics(x, axes=(0,))
    return mean[0], var[0]


def _variant(x, *, order=(0, 1), **k):
    given = statistics(x, **k)
    return tuple(given[i] for i in order)


def _probes(rng):
    return [
        *tables(rng),
        Probe("float64, to ten digits", (rng.normal(2, 3, size=(6, 4)),), rtol=1e-9, atol=1e-10),
    ]


QUESTION = Question(
    name="batch_stats",
    version=2,
    points=1,
    level=1,
    reference=batch_stats,
    variant=_variant,
    returns=("mean", "var"),
    probes=_probes,
    examples=(*STATISTICS_EXAMPLES, to_ten_digits([[0], [1], [3]])),
    misconceptions=(*STATISTICS, SINGLE, mistake("swapped-outputs", order=(1, 0)), mistake("mutates-input")),
    properties=(
        Property(
            "the variance is never negative",
            lambda args, value: None if np.all(np.asarray(value[1]) >= 0) else "var has a negative entry",
        ),
    ),
)
