"""What several questions of lesson 02 share."""

import numpy as np

from bn_course.checks._forward import ONE_PASS, moments
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import far_from_zero, offset, small
from bn_course.grading.question import Probe

TABLE = {"n": (0,), "d": (1,), "all": (0, 1)}  # the axes of (N, D), by what they run over


def statistics(x, *, over="n", keepdims=False, second="var", plus=0.0, result=None, **k):
    """Mean and variance of each feature, with the knobs of their usual mistakes."""
    mean, var = moments(x, TABLE[over], **k)
    var = {"var": var, "std": np.sqrt(var), "sum": var * (x.size // mean.size)}[second] + plus
    if result is not None:
        mean, var = mean.astype(result), var.astype(result)
    return (mean, var) if keepdims else (np.squeeze(mean, TABLE[over]), np.squeeze(var, TABLE[over]))


def tables(rng):
    """Batches (N, D) for the statistics of each feature."""
    return [
        Probe("six examples, four features", (rng.normal(2, 3, size=(6, 4)),)),
        Probe("two examples, three features", (rng.normal(size=(2, 3)),)),
        Probe("as many examples as features", (rng.normal(1, 2, size=(5, 5)),)),
        Probe("small variances", (rng.normal(size=(7, 3)) * 1e-2,)),
        Probe("after a call with other numbers", (rng.normal(2, 3, size=(6, 4)),), driver="after_another"),
        Probe("float32 at mean 1000", (offset(rng, 8, 5),), rounding=True),
    ]


STATISTICS = (
    mistake("sample-variance", ddof=1),
    mistake("square-of-sum", method="square-of-sum"),
    mistake("wrong-axis", {"over": "d"}, {"over": "d", "keepdims": True}),
    mistake("global-statistics", over="all"),
    mistake("mean-not-subtracted", method="not-centred"),
    ONE_PASS,
    mistake("std-not-variance", second="std"),
    mistake("sum-of-squares", second="sum"),
    mistake("eps-in-variance", {"plus": 1e-5}, {"plus": 1e-3}),
)

STATISTICS_EXAMPLES = (
    small([[1], [2], [6]], label="three examples"),
    small([[1, 10], [3, 14]], label="two features"),
    small([[0], [0.02]], label="small variances"),
    far_from_zero([[8192], [8193], [8194]]),
)
