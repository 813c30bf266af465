"""Lesson 05: batch normalisation of images, one mean and one variance for each channel."""

from functools import partial

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, affine_knobs, epsilon, moments, standardised, with_affine
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import (
    batch_of,
    images,
    of_every_norm,
    small,
    small_ones_of_every_norm,
)
from bn_course.checks._properties import deviation_is_gamma, mean_is_beta
from bn_course.grading.question import Probe, Question

from ._shared import ALONG, AXES, TWO_HIGH_IMAGES, TWO_IMAGES, flattened, restored


def batch_norm_2d(x, gamma, beta, eps=1e-5):
    return norms.batch_norm(x, gamma, beta, eps)


def _variant(x, gamma, beta, eps=None, *, over="nhw", pooled=None, view=None, back=None, along=1, **k):
    eps = epsilon(eps, **k)
    shape = x.shape
    x = flattened(x, len(gamma), view) if view else x

    def standardise(x):
        mean, var = _pooled(x, pooled) if pooled else moments(x, AXES[over], **k)
        return standardised(x, mean, var, eps, **k)

    y = with_affine(x, gamma, beta, along, standardise, **affine_knobs(k))
    y = restored(y, shape, view) if view else y
    return _left_flat(y, back) if back else y


def _pooled(x, how):
    """The two mistakes in pooling images: the mean of their variances, the variance of their means."""
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    if how == "mean-of-vars":
        return mean, x.var(axis=(2, 3), keepdims=True).mean(axis=0, keepdims=True)
    return mean, x.mean(axis=(2, 3), keepdims=True).var(axis=0, keepdims=True)


def _left_flat(y, back):
    """y reshaped to its old shape from the order in which a transpose had put it."""
    order = {"nhwc": (0, 2, 3, 1), "cnhw": (1, 0, 2, 3)}[back]
    return y.transpose(order).reshape(y.shape)


def _probes(rng):
    batch = partial(batch_of, rng)
    return [
        *images(batch),
        Probe("one image of two channels, ε = 2", (*batch(1, 2, 5, 4), 2.0)),
        Probe("images of one pixel", (*batch(6, 3, 1, 1), 0.1)),
        *of_every_norm(rng, batch, (4, 3, 2, 5), np.s_[:, 1], (4, 3, 2, 5)),
    ]


QUESTION = Question(
    name="batch_norm_2d",
    version=2,
    points=3,
    level=2,
    reference=batch_norm_2d,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[[[1, 3]]], [[[5, 7]]]], [1], [0], 0.0),
        small([[[[0, 2]]]], [1], [0], 3.0),
        small([[[[0, 2]]]], [2], [5], 0.0),
        small(TWO_IMAGES, [1, 2], [0, 10], 0.0),
        small(TWO_HIGH_IMAGES, [1, 2], [0, 10], 0.0),
        *small_ones_of_every_norm(lambda x: x[None, None, None], lambda n: ([1], [0])),
    ),
    misconceptions=(
        mistake("per-position", over="n"),
        mistake("per-instance", over="hw"),
        mistake("global-statistics", over="all"),
        mistake("wrong-axis", over="chw"),
        mistake("over-channels", over="c"),
        mistake("channels-last", {"over": "nhc"}, {"over": "nhc", "along": 3}),
        mistake("averaged-variances", pooled="mean-of-vars"),
        mistake("variance-of-means", pooled="var-of-means"),
        mistake("reshaped-without-transpose", {"view": "columns"}, {"view": "rows"}),
        mistake("not-transposed-back", {"back": "nhwc"}, {"back": "cnhw"}),
        mistake("affine-wrong-axis", *ALONG),
        *FORWARD,
        mistake("mutates-input"),
    ),
    properties=(
        mean_is_beta("each channel of y", (0, 2, 3)),
        deviation_is_gamma("each channel of y", (0, 2, 3)),
    ),
)
