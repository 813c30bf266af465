"""Lesson 02: The γ and β that make batch norm give its input back, for a batch of these statistics."""

import numpy as np

from bn_course.checks._forward import EPSILON, deviation, epsilon
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import more, no_eps, small
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def identity_affine(mean, var, eps):
    return np.sqrt(var + eps), mean.copy()


def _identity_variant(mean, var, eps, *, inverse=False, shift="mean", order="gamma-beta", **k):
    gamma = deviation(var, epsilon(eps, **k), **k)
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
        *more(*statistics(3), at=1),
        Probe("a variance of zero", (rng.normal(size=2), np.array([0.0, 1.3]), 1e-2)),
    ]


def _gives_input_back(args, value):
    mean, var, eps = args
    gamma, beta = (np.asarray(v) for v in value)
    x = mean + np.array([[-1.0], [2.0]]) * np.sqrt(var)
    back = gamma * (x - mean) / np.sqrt(var + eps) + beta
    worst = np.abs(back - x).max()
    return worst_of("γ·x̂ + β should be x", worst)


QUESTION = Question(
    name="identity_affine",
    version=2,
    points=2,
    level=2,
    reference=identity_affine,
    variant=_identity_variant,
    returns=("gamma", "beta"),
    probes=_identity_probes,
    examples=(
        small([2], [4], 0.0, label="one feature"),
        small([0], [1], 3.0, label="one feature"),
        small([2], [1], 3.0, label="one feature"),
        no_eps([0], [1e-6]),
    ),
    misconceptions=(
        *but(EPSILON, "eps-default", "eps-hard-coded"),
        mistake("eps-hard-coded", *({"eps_fixed": eps} for eps in (1e-5, 1e-3, 1e-6, 1e-8, 1e-10))),
        mistake("no-sqrt", root=False),
        mistake("inverse-gamma", inverse=True),
        mistake("negative-beta", shift="negative"),
        mistake("scaled-beta", {"shift": "scaled"}, {"shift": "minus-scaled"}),
        mistake("swapped-outputs", order="beta-gamma"),
        mistake("mutates-input"),
    ),
    properties=(Property("γ·x̂ + β is x", _gives_input_back),),
)
