"""Lesson 04: Move the running mean and the running variance a step towards those of a training batch."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import update_variant


# --- update_running_stats ---------------------------------------------------------------------
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
        Probe("small numbers", (*old(4, 1e-3), batch(6, 4, 1e-3), 0.6), atol=1e-10),
        Probe("float32 at a mean of 1000", (*at_offset, offset, 0.9), rounding=True),
    ]


_UPDATE_EXAMPLES = (
    Probe(
        "two numbers of one feature",
        (np.array([0.0]), np.array([1.0]), np.array([[2.0], [6.0]]), 0.25),
    ),
    Probe(
        "three examples of two features",
        (np.array([4.0, -2.0]), np.array([4.0, 9.0]), np.array([[0.0, 1], [2, 5], [4, 3]]), 0.1),
    ),
    Probe(
        "as many examples as features",
        (np.array([1.0, 2.0]), np.array([1.0, 4.0]), np.array([[0.0, 3], [4, 1]]), 0.5),
    ),
    Probe(
        "small numbers, momentum 1",
        (np.array([0.0]), np.array([1e-6]), np.array([[0.001], [0.003]]), 1.0),
        atol=1e-10,
    ),
    Probe(
        "float32 far from zero",
        (np.float32([8193]), np.float32([1]), np.float32([[8192], [8193], [8194]]), 0.5),
        rounding=True,
    ),
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
    points=2,
    level=1,
    task="Move the running mean and the running variance a step towards those of a training batch.",
    ask=(
        "The running mean is 0, momentum 0.1, and a batch of mean 10 comes. Where is it now? After a thousand such batches?",
        "At 1, then at 10. At 9 the two weights are exchanged; beyond 10 the old value is not shrunk.",
    ),
    reference=update_running_stats,
    variant=update_variant,
    returns=("the running mean", "the running variance"),
    probes=_update_probes,
    examples=_UPDATE_EXAMPLES,
    properties=(Property("between old and new", _between_old_and_batch),),
    misconceptions=(
        known("population-running-var", correction="population"),
        own(
            "correction-upside-down",
            "You multiply the batch's variance by (N − 1)/N.",
            "A batch's variance ÷N is too small on average, because it is taken around the batch's own mean. "
            "The correction makes it larger: N/(N − 1).",
            correction="inverse",
        ),
        own(
            "corrects-old-value-too",
            "You apply N/(N − 1) to the old running variance as well.",
            "The old value has had its correction. Corrected again at every step, it grows without end. "
            "Correct the batch's variance, then average.",
            correction="everything",
        ),
        known("momentum-flipped", weight="old"),
        known("running-replaced", weight="replaced"),
        own(
            "old-not-shrunk",
            "You add momentum · batch to the old value without shrinking it.",
            "The two weights must sum to 1, or the estimate grows at every step: "
            "new = (1 − momentum)·old + momentum·batch.",
            weight="added",
        ),
        own(
            "momentum-hard-coded",
            "You use 0.1 whatever momentum is.",
            "0.1 is the default of the argument; the caller may give another value.",
            weight="always-0.1",
        ),
        known("running-std", {"spread": "std"}, {"spread": "roots"}),
        known("mean-only", update="mean"),
        known("var-only", update="var"),
        own(
            "wrong-axis",
            "You take the statistics of each example, over its features.",
            "A running statistic belongs to a feature: it is taken over the examples, axis 0 of (N, D).",
            {"axis": 1},
            {"axis": 1, "keepdims": True},
        ),
        known("global-statistics", axis=None),
        own(
            "variance-about-running-mean",
            "You measure the batch's variance around the running mean.",
            "The spread of a batch is taken around its own mean. Around another centre it also counts the "
            "distance between the two, squared.",
            {"centre": "old"},
            {"centre": "new"},
        ),
        known("eps-in-running-var", eps=1e-5),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order is (running_mean, running_var).",
            order="var-mean",
        ),
        known("one-pass-variance", one_pass=True, rounding=True),
        known("mutates-input"),
    ),
    hints=(
        "Two averages, each of an old value and a new one. What do the two weights sum to, and which of "
        "them is called momentum here?",
        "new = (1 − momentum)·old + momentum·batch, once for the mean and once for the variance. The "
        "statistics are taken over the examples, axis 0.",
        "The running variance estimates that of the population: ÷(N − 1), which is `x.var(axis=0, ddof=1)`.",
        "`(1 - momentum) * running_mean + momentum * x.mean(axis=0)`, and the same with `running_var` and "
        "`x.var(axis=0, ddof=1)`. Return both, the mean first.",
    ),
)
