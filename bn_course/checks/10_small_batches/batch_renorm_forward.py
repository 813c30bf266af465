"""Lesson 10: Batch norm whose training output is, within bounds, that of inference."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import scaled_and_shifted
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Question

from ._shared import NOT_GIVEN, _root, eps_used


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
    eps=NOT_GIVEN,
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
    eps = eps_used(eps, eps_from)
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


QUESTION = Question(
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
