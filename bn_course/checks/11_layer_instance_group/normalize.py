"""Lesson 11: The one operation under every norm: mean 0 and variance 1 over the axes that are named."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, uneven
from bn_course.checks._knobs import deviation
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import STANDARDISING, _eps, _x_hat, moments


def normalize(x, axes, eps=1e-5):
    return norms.standardize(x, axes, eps)


def _normalize_variant(x, axes, eps=None, *, take="given", keepdims=True, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    given = tuple(axis % x.ndim for axis in np.atleast_1d(axes))
    others = tuple(axis for axis in range(x.ndim) if axis not in given)
    axes = {
        "given": given,
        "others": others,
        "first": given[:1],
        "last": given[-1:],
        "all": tuple(range(x.ndim)),
        "positive": tuple(axis for axis in np.atleast_1d(axes) if axis >= 0),
    }[take]
    if keepdims:
        return _x_hat(x, axes, eps, k)
    mean, var = (m.squeeze(axes) for m in moments(x, axes, k.get("ddof", 0), k.get("method")))
    divisor = deviation(var, eps, k.get("eps_place", "inside"), k.get("root", True))
    return (x - mean if k.get("centre", True) else x) / (divisor if k.get("scale", True) else 1.0)


def _normalize_probes(rng):
    return [
        Probe("four axes, over (0, 2, 3), ε = 0.1", (uneven(rng, 3, 4, 5, 2), (0, 2, 3), 0.1)),
        Probe("the same over (1, 2, 3)", (uneven(rng, 3, 4, 5, 2), (1, 2, 3), 0.1)),
        Probe("axes counted from the end, (-2, -1)", (uneven(rng, 3, 4, 5, 2), (-2, -1), 0.1)),
        Probe("one axis from the front and one from the end, (1, -1)", (uneven(rng, 3, 4, 5), (1, -1), 0.1)),
        Probe("one axis, as a number", (uneven(rng, 6, 4, 3), 1, 0.1)),
        Probe("a square table over axis 1", (uneven(rng, 5, 5), 1, 0.1)),
        Probe("small variances, ε left at its default", (uneven(rng, 5, 4, spread=3e-3), (0,))),
        Probe("float32 at mean 1000", (offset(rng, 4, 30), (1,), 1e-5), rounding=True),
    ]


def _mean_is_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=args[1])).max()
    return f"the mean over the axes should be 0; it reaches {worst:.2g}" if worst > 1e-5 else None


def _normalize_example(x, axes, *eps, dtype=float, label="a small array", rounding=False):
    return Probe(label, (np.array(x, dtype=dtype), axes, *eps), rounding=rounding)


QUESTION = Question(
    name="normalize",
    points=2,
    level=1,
    reference=normalize,
    variant=_normalize_variant,
    returns=("x_hat",),
    probes=_normalize_probes,
    examples=(
        _normalize_example([[1, 3], [2, 6]], (1,), 0.0),
        _normalize_example([[1, 3], [2, 6]], (0,), 0.0),
        _normalize_example([[0, 2], [2, 6]], (-1,), 3.0),
        _normalize_example([[0, 0.02]], (1,), label="the default ε"),
        _normalize_example([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, 2), 0.0),
        _normalize_example([[[1, 3], [2, 8]], [[0, 5], [7, 1]]], (0, -1), 0.0),
        _normalize_example(
            [[4096, 4097, 4098.5]], (1,), 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
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
