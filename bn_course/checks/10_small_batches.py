"""Lesson 10: statistics of a union, split batches, batch renormalisation, recalibration."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import scaled_and_shifted
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

_NOT_GIVEN = None


def _eps_used(eps, eps_from):
    """`eps` as the answer takes it; _NOT_GIVEN where the caller leaves it at its default."""
    default = 1e-3 if eps_from == "keras" else 1e-5
    return default if eps is _NOT_GIVEN or eps_from == "hard-coded" else eps


def _root(var, eps, eps_place):
    if eps_place == "outside":
        return np.sqrt(var) + eps
    return np.sqrt(var + (eps if eps_place == "inside" else 0.0))


# --- merge_stats ------------------------------------------------------------------------------


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
    choose = {"counts": counted, "equal": equal}
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


_MERGE = Question(
    name="merge_stats",
    points=2,
    level=2,
    task="Mean and variance of the union of several shards, from each shard's mean, variance and count.",
    ask=(
        "Shard one holds 0, 0 and shard two 10, 10. Each has variance 0. And their union?",
        "25, all of it between the shards: the mean of the variances plus the variance of the means, both weighted by the counts.",
    ),
    reference=merge_stats,
    variant=_merge_variant,
    returns=("the mean", "the variance"),
    probes=_merge_probes,
    examples=_MERGE_EXAMPLES,
    properties=(Property("at least the smallest variance", _not_below_the_smallest),),
    misconceptions=(
        own(
            "counts-ignored",
            "You give every shard the same weight.",
            "A shard of seven examples speaks for seven: each mean and each variance is weighted with its count.",
            {"mean_weights": "equal", "var_weights": "equal", "between": "equal"},
            {"mean_weights": "equal"},
            {"var_weights": "equal"},
        ),
        own(
            "spread-of-means-forgotten",
            "You average the variances and leave out how far the shards' means lie apart.",
            "Each variance is around its own shard's mean. Around the common mean every shard has its squared "
            "distance from it on top: n (v + (m − mean)²).",
            between="none",
        ),
        own(
            "spread-of-means-not-weighted",
            "You take the plain variance of the means, without the counts.",
            "The squared distances of the means from the common mean are weighted with the counts too.",
            between="equal",
        ),
        own(
            "distance-not-squared",
            "You add the distance of the means, not its square.",
            "A variance has the units of x squared; so must all that is added to it.",
            between="unsquared",
        ),
        own(
            "sample-variance",
            "You use N − 1, for the variances that are given, for the one you return, or for both.",
            "Here all of them are the population's, ÷N: what a batch is normalised with.",
            {"correction": "given"},
            {"correction": "result"},
            {"correction": "both"},
        ),
        own(
            "averages-deviations",
            "You average standard deviations and square the result.",
            "Sums of squares add up; deviations do not. Average the variances.",
            spread="deviation",
        ),
        own(
            "counts-along-features",
            "Your counts run along the features.",
            "NumPy lines up the last axes, and means is (K, D). Make the counts a column: `counts[:, None]`.",
            weigh="features",
        ),
        own(
            "swapped-outputs",
            "You return the variance first.",
            "The order asked for is (mean, var).",
            order="var-mean",
        ),
        known("one-pass-variance", between="one-pass", rounding=True),
        known("mutates-input"),
    ),
    hints=(
        "What would you need of each shard to find the sum of all numbers? And to find the sum of their squared "
        "distances from the common mean?",
        "The mean is Σ n·m / Σ n. For the variance: the numbers of one shard lie around their own m with variance "
        "v; how do they lie around another point?",
        "Around a point c, the mean squared distance of a shard is v + (m − c)². Take c to be the common mean, and "
        "average over the shards with the counts as weights.",
        "`w = counts[:, None] / counts.sum()`, `mean = (w * means).sum(0)`, "
        "`var = (w * (variances + (means - mean) ** 2)).sum(0)`.",
    ),
)


# --- sync_batch_norm --------------------------------------------------------------------------


def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    """Batch norm of all shards together, given back shard by shard."""
    y = norms.batch_norm(np.concatenate(shards), gamma, beta, eps)
    return np.split(y, np.cumsum([len(shard) for shard in shards])[:-1])


def _sync_variant(
    shards,
    gamma,
    beta,
    eps=_NOT_GIVEN,
    *,
    mean_of="all",
    var_of="all",
    weights="counts",
    between=True,
    ddof=0,
    one_pass=False,
    eps_place="inside",
    eps_from="argument",
    divide_by="deviation",
    gamma_use="all",
    beta_use=True,
    affine="after",
):
    eps = _eps_used(eps, eps_from)
    n = np.array([len(shard) for shard in shards], float)
    w = (n / n.sum() if weights == "counts" else np.full(len(n), 1 / len(n)))[:, None]
    means = np.stack([shard.mean(axis=0) for shard in shards])
    variances = np.stack([shard.var(axis=0) for shard in shards])
    mean = (w * means).sum(axis=0)
    var = (w * (variances + between * (means - mean) ** 2)).sum(axis=0)
    if one_pass:
        var = sum((s * s).sum(axis=0) for s in shards) / n.sum() - mean * mean
    var = var * n.sum() / (n.sum() - ddof)
    if affine == "before":
        shards = [scaled_and_shifted(shard, gamma, beta, gamma_use, beta_use, "after") for shard in shards]
    ys = []
    for k, shard in enumerate(shards):
        m = {"all": mean, "local": means[k], "first": means[0]}[mean_of]
        v = {"all": var, "local": variances[k], "first": variances[0]}[var_of]
        divisor = {"deviation": _root(v, eps, eps_place), "variance": v + eps, "nothing": 1.0}[divide_by]
        x_hat = (shard - m) / divisor
        ys.append(
            x_hat
            if affine == "before"
            else scaled_and_shifted(x_hat, gamma, beta, gamma_use, beta_use, affine)
        )
    return ys


def _sync_probe(label, shards, gamma, beta, *eps, **options):
    names = tuple(f"shard {k}" for k in range(len(shards)))
    return Probe(label, (list(shards), gamma, beta, *eps), returns=names, **options)


def _sync_probes(rng):
    def shards(sizes, d, scale=1.0):
        """Shards that differ in mean and spread, as shards of unlike data do."""
        return [scale * (rng.normal(0, 2, d) + rng.uniform(0.5, 3) * rng.normal(size=(n, d))) for n in sizes]

    def vectors(d):
        return signs(rng, d), rng.normal(size=d)

    offset = [(1e3 + shard).astype(np.float32) for shard in shards([5, 12, 3], 6)]
    at_offset = [v.astype(np.float32) for v in vectors(6)]
    return [
        _sync_probe("3 shards of 3, 6 and 2 examples, ε = 0.1", shards([3, 6, 2], 4), *vectors(4), 0.1),
        _sync_probe("a shard of one example", shards([1, 5], 3), *vectors(3), 0.01),
        _sync_probe("equal shards", shards([4, 4, 4], 5), *vectors(5), 0.1),
        _sync_probe("small variances, ε left at its default", shards([2, 5], 3, 3e-3), *vectors(3)),
        _sync_probe("float32 at a mean of 1000", offset, *at_offset, rounding=True),
    ]


def _sync_example(label, shards, gamma, beta, *eps, dtype=float, **options):
    shards = [np.array(shard, dtype) for shard in shards]
    return _sync_probe(label, shards, np.array(gamma, dtype), np.array(beta, dtype), *eps, **options)


_SYNC_EXAMPLES = (
    _sync_example("two shards of one feature", [[[0.0]], [[4.0], [5.0]]], [1], [0], 0.0),
    _sync_example("equal shards", [[[0.0], [2.0]], [[4.0], [6.0]]], [1], [0], 0.0),
    _sync_example("with γ, β and ε", [[[0.0]], [[4.0], [5.0]]], [2], [1], 4.0),
    _sync_example("two features", [[[0.0, 1]], [[4, 1], [5, 4]]], [2, -3], [1, 5], 1.0),
    _sync_example("ε left at its default", [[[0.0]], [[0.004], [0.002]]], [1], [0]),
    _sync_example(
        "float32 far from zero", [[[8192]], [[8193], [8194]]], [1], [0], dtype=np.float32, rounding=True
    ),
)


def _mean_of_all_is_beta(args, value):
    beta, y = np.asarray(args[2], float), np.concatenate([np.asarray(v, float) for v in value])
    if not np.allclose(y.mean(axis=0), beta, atol=1e-6 * max(1.0, abs(y).max())):
        return "the outputs of all shards together do not have mean β"
    return None


_SYNC = Question(
    name="sync_batch_norm",
    points=3,
    level=2,
    task="Batch norm of a batch that is spread over several workers, as if it were in one place.",
    ask=(
        "Cut one batch into two halves, then into 5 and 1. By how much may the outputs differ?",
        "By rounding. Where halves agree and 5 and 1 do not, the counts are missing; where neither does, the distance between the means is.",
    ),
    reference=sync_batch_norm,
    variant=_sync_variant,
    returns=("y",),
    probes=_sync_probes,
    examples=_SYNC_EXAMPLES,
    properties=(Property("mean β over all shards", _mean_of_all_is_beta),),
    misconceptions=(
        own(
            "local-statistics",
            "You normalise each shard with its own statistics.",
            "That is what ordinary batch norm does on several workers: the batch that counts is then a shard. "
            "Synchronised statistics are those of all shards together.",
            {"mean_of": "local", "var_of": "local"},
            {"mean_of": "local"},
            {"var_of": "local"},
        ),
        own(
            "first-shard-statistics",
            "You normalise all shards with the statistics of the first.",
            "The batch is all shards together; the first is a sample of it.",
            mean_of="first",
            var_of="first",
        ),
        own(
            "counts-ignored",
            "You give every shard the same weight.",
            "Shards may be unequal, the last one of an epoch usually is. Each counts with its number of examples.",
            weights="equal",
        ),
        own(
            "spread-of-means-forgotten",
            "You average the shards' variances and leave out how far their means lie apart.",
            "The variance is around the common mean: every shard has its squared distance from it on top.",
            between=False,
        ),
        known("sample-variance", ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        known("eps-hard-coded", eps_from="hard-coded"),
        known("other-default-eps", eps_from="keras"),
        known("divides-by-variance", divide_by="variance"),
        known("only-centred", divide_by="nothing"),
        known("gamma-ignored", gamma_use="none"),
        known("scalar-gamma", gamma_use="first"),
        known("beta-ignored", beta_use=False),
        known("gamma-after-shift", affine="shift-first"),
        known("affine-before", affine="before"),
        known("one-pass-variance", one_pass=True, rounding=True),
        known("mutates-input"),
    ),
    hints=(
        "What would the layer do if all shards were in one array? Which of its numbers must the workers exchange?",
        "Σx and n from every worker give the mean. With the mean, every worker can add up (x − mean)² over its "
        "shard: that is the second exchange.",
        "With `merge_stats` one exchange is enough: each shard's mean, variance (÷ its own N) and count.",
        "`x = np.concatenate(shards)`, normalise x, and cut it again with "
        "`np.split(y, np.cumsum([len(s) for s in shards])[:-1])`.",
    ),
)


# --- batch_renorm_forward ---------------------------------------------------------------------


def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    """y = γ (x̂ r + d) + β; r and d lead from the batch's statistics to the running ones, within bounds."""
    mean, var = norms.statistics(x, (0,))
    std, running_std = np.sqrt(var + eps), np.sqrt(running_var + eps)
    r = np.clip(std / running_std, 1 / r_max, r_max)
    d = np.clip((mean - running_mean) / running_std, -d_max, d_max)
    return gamma * ((x - mean) / std * r + d) + beta


