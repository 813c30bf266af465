"""Lesson 11: standardise over any axes."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import STANDARDISING, epsilon, moments, standardised
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import of_every_norm, small, small_ones_of_every_norm, uneven
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def normalize(x, axes, eps=1e-5):
    return norms.standardize(x, axes, eps)


def _variant(x, axes, eps=None, *, take="given", keepdims=True, **k):
    given = tuple(axis % x.ndim for axis in np.atleast_1d(axes))
    axes = {
        "given": given,
        "others": tuple(axis for axis in range(x.ndim) if axis not in given),
        "first": given[:1],
        "last": given[-1:],
        "all": tuple(range(x.ndim)),
        "positive": tuple(axis for axis in np.atleast_1d(axes) if axis >= 0),
    }[take]
    mean, var = moments(x, axes, **k)
    if not keepdims:
        mean, var = mean.squeeze(axes), var.squeeze(axes)
    return standardised(x, mean, var, epsilon(eps, **k), **k)


def _probes(rng):
    def batch(*shape, spread=1.0):
        return (uneven(rng, *shape, spread=spread),)

    return [
        Probe("four axes, over (0, 2, 3), ε = 0.1", (uneven(rng, 3, 4, 5, 2), (0, 2, 3), 0.1)),
        Probe("the same over (1, 2, 3)", (uneven(rng, 3, 4, 5, 2), (1, 2, 3), 0.1)),
        Probe("axes counted from the end, (-2, -1)", (uneven(rng, 3, 4, 5, 2), (-2, -1), 0.1)),
        Probe("one axis from the front and one from the end, (1, -1)", (uneven(rng, 3, 4, 5), (1, -1), 0.1)),
        Probe("one axis, as a number", (uneven(rng, 6, 4, 3), 1, 0.1)),
        Probe("a square table over axis 1", (uneven(rng, 5, 5), 1, 0.1)),
        *of_every_norm(rng, batch, (4, 5), np.s_[1], (4, 30), ((1,),)),
    ]


def _mean_is_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=args[1])).max()
    return worst_of("the mean over the axes should be 0", worst)


QUESTION = Question(
    name="normalize",
    version=2,
    points=2,
    level=1,
    reference=normalize,
    variant=_variant,
    returns=("x_hat",),
    probes=_probes,
    examples=(
        small([[1, 3], [2, 6]], (1,), 0.0),
        small([[1, 3], [2, 6]], (0,), 0.0),
        small([[0, 2], [2, 6]], (-1,), 3.0),
        small([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, 2), 0.0),
        small([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, -1), 0.0),
        *small_ones_of_every_norm(lambda x: x[None], lambda n: ((1,),)),
    ),
    misconceptions=(
        mistake("other-axes", take="others"),
        mistake("one-axis-only", {"take": "first"}, {"take": "last"}),
        mistake("negative-axes-lost", take="positive"),
        mistake("global-statistics", take="all"),
        mistake("no-keepdims", keepdims=False),
        *STANDARDISING,
        mistake("mutates-input"),
    ),
    properties=(Property("the mean over the axes is 0", _mean_is_zero),),
)
