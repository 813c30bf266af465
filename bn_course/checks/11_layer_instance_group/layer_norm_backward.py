"""Lesson 11: the gradients of layer normalisation, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._backward import BACKWARD, backward
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import every_epsilon, no_eps, signs, small, uneven
from bn_course.checks._properties import dx_sums_to_zero
from bn_course.grading.question import Probe, Question

from ._shared import layer_axes


def layer_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.layer_norm_backward(dy, x, gamma, eps)


def _variant(dy, x, gamma, eps=None, *, over="last", means="last", params="nt", gamma_at="inside", **k):
    sums, params = layer_axes(x, means), layer_axes(x, params)
    if gamma_at == "outside":
        k = {**k, "gamma_in": ("again",)}
    return backward(dy, x, gamma, eps, layer_axes(x, over), -1, sums=sums, params=params, **k)


def _probes(rng):
    def case(*shape, spread=1.0):
        return uneven(rng, *shape), uneven(rng, *shape, spread=spread), signs(rng, shape[-1])

    return [
        Probe("six examples of four features, ε = 0.1", (*case(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*case(3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*case(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*case(4, 4), 0.1)),
        Probe("a single example, ε = 2", (*case(1, 5), 2.0)),
        Probe("a tiny ε, 1e-12", (*case(3, 5), 1e-12)),
        *every_epsilon(case, (6, 4), np.s_[1], at=1),
    ]


QUESTION = Question(
    name="layer_norm_backward",
    version=2,
    points=3,
    level=3,
    reference=layer_norm_backward,
    variant=_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_probes,
    examples=(
        small([[1, 0, 0]], [[0, 3, 6]], [1, 1, 1], 0.0),
        small([[1, 0, 2]], [[0, 3, 6]], [1, 2, 3], 1.0),
        small([[1, 0, 2], [0, 3, 1]], [[0, 3, 6], [5, 1, 0]], [1, 2, 3], 0.0),
        small([[1, 0, 2]], [[0, 0.02, 0.03]], [1, 2, 3], label="the default ε"),
        small(
            [[[1, 0, 2], [0, 3, 1]], [[2, 1, 0], [1, 1, 4]]],
            [[[0, 3, 6], [5, 1, 0]], [[1, 2, 4], [2, 0, 7]]],
            [1, 2, 3],
            0.0,
        ),
        no_eps([[1, 3, 0]], [[0, 0.002, 0.003]], [1, 2, 3]),
    ),
    misconceptions=(
        mistake("gamma-outside", gamma_at="outside"),
        mistake("means-over-batch", {"means": "n"}, {"means": "nt"}),
        mistake(
            "wrong-axis",
            {"over": "n"},
            {"over": "n", "means": "n"},
            {"over": "nt"},
            {"over": "nt", "means": "nt"},
        ),
        mistake("dgamma-over-features", params="last"),
        mistake("not-summed-over-time", params="n"),
        mistake("per-example-dgamma", params="none"),
        mistake("sample-variance", {"ddof": 1}, {"ddof": 1, "spread_term": "sample"}),
        *but(BACKWARD, "divides-by-features", "scalar-gamma", "gamma-in-some-terms", "gamma-twice"),
        mistake("mutates-input"),
    ),
    properties=(dx_sums_to_zero("the features of an example", -1),),
)