def _renorm_variant(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    r_max,
    d_max,
    eps=_NOT_GIVEN,
    *,
    r_use="clipped",
    r_of="deviations",
    d_use="clipped",
    d_sign=1,
    d_over="running",
    combine="scale-first",
    ddof=0,
    one_pass=False,
    eps_place="inside",
    eps_running=True,
    eps_from="argument",
    gamma_use="all",
    beta_use=True,
    affine="after",
):
    eps = _eps_used(eps, eps_from)
    mean = x.mean(axis=0)
    var = (x * x).mean(axis=0) - mean * mean if one_pass else x.var(axis=0, ddof=ddof)
    std = _root(var, eps, eps_place)
    running_std = _root(running_var, eps if eps_running else 0.0, eps_place)
    ratio = std / running_std
    ratio = {"deviations": ratio, "variances": ratio**2, "inverse": 1 / ratio}[r_of]
    r = {
        "clipped": np.clip(ratio, 1 / r_max, r_max),
        "above": np.minimum(ratio, r_max),
        "below": np.maximum(ratio, 1 / r_max),
        "free": ratio,
        "none": np.ones_like(ratio),
    }[r_use]
    shift = d_sign * (mean - running_mean) / {"running": running_std, "batch": std, "nothing": 1.0}[d_over]
    d = {
        "clipped": np.clip(shift, -d_max, d_max),
        "above": np.minimum(shift, d_max),
        "free": shift,
        "none": np.zeros_like(shift),
    }[d_use]
    x_hat = (x - mean) / std
    corrected = x_hat * r + d if combine == "scale-first" else (x_hat + d) * r
    return scaled_and_shifted(corrected, gamma, beta, gamma_use, beta_use, affine)


