"""Lesson 11: layer normalisation over the last axis."""

from functools import partial

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, norm
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import (
    batch_of,
    of_every_norm,
    small,
    small_ones_of_every_norm,
)
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question

from ._shared import layer_axes


def layer_norm(x, gamma, beta, eps=1e-5):
    return norms.layer_norm(x, gamma, beta, eps)


def _variant(x, gamma, beta, eps=None, *, over="last", **k):
    return norm(x, gamma, beta, eps, layer_axes(x, over), -1, **k)


def _probes(rng):
    batch = partial(batch_of, rng, along=-1)
    return [
        Probe("six examples of four features, ε = 0.1", (*batch(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*batch(3, 5, 4), 0.1)),
        Probe("four axes, (2, 3, 5, 4)", (*batch(2, 3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*batch(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*batch(4, 4), 0.1)),
        Probe("a single example, ε = 2", (*batch(1, 5), 2.0)),
        *of_every_norm(rng, batch, (4, 5), np.s_[1], (4, 30)),
    ]


def _unaffected_by_others(args, y):
    """Every example alone gives what it gave in the batch."""
    x, gamma, beta, *rest = args
    worst = np.abs(np.asarray(y)[:1] - norms.layer_norm(x[:1], gamma, beta, *rest)).max()
    return worst_of("the first example alone should give what it gives here", worst)


QUESTION = Question(
    name="layer_norm",
    version=2,
    points=2,
    level=1,
    reference=layer_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[1, 3]], [1, 1], [0, 0], 0.0),
        small([[0, 2]], [1, 1], [0, 0], 3.0),
        small([[1, 3], [2, 10]], [2, 3], [5, 7], 0.0),
        small([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], [1, 2], [0, 10], 0.0, label="two sequences of two steps"),
        *small_ones_of_every_norm(lambda x: x[None], lambda n: ([1] * n, [0] * n)),
    ),
    misconceptions=(
        mistake("wrong-axis", {"over": "n"}, {"over": "nt"}),
        mistake("whole-example", over="rest"),
        mistake("second-axis", over="one"),
        mistake("global-statistics", over="all"),
        *FORWARD,
        mistake("affine-wrong-axis", {"along": -2}, {"along": 0}),
        mistake("mutates-input"),
    ),
    properties=(Property("other examples have no part", _unaffected_by_others),),
)
