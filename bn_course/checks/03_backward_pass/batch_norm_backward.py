"""Lesson 03: the gradients of batch normalisation, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._backward import BACKWARD, backward
from bn_course.checks._forward import ONE_PASS
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import every_epsilon, in_float32, no_eps, signs, small
from bn_course.grading.question import Probe, Question

from ._shared import TABLE, far_example, offset_probe, properties


def batch_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.batch_norm_backward(dy, x, gamma, eps)


def _variant(dy, x, gamma, eps=None, *, over="n", sums=None, params="n", **k):
    sums = sums and TABLE[sums]
    return backward(dy, x, gamma, eps, TABLE[over], 1, sums=sums, params=TABLE[params], **k)


def _probes(rng):
    def case(n, d, spread=1.0, mean=0.0):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(mean, spread, size=(n, d)), signs(rng, d)

    return [
        Probe("six examples, four features, ε = 0.1", (*case(6, 4, spread=1.6, mean=1.5), 0.1)),
        Probe("as many examples as features, ε = 0.1", (*case(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*case(7, 3, spread=1.5), 2.0)),
        Probe("two examples, ε = 0.5", (*case(2, 3, mean=1.0), 0.5)),
        Probe("a tiny ε, 1e-12", (*case(6, 3, spread=2.0, mean=1.0), 1e-12)),
        offset_probe(rng, *in_float32(signs(rng, 5))),
        *every_epsilon(case, (6, 3), np.s_[:, 1], at=1),
    ]


def _dx_hat_of(args):
    dy, x, gamma, *rest = args
    return dy * gamma, x, rest[0] if rest else 1e-5


QUESTION = Question(
    name="batch_norm_backward",
    version=2,
    points=4,
    level=3,
    reference=batch_norm_backward,
    variant=_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_probes,
    examples=(
        small([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [1], 0.0),
        small([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [2], 0.0),
        small([[1], [0], [2]], [[0], [3], [6]], [2], 3.0),
        small([[1, 2], [3, 0]], [[0, 1], [2, 5]], [1, 3], 1.0),
        small([[1], [3], [0]], [[0], [0.02], [0.03]], [1], label="the default ε"),
        far_example([2]),
        no_eps([[1], [3], [0]], [[0], [0.002], [0.003]], [1]),
    ),
    misconceptions=(
        mistake("sample-variance", {"ddof": 1}, {"ddof": 1, "spread_term": "sample"}),
        mistake("wrong-axis", {"over": "d"}, {"over": "d", "sums": "n"}),
        mistake("means-over-features", sums="d"),
        mistake(
            "global-statistics",
            {"over": "all"},
            {"over": "all", "sums": "n"},
            {"over": "all", "params": "all"},
        ),
        mistake("sums-without-an-axis", sums="all"),
        mistake("affine-wrong-axis", along=0),
        mistake("per-example-dgamma", reduce="none"),
        *BACKWARD,
        ONE_PASS,
        mistake("mutates-input"),
    ),
    properties=properties(_dx_hat_of, 0),
)