def _renorm_probes(rng):
    def args(n, d, r_max, d_max, eps, scale=1.0):
        x = scale * (rng.normal(size=d) + rng.uniform(0.5, 2.0, d) * rng.normal(size=(n, d)))
        mean, var = x.mean(axis=0), x.var(axis=0)
        # ratios of deviations and shifts on both sides of the bounds, and within them
        ratio = np.array([0.4, 3.0, 1.1, 0.9, 0.3, 4.0, 1.2, 0.8])[:d] * rng.uniform(0.95, 1.05, d)
        shift = np.array([0.1, -0.2, 1.5, -1.8, 1.2, -1.1, 0.25, -0.3])[:d] * rng.uniform(0.9, 1.1, d)
        running_var = var / ratio**2
        running_mean = mean - shift * np.sqrt(running_var)
        head = (x, signs(rng, d), rng.normal(size=d), running_mean, running_var, r_max, d_max)
        return head if eps is None else (*head, eps)

    offset = args(6, 8, 1.5, 0.6, None)
    single = [a.astype(np.float32) for a in offset[:5]]
    single[0], single[3] = single[0] + np.float32(1e3), single[3] + np.float32(1e3)
    return [
        Probe("6 examples of 8 features, ε = 0.1", args(6, 8, 1.5, 0.6, 0.1)),
        Probe("r_max = 1 and d_max = 0, which is batch norm", args(5, 4, 1.0, 0.0, 0.1)),
        Probe("bounds that are never reached", args(6, 4, 30.0, 50.0, 0.1)),
        Probe("as many examples as features", args(8, 8, 1.3, 0.4, 0.01)),
        Probe("small variances, ε left at its default", args(6, 8, 1.5, 0.6, None, scale=4e-3)),
        Probe("float32 at a mean of 1000", (*single, 1.5, 0.6), rounding=True),
    ]


