"""What several questions of lesson 03 share."""

import numpy as np

from bn_course.checks._mistake import mistake
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


EPS_MISTAKES = (
    mistake("eps-outside-sqrt", {"eps_place": "outside"}, {"eps_place": "outside-exactly"}),
    mistake("no-eps", eps_place="none"),
    mistake(
        "eps-default",
        {"eps_default": 1e-3},
        {"eps_default": 1e-8},
        {"eps_default": 1e-6},
        {"eps_default": 1e-4},
    ),
    mistake("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-8}, {"eps_fixed": 1e-3}),
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
