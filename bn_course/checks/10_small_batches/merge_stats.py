"""Lesson 10, merge_stats."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


def merge_stats(means, variances, counts):
    """Of the union: mean Σ nm/Σn, variance Σ n (v + (m − mean)²)/Σn."""
    weights = (counts / counts.sum())[:, None]
    mean = (weights * means).sum(axis=0)
    return mean, (weights * (variances + (means - mean) ** 2)).sum(axis=0)


def _merge_variant(
    means,
    variances,
    counts,
    *,
    mean_weights="counts",
    var_weights="counts",
    between="counts",
    correction="none",
    spread="variance",
    weigh="workers",
    order="mean-var",
):
    n = counts.astype(means.dtype)
    column = n[None, :] if weigh == "features" else n[:, None]
    counted, equal = column / n.sum(), np.full((len(n), 1), 1 / len(n), means.dtype)
    fewer = (column - 1) / max((column - 1).sum(), 1)
    choose = {"counts": counted, "equal": equal, "counts less one": fewer}
    mean = (choose[mean_weights] * means).sum(axis=0)
    inside = np.sqrt(variances) if spread == "deviation" else variances
    inside = inside * (column - 1) / column if correction in ("given", "both") else inside
    within = (choose[var_weights] * inside).sum(axis=0)
    within = within**2 if spread == "deviation" else within
    var = within + _between(means, mean, counted, equal, between)
    if correction in ("result", "both"):
        var = var * n.sum() / (n.sum() - 1)
    return (mean, var) if order == "mean-var" else (var, mean)


def _between(means, mean, counted, equal, between):
    """What the distances of the shards' means add to the variance."""
    if between == "none":
        return 0.0
    if between == "equal":
        return (equal * (means - (equal * means).sum(axis=0)) ** 2).sum(axis=0)
    if between == "one-pass":
        return (counted * means * means).sum(axis=0) - mean * mean
    distance = abs(means - mean)
    return (counted * (distance if between == "unsquared" else distance**2)).sum(axis=0)


def _merge_probes(rng):
    def parts(counts, d, offset=0.0, scale=1.0):
        k = len(counts)
        means = offset + scale * rng.normal(0, 2, (k, d))
        return means, scale**2 * rng.uniform(0.5, 3.0, (k, d)), np.array(counts)

    at_offset = parts([40, 7, 90], 24, 1e3)
    single = (at_offset[0].astype(np.float32), at_offset[1].astype(np.float32), at_offset[2])
    return [
        Probe("3 workers with 2, 7 and 4 examples of 4 features", parts([2, 7, 4], 4)),
        Probe("2 workers, 5 features", parts([3, 11], 5)),
        Probe("as many workers as features", parts([2, 9, 5], 3)),
        Probe("a worker with one example", parts([1, 6, 3], 4)),
        Probe("float64, to ten digits", parts([2, 7, 4], 4), rtol=1e-9, atol=1e-10),
        Probe("equal counts", parts([6, 6, 6, 6], 3)),
        Probe("small numbers", parts([2, 8], 3, scale=1e-3), atol=1e-10),
        Probe("float32 at a mean of 1000", single, rounding=True),
    ]


def _merge_example(label, means, variances, counts, **options):
    dtype = np.float32 if options.get("rounding") else float
    arrays = np.array(means, dtype), np.array(variances, dtype), np.array(counts)
    return Probe(label, arrays, **options)


_MERGE_EXAMPLES = (
    _merge_example("two workers, one feature", [[0.0], [4.0]], [[1.0], [9.0]], [1, 3]),
    _merge_example("equal counts", [[0.0], [6.0]], [[4.0], [4.0]], [2, 2]),
    _merge_example("two workers, two features", [[0, 2], [4, 4]], [[1, 0], [4, 9]], [1, 3]),
    _merge_example("small numbers", [[0.0], [0.004]], [[1e-6], [4e-6]], [1, 3], atol=1e-10),
    _merge_example("float32 far from zero", [[8193], [8195]], [[1], [1]], [1, 2], rounding=True),
)


def _not_below_the_smallest(args, value):
    variances, var = np.asarray(args[1], float), np.asarray(value[1], float).reshape(-1)
    if (var < variances.min(axis=0) * (1 - 1e-6)).any():
        return "the union's variance is below that of every part"
    return None


QUESTION = Question(
    name="merge_stats",
    points=2,
    version=2,
    level=2,
    reference=merge_stats,
    variant=_merge_variant,
    returns=("the mean", "the variance"),
    probes=_merge_probes,
    examples=_MERGE_EXAMPLES,
    properties=(Property("at least the smallest variance", _not_below_the_smallest),),
    misconceptions=(
        mistake(
            "counts-ignored",
            {"mean_weights": "equal", "var_weights": "equal", "between": "equal"},
            {"mean_weights": "equal", "var_weights": "equal"},
            {"mean_weights": "equal"},
            {"var_weights": "equal"},
        ),
        mistake("spread-of-means-forgotten", between="none"),
        mistake("spread-of-means-not-weighted", between="equal"),
        mistake("distance-not-squared", between="unsquared"),
        mistake("sample-variance", {"correction": "given"}, {"correction": "result"}, {"correction": "both"}),
        mistake(
            "pooled-variance",
            {"var_weights": "counts less one", "between": "none"},
            {"var_weights": "counts less one"},
        ),
        mistake("averages-deviations", spread="deviation"),
        mistake("counts-along-features", weigh="features"),
        mistake("swapped-outputs", order="var-mean"),
        mistake("one-pass-variance", between="one-pass", rounding=True),
        mistake("mutates-input"),
    ),
)
