"""Lesson 02: The γ and β that make batch norm give its input back, for a batch of these statistics."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import _divisor


def identity_affine(mean, var, eps):
    return np.sqrt(var + eps), mean.copy()


def _identity_variant(
    mean,
    var,
    eps,
    *,
    eps_place="inside",
    root=True,
    inverse=False,
    shift="mean",
    order="gamma-beta",
):
    gamma = _divisor(var, eps, eps_place, root)
    beta = {"mean": mean, "negative": -mean, "scaled": mean / gamma, "minus-scaled": -mean / gamma}[shift]
    gamma = 1 / gamma if inverse else gamma
    return (gamma, beta) if order == "gamma-beta" else (beta, gamma)


def _identity_probes(rng):
    def statistics(d):
        return rng.normal(size=d) * 2 + 0.3, rng.uniform(0.5, 4, size=d)

    return [
        Probe("four features, ε = 0.1", (*statistics(4), 0.1)),
        Probe("three features, ε = 1.7", (*statistics(3), 1.7)),
        Probe("small variances", (rng.normal(size=3), rng.uniform(1e-4, 1e-3, size=3), 1e-2)),
        Probe("a variance of zero", (rng.normal(size=2), np.array([0.0, 1.3]), 1e-2)),
    ]


def _identity_example(mean, var, eps):
    return Probe("one feature", (np.array([mean]), np.array([var]), eps))


def _gives_input_back(args, value):
    mean, var, eps = args
    gamma, beta = (np.asarray(v) for v in value)
    x = mean + np.array([[-1.0], [2.0]]) * np.sqrt(var)
    back = gamma * (x - mean) / np.sqrt(var + eps) + beta
    worst = np.abs(back - x).max()
    return f"γ·x̂ + β should be x; it is off by {worst:.2g}" if worst > 1e-5 else None


QUESTION = Question(
    name="identity_affine",
    points=2,
    level=2,
    task="The γ and β that make batch norm give its input back, for a batch of these statistics.",
    ask=(
        "With σ² = 0.0001 and ε = 0.00001, what does the forward pass divide by, to three digits?",
        "√0.00011 = 0.0105, not 0.0100. γ has to multiply by just what was divided by, and β brings back the mean that was subtracted.",
    ),
    reference=identity_affine,
    variant=_identity_variant,
    returns=("gamma", "beta"),
    probes=_identity_probes,
    examples=(
        _identity_example(2.0, 4.0, 0.0),
        _identity_example(0.0, 1.0, 3.0),
        _identity_example(2.0, 1.0, 3.0),
    ),
    misconceptions=(
        own(
            "no-eps",
            "Your γ is √σ²: ε is missing.",
            "Batch norm divides by √(σ² + ε), so that is what γ must undo. With √σ² a feature of small variance "
            "comes back too small: this is the famous formula, and it is true for ε = 0 alone.",
            eps_place="none",
        ),
        own(
            "eps-outside-sqrt",
            "Your γ is √σ² + ε.",
            "Batch norm divides by √(σ² + ε), with ε inside the root, so that is what γ must undo.",
            eps_place="outside",
        ),
        known("no-sqrt", root=False),
        own(
            "inverse-gamma",
            "Your γ divides once more.",
            "Batch norm divides by √(σ² + ε). To undo that, γ multiplies by it.",
            inverse=True,
        ),
        own(
            "negative-beta",
            "Your β subtracts the mean again.",
            "Batch norm took the mean away. To undo that, β adds it: β = μ.",
            shift="negative",
        ),
        own(
            "scaled-beta",
            "You divide β by the deviation.",
            "β is added after γ has scaled, so it is in the units of x: β = μ.",
            {"shift": "scaled"},
            {"shift": "minus-scaled"},
        ),
        own(
            "swapped-outputs",
            "You return β first.",
            "The order asked for is (gamma, beta).",
            order="beta-gamma",
        ),
        known("mutates-input"),
    ),
    properties=(Property("γ·x̂ + β is x", _gives_input_back),),
    hints=(
        "Write down y = γ·(x − μ)/√(σ² + ε) + β and ask which γ and β make y = x.",
        "The factor in front of x must be 1. The rest must cancel.",
        "γ = √(σ² + ε) cancels the division; then only −μ + β is left over, so β = μ.",
    ),
)
