"""Lesson 11: Layer normalisation: every example by itself, over its features, the last axis."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import AFFINE, STANDARDISING, _eps, _x_hat, layer_axes, vectors, with_affine


def layer_norm(x, gamma, beta, eps=1e-5):
    return norms.layer_norm(x, gamma, beta, eps)


def _layer_variant(x, gamma, beta, eps=None, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = layer_axes(x, k.get("axes", "last"))
    return with_affine(x, gamma, beta, -1, k, lambda x: _x_hat(x, axes, eps, k))


def _layer_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[-1])

    return [
        Probe("six examples of four features, ε = 0.1", (*batch(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*batch(3, 5, 4), 0.1)),
        Probe("four axes, (2, 3, 5, 4)", (*batch(2, 3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*batch(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*batch(4, 4), 0.1)),
        Probe("small variances, ε left at its default", batch(5, 6, spread=3e-3)),
        Probe("a single example, ε = 2", (*batch(1, 5), 2.0)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 4, 30), *(p.astype(np.float32) for p in parameters(rng, 30)), 1e-5),
            rounding=True,
        ),
    ]


def _unaffected_by_others(args, y):
    """Every example alone gives what it gave in the batch."""
    x, gamma, beta, *rest = args
    alone = norms.layer_norm(x[:1], gamma, beta, *rest)
    worst = np.abs(np.asarray(y)[:1] - alone).max()
    return (
        f"the first example alone should give what it gives here; it differs by {worst:.2g}"
        if worst > 1e-5
        else None
    )


QUESTION = Question(
    name="layer_norm",
    points=2,
    level=1,
    reference=layer_norm,
    variant=_layer_variant,
    returns=("y",),
    probes=_layer_probes,
    examples=(
        vectors([[1, 3]], [1, 1], [0, 0], 0.0),
        vectors([[0, 2]], [1, 1], [0, 0], 3.0),
        vectors([[1, 3], [2, 10]], [2, 3], [5, 7], 0.0),
        vectors([[0, 0.02]], [1, 1], [0, 0], label="the default ε"),
        vectors(
            [[[1, 3], [2, 8]], [[0, 5], [7, 1]]], [1, 2], [0, 10], 0.0, label="two sequences of two steps"
        ),
        vectors(
            [[4096, 4097, 4098.5]],
            [1, 1, 1],
            [0, 0, 0],
            0.0,
            dtype=np.float32,
            label="far from zero",
            rounding=True,
        ),
    ),
    misconceptions=(
        mistake("wrong-axis", {"axes": "n"}, {"axes": "nt"}),
        mistake("whole-example", axes="rest"),
        mistake("second-axis", axes="one"),
        mistake("global-statistics", axes="all"),
        *STANDARDISING,
        *AFFINE,
        mistake("affine-wrong-axis", {"along": -2}, {"along": 0}),
        mistake("mutates-input"),
    ),
    properties=(Property("other examples have no part", _unaffected_by_others),),
)
