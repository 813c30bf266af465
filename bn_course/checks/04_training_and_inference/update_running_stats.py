"""Lesson 04: Move the running mean and the running variance a step towards those of a training batch."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import far_from_zero, small
from bn_course.grading.question import Probe, Property, Question

from ._running import RUNNING_MISTAKES, update_variant


def update_running_stats(running_mean, running_var, x, momentum=0.1):
    """new = (1 − momentum) · old + momentum · batch; the variance of the batch is ÷(N − 1)."""
    return norms.update_running_stats(running_mean, running_var, x, momentum)


def _update_probes(rng):
    def batch(n, d, scale=1.0):
        return rng.normal(rng.normal(size=d), rng.uniform(0.5, 2.0, d), (n, d)) * scale

    def old(d, scale=1.0):
        return rng.normal(size=d) * scale, rng.uniform(0.5, 3.0, d) * scale**2

    offset = (rng.normal(1e3, 1.0, (40, 24))).astype(np.float32)
    at_offset = (rng.normal(1e3, 1.0, 24).astype(np.float32), np.ones(24, np.float32))
    return [
        Probe("6 examples of 4 features", (*old(4), batch(6, 4), 0.3)),
        Probe("momentum left at its default", (*old(3), batch(7, 3))),
        Probe("as many examples as features", (*old(5), batch(5, 5), 0.2)),
        Probe("a batch of two, momentum 0.9", (*old(3), batch(2, 3), 0.9)),
        Probe("momentum 0", (*old(3), batch(4, 3), 0.0)),
        Probe("after a call with other numbers", (*old(3), batch(4, 3), 0.2), driver="after_another"),
        Probe("small numbers", (*old(4, 1e-3), batch(6, 4, 1e-3), 0.6), atol=1e-10),
        Probe("float32 at a mean of 1000", (*at_offset, offset, 0.9), rounding=True),
    ]


_UPDATE_EXAMPLES = (
    small([0], [1], [[2], [6]], 0.25, label="two numbers of one feature"),
    Probe("momentum 0", (np.zeros(1), np.ones(1), np.array([[2.0], [6.0]]), 0.0)),
    small([4, -2], [4, 9], [[0, 1], [2, 5], [4, 3]], 0.1, label="three examples of two features"),
    small([1, 2], [1, 4], [[0, 3], [4, 1]], 0.5, label="as many examples as features"),
    small([0], [1e-6], [[0.001], [0.003]], 1.0, label="small numbers, momentum 1", atol=1e-10),
    far_from_zero([8193], [1], [[8192], [8193], [8194]], 0.5),
)


def _between_old_and_batch(args, value):
    old, x = np.asarray(args[0], float), np.asarray(args[2], float)
    new, mean = np.asarray(value[0], float).reshape(-1), x.mean(axis=0)
    low, high = np.minimum(old, mean), np.maximum(old, mean)
    outside = (new < low - 1e-6) | (new > high + 1e-6)
    if not outside.any():
        return None
    return "a running mean does not lie between its old value and the mean of the batch"


QUESTION = Question(
    name="update_running_stats",
    version=2,
    points=2,
    level=1,
    reference=update_running_stats,
    variant=update_variant,
    returns=("the running mean", "the running variance"),
    probes=_update_probes,
    examples=_UPDATE_EXAMPLES,
    properties=(Property("between old and new", _between_old_and_batch),),
    misconceptions=(
        *RUNNING_MISTAKES,
        mistake("correction-upside-down", correction="inverse"),
        mistake("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": True}),
        mistake("global-statistics", axis=None),
        mistake("variance-about-running-mean", {"centre": "old"}, {"centre": "new"}),
        mistake("eps-in-running-var", eps=1e-5),
        mistake("swapped-outputs", order="var-mean"),
        mistake("one-pass-variance", one_pass=True, rounding=True),
        mistake("mutates-input"),
    ),
)
