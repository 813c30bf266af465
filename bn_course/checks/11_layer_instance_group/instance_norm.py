"""Lesson 11: instance normalisation of images."""

from functools import partial

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, norm
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import (
    batch_of,
    images,
    of_every_norm,
    small,
    small_ones_of_every_norm,
)
from bn_course.checks._properties import mean_is_beta
from bn_course.grading.question import Probe, Question

from ._shared import AXES


def instance_norm(x, gamma, beta, eps=1e-5):
    return norms.instance_norm(x, gamma, beta, eps)


def _variant(x, gamma, beta, eps=None, *, over="hw", **k):
    return norm(x, gamma, beta, eps, AXES[over], 1, **k)


def _probes(rng):
    batch = partial(batch_of, rng)
    return [
        *images(batch),
        Probe("a single image, ε = 2", (*batch(1, 2, 5, 4), 2.0)),
        *of_every_norm(rng, batch, (4, 3, 2, 5), np.s_[:, 1], (2, 3, 4, 8)),
    ]


QUESTION = Question(
    name="instance_norm",
    version=2,
    points=2,
    level=1,
    reference=instance_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[[[1, 3]]], [[[5, 9]]]], [1], [0], 0.0),
        small([[[[0, 2]]]], [1], [0], 3.0),
        small([[[[0, 2]]]], [2], [5], 0.0),
        small([[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]], [2, 3], [5, 10], 0.0),
        small([[[[1, 3], [8, 2]], [[0, 4], [1, 6]]]], [2, 3], [5, 10], 0.0),
        *small_ones_of_every_norm(lambda x: x[None, None, None], lambda n: ([1], [0])),
    ),
    misconceptions=(
        mistake("per-position", over="n"),
        mistake("batch-statistics", over="nhw"),
        mistake("wrong-axis", over="chw"),
        mistake("over-channels", over="c"),
        mistake("one-spatial-axis", {"over": "w"}, {"over": "h"}),
        mistake("global-statistics", over="all"),
        *FORWARD,
        mistake("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        mistake("mutates-input"),
    ),
    properties=(mean_is_beta("each channel of each image", (2, 3)),),
)