def _renorm_example(label, x, gamma, beta, mean, var, *numbers, dtype=float, **options):
    arrays = (np.array(a, dtype) for a in (x, gamma, beta, mean, var))
    return Probe(label, (*arrays, *numbers), **options)


_RENORM_EXAMPLES = (
    _renorm_example("two numbers, within the bounds", [[2.0], [6.0]], [1], [0], [3], [1], 3.0, 5.0, 0.0),
    _renorm_example("r clipped above, d above", [[2.0], [10.0]], [1], [0], [0], [1], 2.0, 3.0, 0.0),
    _renorm_example("r clipped below, d below", [[2.0], [4.0]], [1], [0], [60], [16], 2.0, 3.0, 0.0),
    _renorm_example("with γ, β and ε", [[2.0], [6.0]], [2], [1], [3], [5], 3.0, 5.0, 4.0),
    _renorm_example("two features", [[2.0, 1], [6, 3]], [2, -3], [1, 5], [3, 4], [5, 12], 1.2, 0.4, 4.0),
    _renorm_example("ε left at its default", [[0.0], [0.004]], [1], [0], [0.001], [1e-6], 3.0, 5.0),
    _renorm_example(
        "float32 far from zero",
        [[8192], [8193], [8194]],
        [1],
        [0],
        [8193],
        [1],
        3.0,
        5.0,
        dtype=np.float32,
        rounding=True,
    ),
)


