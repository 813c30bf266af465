"""Lesson 02: the mean and the variance of each feature over a batch."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Property, Question

from ._shared import STATISTICS, STATISTICS_EXAMPLES, statistics, tables


def batch_stats(x):
    mean, var = norms.statistics(x, axes=(0,))
    return mean[0], var[0]


def _variant(x, *, order=(0, 1), **k):
    given = statistics(x, **k)
    return tuple(given[i] for i in order)


QUESTION = Question(
    name="batch_stats",
    points=1,
    level=1,
    reference=batch_stats,
    variant=_variant,
    returns=("mean", "var"),
    probes=tables,
    examples=STATISTICS_EXAMPLES,
    misconceptions=(*STATISTICS, mistake("swapped-outputs", order=(1, 0)), mistake("mutates-input")),
    properties=(
        Property(
            "the variance is never negative",
            lambda args, value: None if np.all(np.asarray(value[1]) >= 0) else "var has a negative entry",
        ),
    ),
)
