"""What several questions of lesson 11 share."""

import numpy as np

from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe


def moments(x, axes, ddof=0, method="two-pass"):
    mean = x.mean(axis=axes, keepdims=True)
    if method == "one-pass":
        return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean
    squares = ((x - mean) ** 2).sum(axis=axes, keepdims=True)
    return mean, squares / (x.size // mean.size - ddof)


def _eps(eps, eps_default=1e-5, eps_fixed=None):
    """The ε that an answer uses, given the one that it was called with, or None."""
    eps = eps_default if eps is None else eps
    return eps if eps_fixed is None else eps_fixed


def _x_hat(x, axes, eps, k):
    """x standardised over `axes`, with the knobs in `k`."""
    mean, var = moments(x, axes, k.get("ddof", 0), k.get("method"))
    divisor = deviation(var, eps, k.get("eps_place", "inside"), k.get("root", True))
    return (x - mean if k.get("centre", True) else x) / (divisor if k.get("scale", True) else 1.0)


def with_affine(x, gamma, beta, along, k, standardised):
    """y = γ·standardised(x) + β, with the knobs in `k`; γ and β lie along an axis, `along` or the knob's."""
    gamma, beta = (beta, gamma) if k.get("swapped") else (gamma, beta)
    shape = [1] * x.ndim
    shape[k.get("along", along)] = -1
    gamma = used_of(gamma, k.get("gamma_is", "vector"), 1.0).reshape(shape)
    beta = used_of(beta, k.get("beta_is", "vector"), 0.0).reshape(shape)
    if k.get("order") == "before":
        return standardised(gamma * x + beta)
    y = standardised(x)
    return gamma * (y + beta) if k.get("order") == "shift-first" else gamma * y + beta


EPS_DEFAULT = mistake("eps-default", {"eps_default": 1e-3}, {"eps_default": 1e-8}, {"eps_default": 1e-6})


EPS_FIXED = mistake("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-8}, {"eps_fixed": 1e-3})


SAMPLE_VARIANCE = mistake("sample-variance", ddof=1)


STANDARDISING = (
    SAMPLE_VARIANCE,
    mistake("one-pass-variance", rounding=True, method="one-pass"),
    mistake("eps-outside-sqrt", eps_place="outside"),
    mistake("no-eps", eps_place="none"),
    EPS_DEFAULT,
    EPS_FIXED,
    mistake("divides-by-variance", root=False),
    mistake("mean-not-subtracted", centre=False),
    mistake("only-centred", scale=False),
)


AFFINE = (
    mistake("gamma-ignored", gamma_is="ignored"),
    mistake("beta-ignored", beta_is="ignored"),
    mistake("affine-ignored", gamma_is="ignored", beta_is="ignored"),
    mistake("gamma-after-shift", order="shift-first"),
    mistake("affine-before", order="before"),
    mistake(
        "scalar-gamma",
        {"gamma_is": "first"},
        {"gamma_is": "mean"},
        {"gamma_is": "first", "beta_is": "first"},
        {"gamma_is": "mean", "beta_is": "mean"},
    ),
    mistake("gamma-beta-swapped", swapped=True),
)


def _arrays(*values, dtype=float):
    return tuple(np.array(v, dtype=dtype) for v in values)


def layer_axes(x, name):
    return {
        "last": (x.ndim - 1,),
        "n": (0,),
        "nt": tuple(range(x.ndim - 1)),
        "rest": tuple(range(1, x.ndim)),
        "one": (1,),
        "all": tuple(range(x.ndim)),
    }[name]


def vectors(x, gamma, beta, *eps, dtype=float, label="a small batch", rounding=False):
    return Probe(label, (*_arrays(x, gamma, beta, dtype=dtype), *eps), rounding=rounding)


# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
AXES = {
    "hw": (2, 3),
    "nhw": (0, 2, 3),
    "n": (0,),
    "chw": (1, 2, 3),
    "c": (1,),
    "w": (3,),
    "h": (2,),
    "all": (0, 1, 2, 3),
}