_RENORM = Question(
    name="batch_renorm_forward",
    points=3,
    level=2,
    task="Batch norm whose training output is, within bounds, that of inference.",
    ask=(
        "Set r_max = 1 and d_max = 0: which norm is that? And when both are very large?",
        "Batch norm. Then r and d are free, and the output is inference's, (x − running mean)/√(running variance + ε).",
    ),
    reference=batch_renorm_forward,
    variant=_renorm_variant,
    returns=("y",),
    probes=_renorm_probes,
    examples=_RENORM_EXAMPLES,
    misconceptions=(
        own(
            "r-not-clipped-below",
            "You bound r from above alone.",
            "The ratio must not be too small either: r stays within [1/r_max, r_max].",
            r_use="above",
        ),
        own(
            "r-not-clipped-above",
            "You bound r from below alone.",
            "r stays within [1/r_max, r_max].",
            r_use="below",
        ),
        own(
            "r-not-clipped",
            "You do not bound r.",
            "Without bounds the layer is inference in training: batch statistics no longer hold the network. "
            "r stays within [1/r_max, r_max].",
            r_use="free",
        ),
        own(
            "r-ignored",
            "r has no effect in your answer.",
            "r = σ_batch/σ_running takes the output from the batch's scale to the running one.",
            r_use="none",
        ),
        own(
            "r-upside-down",
            "Your r is running deviation over batch deviation.",
            "x̂ was divided by the batch's deviation. To have it divided by the running one instead, multiply by "
            "batch/running.",
            r_of="inverse",
        ),
        own(
            "r-of-variances",
            "Your r is a ratio of variances.",
            "x̂ was divided by a deviation; r is the ratio of two deviations, so take the square roots.",
            r_of="variances",
        ),
        own(
            "d-not-clipped",
            "You do not bound d.",
            "d stays within [−d_max, d_max].",
            d_use="free",
        ),
        own(
            "d-clipped-on-one-side",
            "You bound d from above alone.",
            "The batch's mean may lie below the running mean as well: d stays within [−d_max, d_max].",
            d_use="above",
        ),
        own(
            "d-ignored",
            "d has no effect in your answer.",
            "d = (μ − running_mean)/√(running_var + ε) puts back the distance that subtracting μ took away.",
            d_use="none",
        ),
        own(
            "d-sign",
            "Your d has the wrong sign.",
            "x − running_mean = (x − μ) + (μ − running_mean): the second part is what d stands for.",
            d_sign=-1,
        ),
        own(
            "d-over-batch-deviation",
            "You divide d by the batch's deviation.",
            "At inference everything is divided by the running deviation; so is d.",
            d_over="batch",
        ),
        own(
            "d-not-scaled",
            "You do not divide d by a deviation.",
            "d is in units of the running deviation, as x̂·r is.",
            d_over="nothing",
        ),
        own(
            "d-inside-r",
            "You compute (x̂ + d)·r.",
            "d is in units of the running deviation already: x̂·r + d.",
            combine="shift-first",
        ),
        known("sample-variance", ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-in-one-root",
            "You leave ε out of the root of the running variance.",
            "Inference divides by √(running_var + ε), and r and d lead there.",
            eps_running=False,
        ),
        known("eps-hard-coded", eps_from="hard-coded"),
        known("other-default-eps", eps_from="keras"),
        known("gamma-ignored", gamma_use="none"),
        known("scalar-gamma", gamma_use="first"),
        known("beta-ignored", beta_use=False),
        known("gamma-after-shift", affine="shift-first"),
        known("one-pass-variance", one_pass=True, rounding=True),
        known("mutates-input"),
    ),
    hints=(
        "Write inference's x̂, (x − running_mean)/√(running_var + ε), in terms of the batch's x̂. You need to "
        "multiply by one number and add another.",
        "r = √(σ² + ε)/√(running_var + ε) and d = (μ − running_mean)/√(running_var + ε). Then x̂·r + d is what "
        "inference gives.",
        "Now bound both: r to [1/r_max, r_max], d to [−d_max, d_max]. `np.clip(value, low, high)` does it.",
        "`gamma * ((x - mean) / std * r + d) + beta`, where mean and var (÷N) are the batch's.",
    ),
)


