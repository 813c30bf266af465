"""Lesson 02: standardise each feature over the batch, then scale by γ and shift by β."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, affine_knobs, epsilon, moments, standardised, with_affine
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import of_every_norm, parameters, small, small_ones_of_every_norm
from bn_course.checks._properties import deviation_is_gamma, mean_is_beta
from bn_course.grading.question import Probe, Question

from ._shared import TABLE


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    return norms.batch_norm(x, gamma, beta, eps)


def _variant(x, gamma, beta, eps=None, *, over="n", keepdims=True, **k):
    eps = epsilon(eps, **k)

    def standardise(x):
        mean, var = moments(x, TABLE[over], **k)
        if not keepdims:
            mean, var = np.squeeze(mean, TABLE[over]), np.squeeze(var, TABLE[over])
        return standardised(x, mean, var, eps, **k)

    return with_affine(x, gamma, beta, 1, standardise, **affine_knobs(k))


def _probes(rng):
    def batch(n, d, spread=1.0, mean=0.0):
        return rng.normal(mean, spread, size=(n, d)), *parameters(rng, d)

    return [
        Probe("six examples, four features, ε = 0.1", (*batch(6, 4, spread=2.0, mean=1.5), 0.1)),
        Probe("as many examples as features, ε = 0.1", (*batch(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*batch(7, 3, spread=1.5), 2.0)),
        *of_every_norm(rng, batch, (6, 3), np.s_[:, 1], (8, 5)),
    ]


QUESTION = Question(
    name="batch_norm_forward",
    version=2,
    points=3,
    level=2,
    reference=batch_norm_forward,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[1], [2], [6]], [1], [0], 0.0),
        small([[0], [2]], [1], [0], 3.0),
        small([[0], [2]], [2], [5], 0.0),
        small([[0, 1], [2, 5]], [1, 3], [0, 10], 0.0),
        *small_ones_of_every_norm(lambda x: x[:, None], lambda n: ([1], [0])),
    ),
    misconceptions=(
        mistake("wrong-axis", {"over": "d"}, {"over": "d", "keepdims": False}),
        mistake("global-statistics", over="all"),
        *FORWARD,
        mistake("mutates-input"),
    ),
    properties=(mean_is_beta("each feature of y", 0), deviation_is_gamma("each feature of y", 0)),
)
