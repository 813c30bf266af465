"""Lesson 11: weight standardisation."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import STANDARDISING, epsilon, moments, standardised
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import of_every_norm, small, small_ones_of_every_norm, uneven
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def weight_standardize(weight, eps=1e-5):
    return norms.weight_standardize(weight, eps)


_AXES = {"ikk": (1, 2, 3), "kk": (2, 3), "okk": (0, 2, 3), "o": (0,), "i": (1,), "all": (0, 1, 2, 3)}


def _variant(weight, eps=None, *, over="ikk", fan=False, **k):
    y = standardised(weight, *moments(weight, _AXES[over], **k), epsilon(eps, **k), **k)
    return y / np.sqrt(weight[0].size) if fan else y


def _probes(rng):
    def batch(*shape, spread=1.0):
        return (uneven(rng, *shape, spread=spread),)

    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (uneven(rng, 6, 4, 3, 5), 0.1)),
        Probe("as many inputs as outputs", (uneven(rng, 4, 4, 3, 2), 0.1)),
        Probe("one input, ε = 2", (uneven(rng, 3, 1, 3, 3), 2.0)),
        Probe("kernels of one pixel", (uneven(rng, 5, 6, 1, 1), 0.1)),
        *of_every_norm(rng, batch, (5, 3, 2, 4), np.s_[1], (3, 4, 3, 3)),
    ]


def _outputs_have_mean_zero(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(1, 2, 3))).max()
    return worst_of("the weights of each output should have mean 0", worst)


QUESTION = Question(
    name="weight_standardize",
    version=2,
    points=2,
    level=1,
    reference=weight_standardize,
    variant=_variant,
    returns=("weight",),
    probes=_probes,
    examples=(
        small([[[[1, 3]]]], 0.0),
        small([[[[0, 2]]]], 3.0),
        small([[[[1, 3]], [[2, 10]]], [[[0, 4]], [[4, 1]]]], 0.0, label="two outputs, two inputs, 1 × 2"),
        *small_ones_of_every_norm(lambda x: x[None, None, None], lambda n: ()),
    ),
    misconceptions=(
        mistake("per-kernel", over="kk"),
        mistake("per-input", over="okk"),
        mistake("wrong-axis", over="o"),
        mistake("over-inputs", over="i"),
        mistake("global-statistics", over="all"),
        mistake("fan-in-scaled", fan=True),
        *STANDARDISING,
        mistake("mutates-input"),
    ),
    properties=(Property("the weights of each output have mean 0", _outputs_have_mean_zero),),
)