# --- recalibrate ------------------------------------------------------------------------------


def recalibrate(model, batches):
    """Measure every batch norm's statistics anew, over all batches together."""
    from bn_course.nets.recalibrate import recalibrate

    recalibrate(model, batches)


def _recalibrate_variant(
    model,
    batches,
    *,
    accumulate="union",
    correction="none",
    kept="variance",
    below="batch",
    dropout=False,
    modes="kept",
    momentum="kept",
    reset=False,
    layers="all",
):
    import torch

    norm_layers = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    before = {module: module.training for module in model.modules()}
    old = {norm: (norm.running_mean.clone(), norm.running_var.clone()) for norm in norm_layers}
    seen = {norm: [] for norm in norm_layers}

    def look(norm, x):
        values = x[0].transpose(0, 1).flatten(1)
        n = values.shape[1]
        seen[norm].append((n, values.mean(1), values.var(1, correction=0)))

    hooks = [norm.register_forward_pre_hook(look) for norm in norm_layers]
    model.train(dropout)
    for norm in norm_layers:
        norm.train(below == "batch")
    with torch.no_grad():
        for batch in batches:
            model(batch)
        for hook in hooks:
            hook.remove()
        for norm in norm_layers:
            mean, var = _accumulated(seen[norm], old[norm], norm.momentum, accumulate, correction)
            skipped = layers == "first" and norm is not norm_layers[0]
            norm.running_mean.copy_(old[norm][0] if skipped else mean)
            norm.running_var.copy_(old[norm][1] if skipped else var.sqrt() if kept == "deviation" else var)
            if momentum == "none":
                norm.momentum = None
            if reset:
                norm.weight.fill_(1)
                norm.bias.zero_()
    after = {"train": True, "eval": False, "root": before[model]}
    for module, mode in before.items():
        module.training = after.get(modes, mode)


def _accumulated(seen, old, momentum, accumulate, correction):
    """One layer's statistics from those of its batches, (n, mean, variance ÷ n) each."""
    if accumulate == "moving":
        mean, var = old
        for n, m, v in seen:
            mean = (1 - momentum) * mean + momentum * m
            var = (1 - momentum) * var + momentum * v * n / (n - 1)
        return mean, var
    if accumulate == "last":
        seen = seen[-1:]
    total = sum(n for n, _, _ in seen)
    weights = [1 / len(seen) if accumulate in ("batches", "equal") else n / total for n, _, _ in seen]
    mean = sum(w * m for w, (_, m, _) in zip(weights, seen, strict=True))
    if accumulate == "batches":  # what `momentum=None` gives
        return mean, sum(w * v * n / (n - 1) for w, (n, _, v) in zip(weights, seen, strict=True))
    between = accumulate != "within"
    var = sum(w * (v + between * (m - mean) ** 2) for w, (_, m, v) in zip(weights, seen, strict=True))
    return mean, var * total / (total - 1) if correction == "sample" else var


def _recalibrate_probe(label, layers, training, batches, shown=None):
    norm_layers = [layer for layer in layers if layer[0] == "batch norm"]
    names = [f"the running {what} of batch norm {k + 1}" for k in range(len(norm_layers)) for what in _WHAT]
    names += ["γ and β", "the momentum (−1 for None)", "the modes (1 is training)"]
    return Probe(
        label,
        (layers, training, batches),
        driver="10_small_batches:recalibrated",
        returns=tuple(names),
        shown=shown,
    )


