"""Lesson 03: the backward pass of batch normalisation."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question


def _gamma(rng, d):
    """γ of both signs, none near zero or one."""
    return rng.uniform(1.3, 2.5, size=d) * np.where(np.arange(d) % 2, -1, 1)


def _example(*arrays, eps=None, label="a small batch"):
    args = tuple(np.array(a, dtype=float) for a in arrays)
    return Probe(label, args if eps is None else (*args, eps))


def _epsilon(args, position):
    return args[position] if len(args) > position else 1e-5


def _x_hat(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def _size(values):
    """What a rounding error is measured against."""
    return max(1.0, np.abs(values).max())


# ---- affine_backward ---------------------------------------------------------------------------------


def affine_backward(dy, x_hat, gamma):
    return dy * gamma, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


def _affine_variant(
    dy,
    x_hat,
    gamma,
    *,
    gamma_is="vector",
    dx_hat_is="dy*gamma",
    dgamma_is="dy*x_hat",
    dbeta_is="dy",
    reduce="sum",
    order=(0, 1, 2),
):
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "column": gamma[:, None]}[gamma_is]
    dx_hat = {
        "dy*gamma": lambda: dy * gamma,
        "dy": lambda: dy.copy(),
        "dy/gamma": lambda: dy / gamma,
        "dy*x_hat": lambda: dy * x_hat,
        "summed": lambda: (dy * gamma).sum(axis=0),
        "gamma": lambda: gamma + 0 * dy,
    }[dx_hat_is]()
    each_dgamma = {
        "dy*x_hat": lambda: dy * x_hat,
        "dx_hat*x_hat": lambda: dy * gamma * x_hat,
        "dy": lambda: dy,
        "x_hat": lambda: x_hat,
    }[dgamma_is]()
    each_dbeta = {"dy": dy, "dx_hat": dy * gamma, "ones": np.ones_like(dy)}[dbeta_is]
    add_up = {
        "sum": lambda a: a.sum(axis=0),
        "mean": lambda a: a.mean(axis=0),
        "none": lambda a: a.copy(),
        "features": lambda a: a.sum(axis=1),
        "all": lambda a: a.sum(),
    }[reduce]
    gradients = (dx_hat, add_up(each_dgamma), add_up(each_dbeta))
    return tuple(gradients[i] for i in order)


def _affine_probes(rng):
    def case(n, d):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(0.3, 1, size=(n, d)), _gamma(rng, d)

    return [
        Probe("six examples, four features", case(6, 4)),
        Probe("as many examples as features", case(5, 5)),
        Probe("one feature", case(7, 1)),
        Probe("one example", case(1, 3)),
    ]


_GAMMA_IN_DGAMMA = (
    "gamma-in-dgamma",
    "Your dγ or dβ carries a factor γ.",
    "y = γ·x̂ + β, so ∂y/∂γ = x̂ and ∂y/∂β = 1: both sums are over dy. γ enters the way to x alone.",
)
_MEAN_NOT_SUM = (
    "mean-not-sum",
    "You average dγ and dβ over the batch.",
    "One γ serves all examples, and their contributions add up. If the loss is an average over the batch, its "
    "1/N is in dy already.",
)

AFFINE = Question(
    name="affine_backward",
    points=1,
    level=1,
    task="The gradients of y = γ·x̂ + β, for x̂, γ and β.",
    ask=(
        "x̂ has shape (6, 4). Which shapes have dx̂, dγ and dβ, and what became of the 6?",
        "(6, 4), (4,) and (4,). One γ serves six examples, so what the six say is added up; the loss's own 1/N is in dy already.",
    ),
    reference=affine_backward,
    variant=_affine_variant,
    returns=("dx_hat", "dgamma", "dbeta"),
    probes=_affine_probes,
    examples=(
        _example([[1], [2]], [[-1], [1]], [3]),
        _example([[1, 2], [3, 5]], [[-1, 2], [1, 0]], [2, 3]),
    ),
    misconceptions=(
        own(
            "gamma-ignored",
            "γ is missing from dx̂.",
            "y = γ·x̂ + β: one unit of x̂ moves y by γ units, so dx̂ = γ·dy.",
            dx_hat_is="dy",
        ),
        own(
            "divides-by-gamma",
            "You divide dy by γ.",
            "x̂ is multiplied by γ on the way forward, and the gradient is multiplied by the same γ on the way "
            "back. A gradient does not undo the forward pass, it follows it.",
            dx_hat_is="dy/gamma",
        ),
        own(
            "dx-hat-uses-x-hat",
            "Your dx̂ is dy·x̂.",
            "That product belongs to dγ. For dx̂ the other factor of γ·x̂ is left: dx̂ = γ·dy.",
            dx_hat_is="dy*x_hat",
        ),
        own(
            "dx-hat-without-dy",
            "Your dx̂ is γ alone.",
            "∂y/∂x̂ = γ, and the chain rule multiplies it by what arrives from above, dy.",
            dx_hat_is="gamma",
        ),
        own(
            "dx-hat-summed",
            "You add dx̂ up over the batch.",
            "Every example has its own x̂, so dx̂ keeps the shape of x̂. γ and β are shared, and there the sum belongs.",
            dx_hat_is="summed",
        ),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        own(
            "affine-wrong-axis",
            "Your γ runs along the examples.",
            "γ has one entry for each feature: shape (D,) lines up with the columns of (N, D) as it is.",
            gamma_is="column",
        ),
        own(
            *_GAMMA_IN_DGAMMA,
            {"dgamma_is": "dx_hat*x_hat", "dbeta_is": "dx_hat"},
            {"dgamma_is": "dx_hat*x_hat"},
            {"dbeta_is": "dx_hat"},
        ),
        own(
            "dgamma-without-x-hat",
            "Your dγ is the sum of dy.",
            "That is dβ. y = γ·x̂ + β, so ∂y/∂γ = x̂: each dy counts with its x̂.",
            dgamma_is="dy",
        ),
        own(
            "dy-ignored",
            "Your dγ or dβ leaves dy out.",
            "∂y/∂γ = x̂ and ∂y/∂β = 1 say how y moves. The chain rule multiplies by dy, which says how the loss does.",
            {"dgamma_is": "x_hat", "dbeta_is": "ones"},
            {"dgamma_is": "x_hat"},
            {"dbeta_is": "ones"},
        ),
        known("per-example-dgamma", reduce="none"),
        own(*_MEAN_NOT_SUM, reduce="mean"),
        own(
            "wrong-axis",
            "You add dγ and dβ up over the features.",
            "Each feature has its own γ, and all examples share it: add over axis 0.",
            reduce="features",
        ),
        known(
            "summed-over-everything",
            reduce="all",
        ),
        own(
            "swapped-outputs",
            "You return the gradients in another order.",
            "The order asked for is (dx_hat, dgamma, dbeta).",
            {"order": (0, 2, 1)},
            {"order": (1, 2, 0)},
            {"order": (2, 1, 0)},
        ),
        known("mutates-input"),
    ),
    properties=(
        Property(
            "γ·dγ is Σ dx̂·x̂",
            lambda args, value: (
                None
                if np.allclose(args[2] * value[1], (np.asarray(value[0]) * args[1]).sum(axis=0))
                else "γ·dγ should be Σ dx̂·x̂: both say how the loss moves when all x̂ of a feature stretch"
            ),
        ),
    ),
    hints=(
        "Take one entry: y = γ·x̂ + β. What are ∂y/∂x̂, ∂y/∂γ and ∂y/∂β?",
        "Each derivative is multiplied by dy. x̂ belongs to one example; γ and β serve them all, so their "
        "contributions are added up over the batch.",
        "`dx_hat = dy * gamma`. For γ, add up `dy * x_hat` over axis 0; β is the same without x̂.",
    ),
)


# ---- what the two questions about x share ------------------------------------------------------------

_EPS_MISTAKES = (
    own(
        "eps-outside-sqrt",
        "You add ε after the square root.",
        "The forward pass divides by √(σ² + ε), with ε inside, and the backward pass has to follow the same forward pass.",
        {"eps_place": "outside"},
        {"eps_place": "outside-exactly"},
    ),
    known("no-eps", eps_place="none"),
    own(
        "eps-default",
        "Your default for ε is not 1e-5.",
        "The backward pass must use the ε of the forward pass, and 1e-5 is this course's and PyTorch's default.",
        {"eps_default": 1e-3},
        {"eps_default": 1e-8},
        {"eps_default": 1e-6},
        {"eps_default": 1e-4},
    ),
    known(
        "eps-hard-coded",
        {"eps_fixed": 1e-5},
        {"eps_fixed": 1e-8},
        {"eps_fixed": 1e-3},
    ),
)
_SAMPLE_VARIANCE = (
    "sample-variance",
    "You divide the sum of squares by N − 1.",
    "The forward pass of batch norm divides by N, and the backward pass has to follow it. NumPy's `var` divides by "
    "N unless `ddof=1` says otherwise; torch's `var` needs `correction=0`.",
)
_WRONG_AXIS = (
    "wrong-axis",
    "You take the statistics of each example, over its features.",
    "Batch normalisation takes them of each feature, over the examples: that is axis 0 of (N, D), in the backward "
    "pass as in the forward pass.",
)
_INV_STD_MISSING = (
    "inv-std-missing",
    "You do not divide the direct path by the deviation.",
    "x̂ = (x − μ)/√(σ² + ε): one unit of x moves x̂ by 1/√(σ² + ε) units, so dx̂ is divided by √(σ² + ε) on its way to x.",
)
_HALF_MISSING = (
    "half-missing",
    "The ½ is missing in the path through the variance.",
    "The derivative of (σ² + ε)^(−½) is −½·(σ² + ε)^(−3⁄2): the exponent comes down as a factor.",
)
_TWO_MISSING = (
    "two-missing",
    "The 2 is missing in the path through the variance.",
    "The variance is the mean of (x − μ)², and the derivative of a square is twice its root: 2(x − μ)/N.",
)
_EXPONENT = (
    "wrong-exponent",
    "The power of (σ² + ε) in the path through the variance is not −3⁄2.",
    "x̂ carries (σ² + ε)^(−½). Differentiating lowers the exponent by one: −½·(σ² + ε)^(−3⁄2).",
)


def _scale(var, eps, place):
    """√(σ² + ε), or what a learner takes for it."""
    if place.startswith("outside"):
        return np.sqrt(var) + eps
    return np.sqrt(var + (eps if place == "inside" else 0.0))


def _variance(x, mean, axis, ddof, method):
    if method == "one-pass":
        return (x * x).mean(axis=axis, keepdims=True) - mean * mean
    return ((x - mean) ** 2).sum(axis=axis, keepdims=True) / (x.size // mean.size - ddof)


def _sum_of_dx_is_zero(dx):
    worst = np.abs(dx.sum(axis=0)).max() / max(np.abs(dx).max(), 1e-12)
    if worst > 1e-5:
        return (
            "Σdx should be 0 in each feature, because adding a constant to x leaves x̂ as it is; it is "
            f"{worst:.2g} times the largest entry of dx"
        )
    return None


def _dx_does_not_stretch(dx, dx_hat, x, eps):
    """Σdx·x̂ = Σdx̂·x̂ · ε/(σ² + ε)^(3/2): zero for ε = 0, and known for any other."""
    x_hat, var = _x_hat(x, eps), x.var(axis=0)
    wanted = (dx_hat * x_hat).sum(axis=0) * eps / (var + eps) ** 1.5
    worst = np.abs((dx * x_hat).sum(axis=0) - wanted).max() / _size(dx)
    if worst > 1e-5:
        return (
            "Σdx·x̂ should be 0 in each feature (up to the little that ε leaves), because stretching x hardly "
            f"changes x̂; it is off by {worst:.2g}"
        )
    return None


def _dx_is_orthogonal_to_x(dx, dx_hat, x, eps):
    """Σdx·x = Σdx̂·x̂ · ε/(σ² + ε), since x = μ + x̂·√(σ² + ε) and Σdx = 0."""
    wanted = (dx_hat * _x_hat(x, eps)).sum(axis=0) * eps / (x.var(axis=0) + eps)
    worst = np.abs((dx * x).sum(axis=0) - wanted).max() / (_size(dx) * _size(x))
    if worst > 1e-5:
        return (
            "Σdx·x should be 0 in each feature (up to the little that ε leaves), because multiplying x by a number "
            f"hardly changes x̂; it is off by {worst:.2g}"
        )
    return None


def _offset_probe(rng, *more):
    x = (1e3 + rng.normal(size=(8, 5))).astype(np.float32)
    dy = rng.normal(size=(8, 5)).astype(np.float32)
    return Probe("float32 at mean 1000", (dy, x, *more, 1e-5), rounding=True)


def _far_from_zero(*more):
    x = np.array([[8192.0], [8193.0], [8194.5]], np.float32)
    dy = np.array([[1.0], [0.0], [3.0]], np.float32)
    return Probe("float32 far from zero", (dy, x, *more, 0.0), rounding=True)


# ---- standardize_backward ----------------------------------------------------------------------------


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
        _offset_probe(rng),
    ]


STANDARDIZE = Question(
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
        _far_from_zero(),
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
        own(*_TWO_MISSING, spread_share="1/N"),
        own(
            "spread-not-centred",
            "In the path through the variance you write 2x/N.",
            "The variance is the mean of (x − μ)², so its derivative is 2(x − μ)/N: zero for an x at the mean.",
            spread_share="2x/N",
        ),
        own(*_HALF_MISSING, half=-1.0),
        own(
            "dvar-sign",
            "Your dvar has the wrong sign.",
            "x̂ shrinks towards 0 when σ² grows: the derivative of (σ² + ε)^(−½) is negative.",
            half=0.5,
        ),
        own(*_EXPONENT, {"power": 1}, {"power": 2}, {"power": -3}),
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
        own(*_INV_STD_MISSING, direct="one"),
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
        own(*_SAMPLE_VARIANCE, {"ddof": 1}, {"ddof": 1, "spread_share": "2/(N-1)"}),
        own(*_WRONG_AXIS, axis=1),
        *_EPS_MISTAKES,
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
        Property("Σdx is 0", lambda args, value: _sum_of_dx_is_zero(np.asarray(value[2]))),
        Property(
            "Σdx·x̂ is 0, up to ε",
            lambda args, value: _dx_does_not_stretch(
                np.asarray(value[2]), args[0], args[1], _epsilon(args, 2)
            ),
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


# ---- batch_norm_backward -----------------------------------------------------------------------------


def batch_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.batch_norm_backward(dy, x, gamma, eps)


def _backward_variant(
    dy,
    x,
    gamma,
    eps=None,
    *,
    ddof=0,
    axis=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    gamma_is="vector",
    gamma_in=("first", "mean", "spread"),
    mean_term=1.0,
    spread_term=1.0,
    spread_power=0,
    spread_of="x_hat",
    scale="inv_std",
    dgamma_of="x_hat",
    dgamma_from="dy",
    dbeta_from="dy",
    reduce="sum",
    sign=(1, 1, 1),
    order=(0, 1, 2),
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    mean = x.mean(axis=axis, keepdims=True)
    n = x.size // mean.size
    var = _variance(x, mean, axis, ddof, method)
    std = _scale(var, eps, eps_place)
    x_hat = (x - mean) / std
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "column": gamma[:, None], "one": 1.0}[
        gamma_is
    ]
    first, centring, spreading = (
        dy * gamma if term in gamma_in else dy for term in ("first", "mean", "spread")
    )

    def average(a, weight):
        """`weight` times the mean over the batch; "sum" is N times, "N-1" the sum ÷(N − 1)."""
        weight = {"sum": n, "2*sum": 2 * n, "N-1": n / max(n - 1, 1)}.get(weight, weight)
        return weight * a.mean(axis=axis, keepdims=True)

    along = {"x_hat": x_hat, "x": x, "centred": x - mean}[spread_of]
    spread = x_hat * average(spreading * along, spread_term) * std**spread_power
    if eps_place == "outside-exactly":
        spread = spread * std / np.sqrt(var)
    dx = first - average(centring, mean_term) - spread
    dx = (
        dx
        * {"inv_std": 1 / std, "one": 1.0, "inv_var": 1 / std**2}[scale]
        * (gamma if "again" in gamma_in else 1.0)
    )
    sources = {"dy": dy, "dx_hat": dy * gamma}
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    add_up = {
        "sum": lambda a: a.sum(axis=0),
        "mean": lambda a: a.mean(axis=0),
        "none": lambda a: a.copy(),
        "all": lambda a: a.sum(),
    }[reduce]
    gradients = (dx, add_up(sources[dgamma_from] * factor), add_up(sources[dbeta_from]))
    return tuple(gradients[i] * sign[i] for i in order)


def _backward_probes(rng):
    def case(n, d, spread=1.0, mean=0.0):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(mean, spread, size=(n, d)), _gamma(rng, d)

    return [
        Probe("six examples, four features, ε = 0.1", (*case(6, 4, spread=1.6, mean=1.5), 0.1)),
        Probe("small variances, ε left at its default", case(6, 3, spread=5e-3, mean=0.02)),
        Probe("as many examples as features, ε = 0.1", (*case(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*case(7, 3, spread=1.5), 2.0)),
        Probe("two examples, ε = 0.5", (*case(2, 3, mean=1.0), 0.5)),
        Probe("a tiny ε, 1e-12", (*case(6, 3, spread=2.0, mean=1.0), 1e-12)),
        _offset_probe(rng, _gamma(rng, 5).astype(np.float32)),
    ]


def _of_dx(fault):
    """A property of dx, given what arrives at x̂."""
    return lambda args, value: fault(np.asarray(value[0]), args[0] * args[2], args[1], _epsilon(args, 3))


BACKWARD = Question(
    name="batch_norm_backward",
    points=4,
    level=3,
    task="The gradients of batch normalisation, for x, γ and β.",
    ask=(
        "Let dy be all ones. What must dx, dγ and dβ be, before any code is run?",
        "dx = 0 and dγ = 0: outputs that all move together are what a batch cannot do, and Σx̂ = 0. dβ = N. Then try dy = x̂: dx is nearly 0 again.",
    ),
    reference=batch_norm_backward,
    variant=_backward_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_backward_probes,
    examples=(
        _example([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [1], eps=0.0),
        _example([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [2], eps=0.0),
        _example([[1], [0], [2]], [[0], [3], [6]], [2], eps=3.0),
        _example([[1, 2], [3, 0]], [[0, 1], [2, 5]], [1, 3], eps=1.0),
        Probe(
            "the default ε",
            (np.array([[1.0], [3.0], [0.0]]), np.array([[0.0], [0.02], [0.03]]), np.array([1.0])),
        ),
        _far_from_zero(np.array([2.0], np.float32)),
    ),
    misconceptions=(
        known("detached", mean_term=0.0, spread_term=0.0),
        known("mean-detached", mean_term=0.0),
        known("var-detached", spread_term=0.0),
        known(
            "sum-not-mean",
            {"mean_term": "sum", "spread_term": "sum"},
            {"mean_term": "sum"},
            {"spread_term": "sum"},
        ),
        known(
            "mean-added",
            mean_term=-1.0,
        ),
        known(
            "spread-added",
            spread_term=-1.0,
        ),
        own(*_HALF_MISSING, spread_term=2.0),
        own(*_TWO_MISSING, spread_term=0.5),
        own(*_EXPONENT, {"spread_power": 2}, {"spread_power": 6}),
        own(
            "spread-not-centred",
            "In the term along x̂ you take the mean of dx̂·x.",
            "The same x̂ stands twice in that term: x̂·mean(dx̂·x̂).",
            spread_of="x",
        ),
        own(
            "spread-not-scaled",
            "In the term along x̂ you take the mean of dx̂·(x − μ).",
            "The same x̂ stands twice in that term, x̂·mean(dx̂·x̂), each time divided by √(σ² + ε).",
            spread_of="centred",
        ),
        own(*_INV_STD_MISSING, scale="one"),
        own(
            "divides-by-variance",
            "You divide dx by the variance.",
            "dx carries one factor 1/√(σ² + ε).",
            scale="inv_var",
        ),
        own(
            "gamma-ignored",
            "γ is missing from dx.",
            "y = γ·x̂ + β, so what reaches x̂ is dx̂ = γ·dy, and dx follows from dx̂.",
            gamma_in=(),
        ),
        own(
            "gamma-in-some-terms",
            "γ is in some of the three terms of dx and missing from others.",
            "All three are made of dx̂ = γ·dy. Written with dβ = Σdy and dγ = Σdy·x̂, γ stands before the bracket: "
            "dx = γ/√(σ² + ε)·(dy − dβ/N − x̂·dγ/N).",
            {"gamma_in": ("first",)},
            {"gamma_in": ("first", "spread")},
            {"gamma_in": ("first", "mean")},
        ),
        own(
            "gamma-twice",
            "γ is in dx twice.",
            "dx̂ = γ·dy has it already; the step from dx̂ to dx does not see γ.",
            gamma_in=("first", "mean", "spread", "again"),
        ),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        own(
            "affine-wrong-axis",
            "Your γ runs along the examples.",
            "γ has one entry for each feature: shape (D,) lines up with the columns of (N, D) as it is.",
            gamma_is="column",
        ),
        known("dgamma-uses-x", dgamma_of="x"),
        known(
            "dgamma-uses-centred",
            dgamma_of="centred",
        ),
        own(
            *_GAMMA_IN_DGAMMA,
            {"dgamma_from": "dx_hat", "dbeta_from": "dx_hat"},
            {"dgamma_from": "dx_hat"},
            {"dbeta_from": "dx_hat"},
        ),
        known("per-example-dgamma", reduce="none"),
        own(*_MEAN_NOT_SUM, reduce="mean"),
        known(
            "summed-over-everything",
            reduce="all",
        ),
        own(
            "wrong-sign",
            "Your gradient has the opposite sign.",
            "A gradient points where the loss grows. The minus sign of a descent step is the optimiser's.",
            {"sign": (-1, -1, -1)},
            {"sign": (-1, 1, 1)},
        ),
        own(*_SAMPLE_VARIANCE, {"ddof": 1}, {"ddof": 1, "spread_term": "N-1"}),
        own(*_WRONG_AXIS, axis=1),
        known("global-statistics", axis=None),
        *_EPS_MISTAKES,
        known("one-pass-variance", rounding=True, method="one-pass"),
        known(
            "swapped-outputs",
            {"order": (0, 2, 1)},
            {"order": (1, 2, 0)},
            {"order": (2, 1, 0)},
        ),
        known("mutates-input"),
    ),
    properties=(
        Property("Σdx is 0", lambda args, value: _sum_of_dx_is_zero(np.asarray(value[0]))),
        Property("Σdx·x̂ is 0, up to ε", _of_dx(_dx_does_not_stretch)),
        Property("dx is orthogonal to rescaling x, up to ε", _of_dx(_dx_is_orthogonal_to_x)),
    ),
    hints=(
        "Two stages that you have: from dy to dx̂ (and dγ, dβ), and from dx̂ to dx.",
        "dx is dx̂ with two things taken away, its mean over the batch and its part along x̂, divided by √(σ² + ε).",
        "The part along x̂ is x̂·mean(dx̂·x̂), the mean taken over axis 0.",
        "`dx = (dx_hat - dx_hat.mean(axis=0) - x_hat * (dx_hat * x_hat).mean(axis=0)) / np.sqrt(var + eps)`, with `dx_hat = dy * gamma`.",
    ),
)


# ---- numerical_gradient ------------------------------------------------------------------------------


def numerical_gradient(f, x, h=1e-5):
    point = np.array(x, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        centre = point[index]
        point[index] = centre + h
        above = f(point)
        point[index] = centre - h
        below = f(point)
        point[index] = centre
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _numerical_variant(
    f,
    x,
    h=None,
    *,
    h_default=1e-5,
    h_fixed=None,
    upper=1,
    lower=-1,
    divisor="2h",
    sign=1,
    storage="copy",
    moves="one",
    result="float",
):
    h = h_default if h is None else h
    h = h if h_fixed is None else h_fixed
    entries = _ENTRIES[storage](x)
    points = (x if storage in ("ravel", "flatten") else entries,) * 2
    moved = (entries, entries)
    if storage == "two-copies":
        moved = points = (entries, entries.copy())
    gradient = np.zeros(entries.shape, dtype=x.dtype if result == "as-x" else float)
    for index in _indices(entries, moves):
        centre = np.array(entries[index])
        moved[0][index] = moved[0][index] + upper * h
        above = f(points[0])
        back = 0 if storage == "two-copies" else upper
        moved[1][index] = moved[1][index] + (lower - back) * h
        below = f(points[1])
        if storage == "arithmetic":
            entries[index] = entries[index] - lower * h
        elif storage not in ("never", "two-copies"):
            entries[index] = centre
        gradient[index] = sign * (above - below) / {"2h": 2 * h, "h": h, "2": 2.0, "1": 1.0}[divisor]
    return gradient.reshape(-1) if result == "flat" else gradient.reshape(x.shape)


# Where the entries are moved: in a copy, in x itself, in a flat view of it (or what is taken for one).
_ENTRIES = {
    "copy": lambda x: np.array(x, dtype=float),
    "integers": np.copy,
    "arithmetic": lambda x: x,
    "never": lambda x: x,
    "two-copies": lambda x: np.array(x, dtype=float),
    "ravel": np.ravel,
    "flatten": lambda x: x.flatten(),
}


def _indices(entries, moves):
    if moves == "rows":
        return range(len(entries))
    return [...] if moves == "all" else np.ndindex(entries.shape)


def _numerical_probes(rng):
    def probe(label, name, x, *more):
        return Probe(label, (name, x, *more), driver="03_backward_pass:gradient")

    return [
        probe(
            "a table, a function of all entries together, h = 0.1", "coupled", rng.normal(size=(3, 4)), 0.1
        ),
        probe("a row, cubes, h = 0.5", "cubes", rng.normal(size=5) + 0.2, 0.5),
        probe("whole numbers, h = 0.25", "coupled", np.array([[1, -2], [0, 2], [1, 1]]), 0.25),
        probe("a single number (no axes), h = 0.5", "cubes", np.array(1.3), 0.5),
        probe("three axes, h = 0.2", "coupled", rng.normal(size=(2, 3, 2)), 0.2),
        probe(
            "every other column of an array", "coupled", rng.normal(size=(2, 3)), 0.1, "every other column"
        ),
        probe("a transposed array", "coupled", rng.normal(size=(3, 2)), 0.1, "transposed"),
        probe("a linear function, h left at its default", "linear", rng.normal(size=(2, 3))),
        probe("a function that wiggles fast, h left at its default", "rapid", rng.uniform(-0.3, 0.3, size=4)),
    ]


def _numerical_example(name, formula, x, *h):
    x = np.array(x)
    given = f"f(x) = {formula}, x = {' '.join(str(x).split())}" + "".join(f", h = {step}" for step in h)
    return Probe("a small case", (name, x, *h), driver="03_backward_pass:gradient", shown=given)


def _linear_is_exact(args, value):
    name, x, *_ = args
    if name != "linear":
        return None
    weights = 1 + np.arange(x.size).reshape(x.shape)
    worst = np.abs(value[0] - weights).max()
    message = f"the gradient of Σ w·x is w, whatever h is; yours is off by {worst:.2g}"
    return message if worst > 1e-5 else None


def _x_came_back(args, value):
    changed = int(value[1])
    entries = "1 entry" if changed == 1 else f"{changed} entries"
    return f"x should come back as it was, to the last bit; {entries} changed" if changed else None


NUMERICAL = Question(
    name="numerical_gradient",
    points=2,
    level=2,
    task="The gradient of f at x by central differences, for x of any shape.",
    ask=(
        "f(x) = x³ at 1 with h = 0.1, by hand: what do you get from both sides, and from one? And what is x afterwards?",
        "(1.331 − 0.729)/0.2 = 3.01, and 3.31 from one side; the slope is 3. x holds what it held, to the last bit.",
    ),
    reference=numerical_gradient,
    variant=_numerical_variant,
    call="numerical_gradient(f, x, h=1e-5)",
    returns=("gradient", "entries of x that changed"),
    probes=_numerical_probes,
    examples=(
        _numerical_example("squares", "Σ x²", [1.0, 3.0], 0.5),
        _numerical_example("cubes", "x[0]³ + 2·x[1]³", [1.0, 0.1], 0.1),
        _numerical_example("squares", "Σ x²", [1, 3], 0.5),
        _numerical_example("squares", "Σ x²", [[1.0, 3.0]], 0.5),
        _numerical_example("cubes", "x[0]³ + 2·x[1]³", [1, 2], 0.25),
        _numerical_example("rapid", "sin(20000·x)", [0.0]),
        Probe(
            "a transposed array",
            ("squares", np.array([[1.0, 3.0], [2.0, 5.0]]), 0.5, "transposed"),
            driver="03_backward_pass:gradient",
            shown="f(x) = Σ x², x the transpose of [[1. 2.] [3. 5.]], h = 0.5",
        ),
    ),
    misconceptions=(
        own(
            "forward-differences",
            "You compare f at x ± h with f at x itself, on one side only.",
            "The error of a one-sided difference is proportional to h, that of the central one, "
            "(f(x + h) − f(x − h))/2h, to h².",
            {"lower": 0, "divisor": "h"},
            {"upper": 0, "divisor": "h"},
        ),
        own(
            "half-a-step",
            "You divide by 2h, and your two points are only h apart.",
            "One of them is x itself: after x + h you have to go back by 2h to reach x − h.",
            {"lower": 0},
            {"upper": 0},
        ),
        own(
            "divides-by-h",
            "You divide by h where 2h belongs.",
            "x + h and x − h are 2h apart.",
            divisor="h",
        ),
        own(
            "not-divided",
            "You do not divide by the step.",
            "A slope is a difference of f divided by the distance of the two points, 2h.",
            {"divisor": "1"},
            {"divisor": "2"},
        ),
        own(
            "wrong-sign",
            "Your gradient has the opposite sign.",
            "It is f(x + h) minus f(x − h), in this order.",
            sign=-1,
        ),
        own(
            "h-ignored",
            "You use a fixed step and ignore the argument `h`.",
            "The caller chooses h: use the argument.",
            {"h_fixed": 1e-5},
            {"h_fixed": 1e-4},
            {"h_fixed": 1e-3},
            {"h_fixed": 1e-6},
        ),
        own(
            "h-default",
            "Your default for h is not 1e-5.",
            "1e-5 is near the best step for central differences in float64: larger ones leave more of the curvature, "
            "smaller ones more of the rounding.",
            {"h_default": 1e-3},
            {"h_default": 1e-4},
            {"h_default": 1e-6},
            {"h_default": 1e-8},
        ),
        own(
            "all-at-once",
            "You move all entries of x at the same time.",
            "That gives one number, the slope of f in the direction (1, 1, …, 1). A gradient has a slope for each entry: "
            "move one, and leave the others where they are.",
            moves="all",
        ),
        own(
            "rows-at-once",
            "You move a whole row of x at the same time.",
            "`for i in range(len(x))` runs over the first axis alone. `np.ndindex(x.shape)` runs over every entry of "
            "an array of any rank.",
            moves="rows",
        ),
        own(
            "not-restored",
            "You do not put an entry back before you move the next.",
            "Each slope is then taken at another point, and not at x.",
            {"storage": "never"},
            {"storage": "two-copies"},
        ),
        own(
            "restores-by-arithmetic",
            "You put x back by adding h again.",
            "In floating point (x + h) − 2h + h is not always x: the last bits differ. Keep the old value and write it "
            "back, or work on a copy. (In an array of whole numbers the steps are rounded away as well.)",
            storage="arithmetic",
        ),
        own(
            "integers-rounded",
            "You lose the fractions when x holds whole numbers.",
            "An array of integers rounds what is written into it: x + 0.25 becomes x, and a slope of 0.5 becomes 0. "
            "Work in float: `np.array(x, dtype=float)`.",
            {"storage": "integers"},
            {"result": "as-x"},
            {"storage": "integers", "result": "as-x"},
        ),
        own(
            "flat-copy",
            "You move the entries of a flat copy, and f never sees it.",
            "`flatten` always copies, and `ravel` does when x is not contiguous in memory. Index x itself with "
            "`np.ndindex(x.shape)`.",
            {"storage": "ravel"},
            {"storage": "flatten"},
            {"storage": "ravel", "result": "as-x"},
        ),
        own(
            "flat-result",
            "You return the slopes as a flat array.",
            "A gradient has the shape of x: one slope for each entry, in its place.",
            result="flat",
        ),
    ),
    properties=(
        Property("x comes back as it was", _x_came_back),
        Property("a linear function's gradient is exact", _linear_is_exact),
    ),
    hints=(
        "Move one entry of x up by h, then down by h, and see what f does. Then the next entry.",
        "Each slope is (f(x + h) − f(x − h))/(2h), with only one entry of x moved. `np.ndindex(x.shape)` runs over "
        "all entries, whatever the shape.",
        "Work on `point = np.array(x, dtype=float)`: a copy, in float. Keep `centre = point[index]` and write it back before "
        "you go on.",
        "In the loop: `point[index] = centre + h`, then `above = f(point)`; the same below; "
        "`gradient[index] = (above - below) / (2 * h)`; `point[index] = centre`.",
    ),
)

QUESTIONS = (AFFINE, STANDARDIZE, BACKWARD, NUMERICAL)

PREDICTIONS = {
    "03-one-example": Prediction("c"),
    "03-step": Prediction("b"),
    "03-doubled-batch": Prediction("b"),
    "03-mean-through-variance": Prediction("a"),
    "03-stretch": Prediction("b"),
    "03-batch-of-two": Prediction("a"),
    "03-detached": Prediction("b"),
}
