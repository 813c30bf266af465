"""Lesson 05: the gradients of batch normalisation of images, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._backward import BACKWARD, backward
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import every_epsilon, images, no_eps, signs, small, uneven
from bn_course.checks._properties import dx_does_not_stretch, dx_sums_to_zero
from bn_course.grading.question import Probe, Question

from ._shared import ALONG, AXES, TWO_HIGH_IMAGES, TWO_IMAGES, flattened, restored


def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    return norms.batch_norm_backward(dy, x, gamma, eps)


def _variant(dy, x, gamma, eps=None, *, over="nhw", means=(None, None), params="nhw", view=None, **k):
    shape = x.shape
    if view:
        x, dy = flattened(x, len(gamma), view), flattened(dy, len(gamma), view)
    sums, count = (AXES[name] if name else None for name in means)
    dx, *gradients = backward(
        dy, x, gamma, eps, AXES[over], 1, sums=sums, count=count, params=AXES[params], **k
    )
    return (restored(dx, shape, view) if view else dx), *gradients


def _probes(rng):
    def case(*shape, spread=1.0):
        return uneven(rng, *shape), uneven(rng, *shape, spread=spread), signs(rng, shape[1])

    return [
        *images(case),
        Probe("one image of two channels, ε = 2", (*case(1, 2, 5, 4), 2.0)),
        Probe("a tiny ε, 1e-12", (*case(3, 2, 3, 2), 1e-12)),
        *every_epsilon(case, (4, 3, 2, 5), np.s_[:, 1], at=1),
    ]


def _dx_hat_of(args):
    dy, x, gamma, *rest = args
    return dy * gamma.reshape(1, -1, 1, 1), x, rest[0] if rest else 1e-5


_TWO_DY = [[[[1, 0]], [[2, 1]]], [[[0, 3]], [[1, 5]]]]
_TWO_HIGH_DY = [[[[1], [0]], [[2], [1]]], [[[0], [3]], [[1], [5]]]]

QUESTION = Question(
    name="batch_norm_2d_backward",
    version=2,
    points=4,
    level=3,
    reference=batch_norm_2d_backward,
    variant=_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_probes,
    examples=(
        small([[[[1, 0]]], [[[0, 0]]]], [[[[0, 2]]], [[[2, 0]]]], [1], 0.0),
        small([[[[1, 2]]], [[[0, 5]]]], [[[[1, 3]]], [[[5, 7]]]], [2], 4.0),
        small(_TWO_DY, TWO_IMAGES, [1, 2], 0.0),
        small(_TWO_HIGH_DY, TWO_HIGH_IMAGES, [1, 2], 0.0),
        small([[[[1, 3, 0]]]], [[[[0, 0.02, 0.03]]]], [1], label="the default ε"),
        no_eps([[[[1, 3, 0]]]], [[[[0, 0.002, 0.003]]]], [1]),
    ),
    misconceptions=(
        mistake("n-instead-of-nhw", means=("nhw", "n")),
        mistake("hw-instead-of-nhw", means=("nhw", "hw")),
        mistake(
            "not-summed-over-space",
            {"params": "n"},
            {"params": "n", "means": ("n", "n")},
            {"params": "n", "means": ("n", "nhw")},
        ),
        mistake(
            "per-example-dgamma",
            {"params": "hw"},
            {"params": "hw", "means": ("hw", "hw")},
            {"params": "hw", "means": ("hw", "nhw")},
        ),
        mistake("dgamma-over-channels", {"params": "nhc"}, {"params": "c"}, {"params": "chw"}),
        mistake("means-per-position", {"means": ("n", "n")}, {"means": ("n", "nhw")}),
        mistake("means-per-instance", {"means": ("hw", "hw")}, {"means": ("hw", "nhw")}),
        mistake("sums-without-an-axis", means=("all", "all")),
        mistake("per-position", {"over": "n"}, {"over": "n", "params": "n"}),
        mistake("per-instance", {"over": "hw"}, {"over": "hw", "params": "hw"}),
        mistake("global-statistics", {"over": "all"}, {"over": "all", "means": ("nhw", "nhw")}),
        mistake("wrong-axis", {"over": "chw"}, {"over": "chw", "means": ("nhw", "nhw")}),
        mistake("reshaped-without-transpose", {"view": "columns"}, {"view": "rows"}),
        mistake("affine-wrong-axis", *ALONG),
        mistake("sample-variance", {"ddof": 1}, {"ddof": 1, "spread_term": "sample"}),
        *BACKWARD,
        mistake("mutates-input"),
    ),
    properties=(
        dx_sums_to_zero("each channel", (0, 2, 3)),
        dx_does_not_stretch("each channel", (0, 2, 3), _dx_hat_of),
    ),
)