_WHAT = ("mean", "variance")


def _recalibrate_probes(rng):
    def batch_norm(training, dims, channels, momentum=0.1):
        vectors = (signs(rng, channels), rng.normal(size=channels), rng.normal(size=channels))
        return ("batch norm", training, dims, *vectors, rng.uniform(0.5, 3, channels), momentum)

    def linear(training, inputs, outputs):
        return ("linear", training, rng.normal(size=(outputs, inputs)), rng.normal(size=outputs))

    def batches(*sizes, shape=(4,)):
        return [rng.normal(0, 2, shape) + rng.uniform(0.5, 3) * rng.normal(size=(n, *shape)) for n in sizes]

    features = [
        linear(True, 4, 5),
        batch_norm(True, 1, 5, 0.3),
        ("dropout", True, 1.0),
        batch_norm(False, 1, 5),
        linear(False, 5, 3),
        batch_norm(True, 1, 3),
    ]
    images = [
        batch_norm(False, 2, 3),
        ("flatten", False),
        linear(False, 12, 4),
        ("dropout", True, 1.0),
        batch_norm(False, 1, 4, 0.2),
    ]
    plain = [linear(False, 4, 3), batch_norm(False, 1, 3), linear(False, 3, 4), batch_norm(False, 1, 4)]
    return [
        _recalibrate_probe("features, three batches", features, True, batches(3, 7, 4)),
        _recalibrate_probe("images, two batches", images, False, batches(3, 5, shape=(3, 2, 2))),
        _recalibrate_probe("a model in evaluation mode", plain, False, batches(2, 6, 3)),
    ]


def _recalibrate_example(label, layers, training, batches, shown):
    arrays = [np.array(batch, float)[:, None] for batch in batches]
    return _recalibrate_probe(label, layers, training, arrays, shown)


def _norm_of_one(training, gamma=1.0, beta=0.0, momentum=0.1):
    vectors = (np.array([v]) for v in (gamma, beta, 0.0, 1.0))
    return ("batch norm", training, 1, *vectors, momentum)


_RECALIBRATE_EXAMPLES = (
    _recalibrate_example(
        "one layer, two batches",
        [_norm_of_one(True)],
        True,
        [[2, 6], [1, 3, 5]],
        "model = BatchNorm1d(1) in training mode, batches = [[2], [6]] and [[1], [3], [5]]",
    ),
    _recalibrate_example(
        "two layers, in evaluation mode",
        [_norm_of_one(False, 2.0, 1.0), ("dropout", False, 1.0), _norm_of_one(False)],
        False,
        [[2, 6], [1, 3, 5]],
        "model = BatchNorm1d(1) with γ = 2 and β = 1, Dropout(1), BatchNorm1d(1), in evaluation mode, "
        "batches = [[2], [6]] and [[1], [3], [5]]",
    ),
    _recalibrate_example(
        "a part of the model in evaluation mode",
        [_norm_of_one(False), ("dropout", True, 1.0), _norm_of_one(True)],
        True,
        [[2, 6], [1, 3, 5]],
        "model = BatchNorm1d(1) in evaluation mode, Dropout(1) and BatchNorm1d(1) in training mode, "
        "batches = [[2], [6]] and [[1], [3], [5]]",
    ),
)


