"""Lesson 11, weight_standardize."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, uneven
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import STANDARDISING, _eps, _x_hat


def weight_standardize(weight, eps=1e-5):
    return norms.weight_standardize(weight, eps)


def _weight_variant(weight, eps=None, *, axes="ikk", fan=False, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = {"ikk": (1, 2, 3), "kk": (2, 3), "okk": (0, 2, 3), "o": (0,), "i": (1,), "all": (0, 1, 2, 3)}[axes]
    y = _x_hat(weight, axes, eps, k)
    return y / np.sqrt(weight[0].size) if fan else y


def _weight_probes(rng):
    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (uneven(rng, 6, 4, 3, 5), 0.1)),
        Probe("small weights, ε left at its default", (uneven(rng, 5, 3, 2, 4, spread=3e-3),)),
        Probe("as many inputs as outputs", (uneven(rng, 4, 4, 3, 2), 0.1)),
        Probe("one input, ε = 2", (uneven(rng, 3, 1, 3, 3), 2.0)),
        Probe("kernels of one pixel", (uneven(rng, 5, 6, 1, 1), 0.1)),
        Probe("float32 at mean 1000", (offset(rng, 3, 4, 3, 3), 1e-5), rounding=True),
    ]


def _outputs_have_mean_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(1, 2, 3))).max()
    return f"the weights of each output should have mean 0; it reaches {worst:.2g}" if worst > 1e-5 else None


def _kernel(weight, *eps, dtype=float, label="a small kernel", rounding=False):
    return Probe(label, (np.array(weight, dtype=dtype), *eps), rounding=rounding)


QUESTION = Question(
    name="weight_standardize",
    points=2,
    level=1,
    reference=weight_standardize,
    variant=_weight_variant,
    returns=("weight",),
    probes=_weight_probes,
    examples=(
        _kernel([[[[1, 3]]]], 0.0),
        _kernel([[[[0, 2]]]], 3.0),
        _kernel([[[[1, 3]], [[2, 10]]], [[[0, 4]], [[4, 1]]]], 0.0, label="two outputs, two inputs, 1 × 2"),
        _kernel([[[[0, 0.02]]]], label="the default ε"),
        _kernel([[[[4096, 4097, 4098.5]]]], 0.0, dtype=np.float32, label="far from zero", rounding=True),
    ),
    misconceptions=(
        mistake("per-kernel", axes="kk"),
        mistake("per-input", axes="okk"),
        mistake("wrong-axis", axes="o"),
        mistake("over-inputs", axes="i"),
        mistake("global-statistics", axes="all"),
        mistake("fan-in-scaled", fan=True),
        *STANDARDISING,
        mistake("mutates-input"),
    ),
    properties=(Property("the weights of each output have mean 0", _outputs_have_mean_zero),),
)
