"""Lesson 02: the variance of each feature, right in float32 far from zero."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import offset
from bn_course.grading.question import Probe, Property, Question

from ._shared import STATISTICS, STATISTICS_EXAMPLES, statistics, tables


def stable_variance(x):
    return norms.statistics(x, axes=(0,))[1][0]


def _variant(x, **k):
    return statistics(x, **k)[1]


def _probes(rng):
    return [
        *tables(rng),
        Probe("float32 at mean 10 000, few examples", (offset(rng, 6, 4, mean=1e4),), rounding=True),
        Probe(
            "float32 at mean 10 000, 2000 examples",
            (offset(rng, 2000, 3, mean=1e4),),
            rounding=True,
            rtol=1e-3,
            atol=1e-4,
        ),
    ]


QUESTION = Question(
    name="stable_variance",
    points=2,
    level=3,
    reference=stable_variance,
    variant=_variant,
    returns=("var",),
    probes=_probes,
    examples=STATISTICS_EXAMPLES,
    misconceptions=(*STATISTICS, mistake("mutates-input")),
    properties=(
        Property(
            "it is never negative",
            lambda args, var: None if np.all(np.asarray(var) >= 0) else "a variance is negative",
        ),
    ),
)