_RECALIBRATE = Question(
    name="recalibrate",
    points=4,
    level=3,
    task="Give every batch norm layer of a trained model the statistics of all batches together.",
    ask=(
        "Give the same 64 examples as one batch, then as 60 and 4. In which norm layers may the result differ?",
        "In the first one by rounding alone: it is the statistics of all values together. Above it yes, each batch is normalised by its own on the way.",
    ),
    reference=recalibrate,
    variant=_recalibrate_variant,
    returns=("the model",),
    probes=_recalibrate_probes,
    examples=_RECALIBRATE_EXAMPLES,
    call="recalibrate(model, batches)",
    misconceptions=(
        own(
            "moving-average",
            "You send the batches through in training mode and let the moving average run.",
            "It begins at the old statistics, and the last batches count most. Every value should count the same.",
            {"accumulate": "moving"},
            {"accumulate": "moving", "dropout": True},
            {"accumulate": "moving", "modes": "eval"},
            {"accumulate": "moving", "dropout": True, "modes": "train"},
            {"accumulate": "moving", "dropout": True, "modes": "eval"},
        ),
        own(
            "averages-batches",
            "You average the batches' means and their variances ÷(n − 1), each batch with the same weight.",
            "That is what `momentum=None` and torch's `update_bn` do. Batches of unlike sizes then count alike, and "
            "the variance leaves out how far the batches' means lie apart.",
            {"accumulate": "batches"},
            {"accumulate": "batches", "dropout": True},
            {"accumulate": "batches", "dropout": True, "modes": "root"},
            {"accumulate": "batches", "modes": "eval"},
        ),
        own(
            "counts-ignored",
            "You give every batch the same weight.",
            "A batch of seven counts for seven: weigh with the number of values.",
            accumulate="equal",
        ),
        own(
            "spread-of-means-forgotten",
            "You average the batches' variances and leave out how far their means lie apart.",
            "The variance of all values is around the mean of all values.",
            accumulate="within",
        ),
        known("running-replaced", accumulate="last"),
        own(
            "sample-variance",
            "You divide by the number of values less one.",
            "Here it is the plain variance of all values, ÷ their number.",
            correction="sample",
        ),
        known("running-std", kept="deviation"),
        own(
            "running-stats-below",
            "You measure with the layers below in evaluation mode.",
            "Then the upper layers' input depends on the old running statistics, which are what is wrong. Batch "
            "norm layers must use the batch's own statistics during the pass.",
            below="running",
        ),
        own(
            "dropout-on",
            "Dropout is on while you measure.",
            "At inference there is none. Put the whole model in evaluation mode, and batch norm layers alone back in "
            "training mode.",
            dropout=True,
        ),
        own(
            "modes-not-restored",
            "You leave modules in another mode than they were in.",
            "A part of the model may be frozen in evaluation mode. Note every module's mode, and put it back.",
            {"modes": "train"},
            {"modes": "eval"},
            {"modes": "root"},
        ),
        own(
            "momentum-not-restored",
            "You leave the layers with `momentum=None`.",
            "If training goes on, they would average over all batches for ever. Put the old momentum back.",
            momentum="none",
        ),
        own(
            "resets-gamma-and-beta",
            "γ and β are back at 1 and 0.",
            "`reset_parameters` resets them as well; `reset_running_stats` resets the statistics alone.",
            reset=True,
        ),
        own(
            "first-layer-only",
            "You recalibrate the first batch norm layer alone.",
            "Every one of them has statistics of its own: look through `model.modules()`.",
            layers="first",
        ),
    ),
    hints=(
        "You need each layer's *input*, while the model runs. `layer.register_forward_pre_hook(f)` calls "
        "`f(layer, inputs)` before each forward pass; `inputs[0]` is x.",
        "`model.eval()`, then `.train()` on batch norm layers alone (`model.modules()`; they are of "
        "`nn.modules.batchnorm._BatchNorm`). Note the modes before, and put each back.",
        "Keep each input as (channels, values), `x.transpose(0, 1).flatten(1)`, and join them with `torch.cat` at the "
        "end; or keep n, mean and variance and merge them.",
        "The pass in training mode moves the running statistics too: write yours after it, in place: "
        "`layer.running_mean.copy_(values.mean(1))`, `layer.running_var.copy_(values.var(1, correction=0))`. Under "
        "`torch.no_grad()`, and with the hooks removed.",
    ),
)


QUESTIONS = (_MERGE, _SYNC, _RENORM, _RECALIBRATE)

PREDICTIONS = {
    "10-batch-of-two": Prediction("c"),
    "10-two-numbers": Prediction("b"),
    "10-gradient-of-two": Prediction("c"),
    "10-recalibrate": Prediction("b"),
    "10-sorted": Prediction("c"),
    "10-one-class": Prediction("b"),
    "10-messages": Prediction("b"),
    "10-accumulate": Prediction("b"),
}
