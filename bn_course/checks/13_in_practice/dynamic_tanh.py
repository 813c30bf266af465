"""Lesson 13: The layer that replaces a norm in Zhu et al. (2025): γ · tanh(α x) + β."""

import numpy as np

from bn_course.checks._draw import signs
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question


# --- dynamic_tanh -----------------------------------------------------------------------------
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
    ]


def _dynamic_tanh_example(label, x, alpha, gamma, beta):
    arrays = (np.array(a, float) for a in (gamma, beta))
    return Probe(label, (np.array(x, float), alpha, *arrays))


_DYT_EXAMPLES = (
    _dynamic_tanh_example("two numbers", [[0.0], [2.0]], 0.5, [1], [0]),
    _dynamic_tanh_example("with γ and β", [[0.0], [2.0]], 0.5, [2], [3]),
    _dynamic_tanh_example("two features", [[0.0, 1], [2, 4]], 2.0, [2, -3], [1, 5]),
    _dynamic_tanh_example("a negative α", [[1.0], [2.0]], -0.5, [2], [3]),
)


def _within_gamma(args, value):
    gamma, beta = args[2], args[3]
    if (abs(np.asarray(value, float) - beta) > abs(gamma) + 1e-6).any():
        return "an output is farther from β than γ: tanh lies between −1 and 1"
    return None


QUESTION = Question(
    name="dynamic_tanh",
    points=1,
    level=1,
    task="The layer that replaces a norm in Zhu et al. (2025): γ · tanh(α x) + β.",
    ask=(
        "What comes out for x = 0, and for x = 10⁶ with α > 0? Which other entries of the row have a say?",
        "β, and γ + β. None: nothing is averaged, which is the whole point.",
    ),
    reference=dynamic_tanh,
    variant=_dynamic_tanh_variant,
    returns=("y",),
    probes=_dynamic_tanh_probes,
    examples=_DYT_EXAMPLES,
    properties=(Property("within γ of β", _within_gamma),),
    misconceptions=(
        own(
            "alpha-ignored",
            "α has no effect in your answer.",
            "α sets how large an input may be before it is squashed: tanh(α x).",
            alpha_at="nowhere",
        ),
        own(
            "alpha-outside",
            "You multiply the tanh by α.",
            "Outside, α would do what γ does already. Inside, it stretches the input: tanh(α x).",
            {"alpha_at": "outside"},
            {"alpha_at": "both"},
        ),
        own(
            "alpha-divides",
            "You divide x by α.",
            "α multiplies: a larger α squashes more.",
            alpha_at="divides",
        ),
        own(
            "alpha-sign-lost",
            "You take α without its sign.",
            "α is a learned number like any other; the formula takes it as it is.",
            alpha_at="absolute",
        ),
        own(
            "other-function",
            "You squash with another function than tanh.",
            "A sigmoid is not centred, and a clip has no gradient beyond its ends.",
            {"squash": "sigmoid"},
            {"squash": "clip"},
            {"squash": "none"},
        ),
        own(
            "normalises",
            "You standardise each example first.",
            "That is what the layer does without: no statistic of any kind.",
            squash="normalised",
        ),
        own(
            "affine-inside",
            "You apply γ and β to x, inside the tanh.",
            "They come after it, as in the norm that it replaces, so that the output can have any mean and size.",
            affine="before",
        ),
        own(
            "shift-inside",
            "You add β inside the tanh.",
            "β comes last: it shifts the output.",
            affine="shift inside",
        ),
        known("gamma-after-shift", affine="shift first"),
        known("gamma-ignored", gamma_use="none"),
        known("beta-ignored", beta_use="none"),
        known("scalar-gamma", {"gamma_use": "first", "beta_use": "first"}, {"gamma_use": "first"}),
        own(
            "first-axis",
            "Your γ and β run along the first axis.",
            "They have one entry for each feature, which is the last axis.",
            along=0,
        ),
        known("mutates-input"),
    ),
    hints=(
        "No mean, no variance, no axis: the layer treats each number by itself. Which operations does it need?",
        "α x first, then tanh, then γ and β, as after any norm.",
        "`gamma * np.tanh(alpha * x) + beta`: γ and β run along the last axis, which is where NumPy lines arrays up.",
    ),
)
