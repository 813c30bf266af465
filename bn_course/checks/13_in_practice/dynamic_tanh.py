"""Lesson 13: The layer that replaces a norm in Zhu et al. (2025): γ · tanh(α x) + β."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs
from bn_course.grading.question import Probe, Property, Question


def dynamic_tanh(x, alpha, gamma, beta):
    """y = γ · tanh(α x) + β; α is one number, γ and β have one for each feature, the last axis."""
    return gamma * np.tanh(alpha * x) + beta


def _dynamic_tanh_variant(
    x,
    alpha,
    gamma,
    beta,
    *,
    alpha_at="inside",
    alpha_falsy=False,
    squash="tanh",
    affine="after",
    gamma_use="all",
    beta_use="all",
    along=-1,
):
    gamma = {"all": gamma, "none": np.ones_like(gamma), "first": np.full_like(gamma, gamma[0])}[gamma_use]
    beta = {"all": beta, "none": np.zeros_like(beta), "first": np.full_like(beta, beta[0])}[beta_use]
    if along == 0:
        shape = (-1, *[1] * (x.ndim - 1))
        gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    alpha = alpha or 1.0 if alpha_falsy else alpha
    inside = alpha if alpha_at in ("inside", "both") else 1.0
    outside = alpha if alpha_at in ("outside", "both") else 1.0
    if alpha_at == "divides":
        inside = 1 / alpha
    elif alpha_at == "absolute":
        inside = abs(alpha)
    if affine == "before":
        return outside * _SQUASH[squash](inside * (gamma * x + beta))
    z = outside * _SQUASH[squash](inside * x)
    if affine == "shift inside":
        return gamma * _SQUASH[squash](inside * x + beta) * outside
    return gamma * (z + beta) if affine == "shift first" else gamma * z + beta


def _standardised(x):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + 1e-5)


_SQUASH = {
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "clip": lambda x: np.clip(x, -1, 1),
    "none": lambda x: x,
    "normalised": lambda x: np.tanh(_standardised(x)),
    "by one exponential": lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
    "by two exponentials": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
}


def _dynamic_tanh_probes(rng):
    def args(shape, alpha):
        d = shape[-1]
        return (
            rng.normal(0, 2, shape),
            alpha,
            signs(rng, d),
            rng.uniform(0.3, 1.5, d) * np.where(np.arange(d) % 3, 1, -1),
        )

    return [
        Probe("6 examples of 4 features", args((6, 4), 0.5)),
        Probe("sequences, (N, T, D)", args((2, 5, 3), 1.7)),
        Probe("as many examples as features", args((4, 4), 0.8)),
        Probe("a negative α", args((5, 3), -0.6)),
        Probe("α = 0", args((5, 3), 0.0)),
        Probe("very large inputs", _very_large(args((6, 4), 0.5))),
        Probe("float64, to ten digits", args((3, 2), 0.5), rtol=1e-9, atol=1e-10),
    ]


def _very_large(drawn):
    """x of some thousands, of both signs."""
    x, *rest = drawn
    return np.where(x > 0, 4e3, -4e3) + x, *rest


def _dynamic_tanh_example(label, x, alpha, gamma, beta):
    arrays = (np.array(a, float) for a in (gamma, beta))
    return Probe(label, (np.array(x, float), alpha, *arrays))


_DYT_EXAMPLES = (
    _dynamic_tanh_example("two numbers", [[0.0], [2.0]], 0.5, [1], [0]),
    _dynamic_tanh_example("with γ and β", [[0.0], [2.0]], 0.5, [2], [3]),
    _dynamic_tanh_example("two features", [[0.0, 1], [2, 4]], 2.0, [2, -3], [1, 5]),
    _dynamic_tanh_example("a negative α", [[1.0], [2.0]], -0.5, [2], [3]),
    _dynamic_tanh_example("α = 0", [[1.0], [2.0]], 0.0, [2], [3]),
    _dynamic_tanh_example("very large numbers", [[-4000.0], [4000.0]], 0.5, [2], [3]),
)


def _within_gamma(args, value):
    gamma, beta = args[2], args[3]
    if (abs(np.asarray(value, float) - beta) > abs(gamma) + 1e-6).any():
        return "an output is farther from β than γ: tanh lies between −1 and 1"
    return None


QUESTION = Question(
    name="dynamic_tanh",
    points=1,
    version=2,
    level=1,
    reference=dynamic_tanh,
    variant=_dynamic_tanh_variant,
    returns=("y",),
    probes=_dynamic_tanh_probes,
    examples=_DYT_EXAMPLES,
    properties=(Property("within γ of β", _within_gamma),),
    misconceptions=(
        mistake("alpha-ignored", alpha_at="nowhere"),
        mistake("alpha-outside", {"alpha_at": "outside"}, {"alpha_at": "both"}),
        mistake("alpha-divides", alpha_at="divides"),
        mistake("alpha-sign-lost", alpha_at="absolute"),
        mistake("other-function", {"squash": "sigmoid"}, {"squash": "clip"}, {"squash": "none"}),
        mistake("overflows", {"squash": "by one exponential"}, {"squash": "by two exponentials"}),
        mistake("zero-alpha-replaced", alpha_falsy=True),
        mistake("normalises", squash="normalised"),
        mistake("affine-inside", affine="before"),
        mistake("shift-inside", affine="shift inside"),
        mistake("gamma-after-shift", affine="shift first"),
        mistake("gamma-ignored", gamma_use="none"),
        mistake("beta-ignored", beta_use="none"),
        mistake("scalar-gamma", {"gamma_use": "first", "beta_use": "first"}, {"gamma_use": "first"}),
        mistake("first-axis", along=0),
        mistake("mutates-input"),
    ),
)
