"""What several questions of lesson 03 share."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe


def _gamma(rng, d):
    """γ of both signs, none near zero or one."""
    return rng.uniform(1.3, 2.5, size=d) * np.where(np.arange(d) % 2, -1, 1)


def _example(*arrays, eps=None, label="a small batch"):
    args = tuple(np.array(a, dtype=float) for a in arrays)
    return Probe(label, args if eps is None else (*args, eps))


def epsilon(args, position):
    return args[position] if len(args) > position else 1e-5


def _x_hat(x, eps):
    return (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)


def _size(values):
    """What a rounding error is measured against."""
    return max(1.0, np.abs(values).max())


GAMMA_IN_DGAMMA = (
    "gamma-in-dgamma",
    "Your dγ or dβ carries a factor γ.",
    "y = γ·x̂ + β, so ∂y/∂γ = x̂ and ∂y/∂β = 1: both sums are over dy. γ enters the way to x alone.",
)


MEAN_NOT_SUM = (
    "mean-not-sum",
    "You average dγ and dβ over the batch.",
    "One γ serves all examples, and their contributions add up. If the loss is an average over the batch, its "
    "1/N is in dy already.",
)


EPS_MISTAKES = (
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


SAMPLE_VARIANCE = (
    "sample-variance",
    "You divide the sum of squares by N − 1.",
    "The forward pass of batch norm divides by N, and the backward pass has to follow it. NumPy's `var` divides by "
    "N unless `ddof=1` says otherwise; torch's `var` needs `correction=0`.",
)


WRONG_AXIS = (
    "wrong-axis",
    "You take the statistics of each example, over its features.",
    "Batch normalisation takes them of each feature, over the examples: that is axis 0 of (N, D), in the backward "
    "pass as in the forward pass.",
)


INV_STD_MISSING = (
    "inv-std-missing",
    "You do not divide the direct path by the deviation.",
    "x̂ = (x − μ)/√(σ² + ε): one unit of x moves x̂ by 1/√(σ² + ε) units, so dx̂ is divided by √(σ² + ε) on its way to x.",
)


HALF_MISSING = (
    "half-missing",
    "The ½ is missing in the path through the variance.",
    "The derivative of (σ² + ε)^(−½) is −½·(σ² + ε)^(−3⁄2): the exponent comes down as a factor.",
)


TWO_MISSING = (
    "two-missing",
    "The 2 is missing in the path through the variance.",
    "The variance is the mean of (x − μ)², and the derivative of a square is twice its root: 2(x − μ)/N.",
)


EXPONENT = (
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


def sum_of_dx_is_zero(dx):
    worst = np.abs(dx.sum(axis=0)).max() / max(np.abs(dx).max(), 1e-12)
    if worst > 1e-5:
        return (
            "Σdx should be 0 in each feature, because adding a constant to x leaves x̂ as it is; it is "
            f"{worst:.2g} times the largest entry of dx"
        )
    return None


def dx_does_not_stretch(dx, dx_hat, x, eps):
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


def offset_probe(rng, *more):
    x = (1e3 + rng.normal(size=(8, 5))).astype(np.float32)
    dy = rng.normal(size=(8, 5)).astype(np.float32)
    return Probe("float32 at mean 1000", (dy, x, *more, 1e-5), rounding=True)


def far_from_zero(*more):
    x = np.array([[8192.0], [8193.0], [8194.5]], np.float32)
    dy = np.array([[1.0], [0.0], [3.0]], np.float32)
    return Probe("float32 far from zero", (dy, x, *more, 0.0), rounding=True)
