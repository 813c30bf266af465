"""What several questions of lesson 02 share."""

import numpy as np

from bn_course.checks._forward import ONE_PASS, moments
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import far_from_zero, small

TABLE = {"n": (0,), "d": (1,), "all": (0, 1)}  # the axes of (N, D), by what they run over


def statistics(x, *, over="n", keepdims=False, second="var", plus=0.0, **k):
    """Mean and variance of each feature, with the knobs of their usual mistakes."""
    mean, var = moments(x, TABLE[over], **k)
    var = {"var": var, "std": np.sqrt(var), "sum": var * (x.size // mean.size)}[second] + plus
    return (mean, var) if keepdims else (np.squeeze(mean, TABLE[over]), np.squeeze(var, TABLE[over]))


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
