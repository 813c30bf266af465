"""Lesson 03: The gradients of x̂ = (x − μ)/√(σ² + ε), for σ², μ and x, node by node."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import (
    EPS_MISTAKES,
    EXPONENT,
    HALF_MISSING,
    INV_STD_MISSING,
    SAMPLE_VARIANCE,
    TWO_MISSING,
    WRONG_AXIS,
    _example,
    _scale,
    _variance,
    dx_does_not_stretch,
    epsilon,
    far_from_zero,
    offset_probe,
    sum_of_dx_is_zero,
)


def standardize_backward(dx_hat, x, eps=1e-5):
    mean, var = norms.statistics(x, axes=0)
    inv_std = 1 / np.sqrt(var + eps)
    dvar = -0.5 * inv_std**3 * (dx_hat * (x - mean)).sum(axis=0)
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = norms.standardize_backward(dx_hat, (x - mean) * inv_std, inv_std, axes=0)
    return dvar[0], dmean[0], dx


def _standardize_variant(
    dx_hat,
    x,
    eps=None,
    *,
    ddof=0,
    axis=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    half=-0.5,
    power=3,
    dvar_of="centred",
    reduce="sum",
    dmean_of="centred",
    dmean_sign=-1,
    dmean_scale="inv_std",
    mean_share="1/N",
    spread_share="2/N",
    direct="inv_std",
    order=(0, 1, 2),
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    mean = x.mean(axis=axis, keepdims=True)
    n = x.size // mean.size
    var = _variance(x, mean, axis, ddof, method)
    std = _scale(var, eps, eps_place)

    def add_up(a):
        return a.sum(axis=axis, keepdims=True) if reduce == "sum" else a

    factor = {"centred": x - mean, "x": x}[dvar_of]
    slope = std**-power if eps_place != "outside-exactly" else 1 / (std**2 * np.sqrt(var))
    dvar = half * add_up(dx_hat * factor) * slope
    dmean = dmean_sign * add_up(dx_hat) / (std if dmean_scale == "inv_std" else 1.0)
    dmean = dmean / (n if dmean_scale == "inv_std/N" else 1.0) / (std if dmean_scale == "inv_std/N" else 1.0)
    dmean = dmean - {"centred": 0.0, "moments": 2 * mean * dvar, "moments-graph": 2 * mean * dvar}[dmean_of]
    around = 0.0 if dmean_of == "moments-graph" or spread_share == "2x/N" else mean
    share = {
        "2/N": 2 / n,
        "2x/N": 2 / n,
        "2": 2.0,
        "1/N": 1 / n,
        "1": 1.0,
        "2/(N-1)": 2 / max(n - 1, 1),
        "0": 0.0,
        "-": -2 / n,
    }
    mean_path = dmean * {"1/N": 1 / n, "1": 1.0, "0": 0.0, "-": -1 / n}[mean_share]
    spread_path = dvar * share[spread_share] * (x - around)
    first = {"inv_std": dx_hat / std, "one": dx_hat, "inv_var": dx_hat / std**2, "none": 0.0}[direct]
    dx = first + spread_path + mean_path
    flat = (np.squeeze(dvar, axis), np.squeeze(dmean, axis)) if reduce == "sum" else (dvar, dmean)
    return tuple((*flat, dx)[i] for i in order)


def _standardize_probes(rng):
    def case(n, d, spread=1.0, mean=0.0):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(mean, spread, size=(n, d))

    return [
        Probe("six examples, four features, ε = 0.1", (*case(6, 4, spread=1.6, mean=1.5), 0.1)),
        Probe("small variances, ε left at its default", case(6, 3, spread=5e-3, mean=0.02)),
        Probe("as many examples as features, ε = 0.1", (*case(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*case(7, 3, spread=1.5), 2.0)),
        Probe("two examples, ε = 0.5", (*case(2, 3, mean=1.0), 0.5)),
        offset_probe(rng),
    ]


QUESTION = Question(
    name="standardize_backward",
    points=3,
    level=2,
    task="The gradients of x̂ = (x − μ)/√(σ² + ε), for σ², μ and x, node by node.",
    ask=(
        "Add 10 to all of a feature: does x̂ change? So what must dx add up to over the batch, and what does yours?",
        "x̂ does not change, so the sum is 0; where yours is not, the path through μ is wrong. Stretching x says the same of Σ dx·x̂ and the path through σ², up to ε.",
    ),
    reference=standardize_backward,
    variant=_standardize_variant,
    returns=("dvar", "dmean", "dx"),
    probes=_standardize_probes,
    examples=(
        _example([[3], [1], [2], [-2]], [[1], [1], [5], [5]], eps=0.0),
        _example([[1], [0], [2]], [[0], [3], [6]], eps=3.0),
        _example([[1, 2], [3, 0]], [[0, 1], [2, 5]], eps=1.0),
        Probe("the default ε", (np.array([[1.0], [3.0], [0.0]]), np.array([[0.0], [0.02], [0.03]]))),
        far_from_zero(),
    ),
    misconceptions=(
        known("detached", mean_share="0", spread_share="0"),
        known("mean-detached", mean_share="0"),
        known("var-detached", spread_share="0"),
        known(
            "sum-not-mean",
            {"mean_share": "1"},
            {"spread_share": "2"},
            {"mean_share": "1", "spread_share": "2"},
            {"spread_share": "1"},
            {"mean_share": "1", "spread_share": "1"},
        ),
        own(
            "mean-added",
            "In dx the path through the mean has the wrong sign.",
            "dmean carries its minus sign already, and μ rises with every x by 1/N: the path adds + dmean/N.",
            mean_share="-",
        ),
        own(
            "spread-added",
            "In dx the path through the variance has the wrong sign.",
            "dvar carries its minus sign already, and σ² grows by 2(x − μ)/N with x: the path adds + dvar·2(x − μ)/N.",
            spread_share="-",
        ),
        own(*TWO_MISSING, spread_share="1/N"),
        own(
            "spread-not-centred",
            "In the path through the variance you write 2x/N.",
            "The variance is the mean of (x − μ)², so its derivative is 2(x − μ)/N: zero for an x at the mean.",
            spread_share="2x/N",
        ),
        own(*HALF_MISSING, half=-1.0),
        own(
            "dvar-sign",
            "Your dvar has the wrong sign.",
            "x̂ shrinks towards 0 when σ² grows: the derivative of (σ² + ε)^(−½) is negative.",
            half=0.5,
        ),
        own(*EXPONENT, {"power": 1}, {"power": 2}, {"power": -3}),
        own(
            "dvar-not-centred",
            "In dvar you multiply dx̂ by x instead of x − μ.",
            "x̂ = (x − μ)·(σ² + ε)^(−½): what stands beside the factor with σ² is x − μ.",
            dvar_of="x",
        ),
        own(
            "dvar-uses-x-hat",
            "In dvar you multiply dx̂ by x̂ where x − μ belongs.",
            "With (σ² + ε)^(−3⁄2) outside, the factor is x − μ. (With x̂, which has one root in it already, it would be −½·Σdx̂·x̂/(σ² + ε).)",
            power=4,  # x̂ brings one root more
        ),
        own(
            "dmean-sign",
            "Your dmean has the wrong sign.",
            "x̂ = (x − μ)/√(σ² + ε) falls when μ rises.",
            dmean_sign=1,
        ),
        own(
            "dmean-not-scaled",
            "Your dmean is not divided by the deviation.",
            "One unit of μ moves every x̂ by −1/√(σ² + ε) units.",
            dmean_scale="one",
        ),
        own(
            "dmean-averaged",
            "Your dmean carries a factor 1/N.",
            "μ reaches every x̂ of its feature with the full weight, so dmean is a sum. The 1/N belongs to the next "
            "step, from μ to x.",
            {"dmean_scale": "inv_std/N"},
            {"dmean_scale": "inv_std/N", "mean_share": "1"},
        ),
        own(
            "moments-graph",
            "Your dmean has an additional −2μ·dvar.",
            "That is the derivative of σ² = E[x²] − μ² with E[x²] held fixed. Here σ² is the mean of (x − μ)², and the "
            "path from μ through it is −2·dvar·mean(x − μ), exactly 0.",
            {"dmean_of": "moments"},
            {"dmean_of": "moments-graph"},
        ),
        own(*INV_STD_MISSING, direct="one"),
        own(
            "divides-by-variance",
            "You divide the direct path by the variance.",
            "x̂ = (x − μ)/√(σ² + ε): the direct path carries one factor 1/√(σ² + ε).",
            direct="inv_var",
        ),
        own(
            "direct-path-missing",
            "Your dx has the paths through μ and σ², and not the direct one.",
            "x stands in the numerator too: dx̂/√(σ² + ε) is the first of the three paths.",
            direct="none",
        ),
        own(
            "not-summed",
            "You return dvar and dmean for each example, without adding them up.",
            "μ and σ² are one number for each feature, and every example of the batch uses it: add over axis 0.",
            reduce="none",
        ),
        own(*SAMPLE_VARIANCE, {"ddof": 1}, {"ddof": 1, "spread_share": "2/(N-1)"}),
        own(*WRONG_AXIS, axis=1),
        *EPS_MISTAKES,
        known("one-pass-variance", rounding=True, method="one-pass"),
        own(
            "swapped-outputs",
            "You return the gradients in another order.",
            "The order asked for is (dvar, dmean, dx).",
            {"order": (1, 0, 2)},
            {"order": (2, 1, 0)},
            {"order": (2, 0, 1)},
        ),
        known("mutates-input"),
    ),
    properties=(
        Property("Σdx is 0", lambda args, value: sum_of_dx_is_zero(np.asarray(value[2]))),
        Property(
            "Σdx·x̂ is 0, up to ε",
            lambda args, value: dx_does_not_stretch(np.asarray(value[2]), args[0], args[1], epsilon(args, 2)),
        ),
    ),
    hints=(
        "x reaches x̂ by three paths: directly, through μ, and through σ². Find what arrives at σ² first, then at μ, "
        "then add the three paths up.",
        "σ² and μ are shared by all examples, so dvar and dmean are sums over axis 0. For dvar you need the "
        "derivative of (σ² + ε)^(−½).",
        "dvar = −½·Σ dx̂·(x − μ)·(σ² + ε)^(−3⁄2) and dmean = −Σ dx̂/√(σ² + ε). What would the path from μ through σ² add? "
        "Remember Σ(x − μ) = 0.",
        "`dx = dx_hat * inv_std + dvar * 2 * (x - mean) / N + dmean / N`",
    ),
)
