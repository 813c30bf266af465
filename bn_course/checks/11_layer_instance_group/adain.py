"""Lesson 11: adaptive instance normalisation."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import EPSILON, ONE_PASS, deviation, epsilon, moments
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import every_epsilon, far_from_zero, no_eps, offset, small, uneven
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question

from ._shared import AXES


def adain(content, style, eps=1e-5):
    return norms.adain(content, style, eps)


def _variant(
    content,
    style,
    eps=None,
    *,
    over="hw",
    style_eps=None,
    style_root=True,
    centre=True,
    scale="both",
    shift="style",
    swapped=False,
    **k,
):
    eps = epsilon(eps, **k)
    content, style = (style, content) if swapped else (content, style)
    (mean, var), (style_mean, style_var) = (moments(x, AXES[over], **k) for x in (content, style))
    std = deviation(var, eps, **k)
    style_std = deviation(
        style_var, eps, **{**k, "root": style_root, **({"eps_place": style_eps} if style_eps else {})}
    )
    y = content - mean if centre else content
    y = y * {"both": style_std / std, "content": 1 / std, "none": 1.0, "inverse": std / style_std}[scale]
    return y + {"style": style_mean, "content": mean, "none": 0.0}[shift]


def _probes(rng):
    def pair(*shape, size=(5, 6), spread=1.0):
        style = 2 * uneven(rng, *shape[:2], *size) - 1.5
        return uneven(rng, *shape, spread=spread), style

    return [
        Probe("three images of four channels, 3 × 5, a style of 5 × 6, ε = 0.1", (*pair(3, 4, 3, 5), 0.1)),
        Probe("a style of 2 × 2", (*pair(2, 3, 4, 3, size=(2, 2)), 0.1)),
        Probe("content and style of one size", (*pair(2, 3, 4, 3, size=(4, 3)), 0.1)),
        Probe("a flat style, ε = 0.5", (pair(2, 3, 4, 5)[0], 0.1 * pair(2, 3, 4, 5)[1], 0.5)),
        Probe("one image of one channel, ε = 2", (*pair(1, 1, 2, 5), 2.0)),
        Probe(
            "float32, content at mean 1000",
            (offset(rng, 2, 3, 4, 5), uneven(rng, 2, 3, 5, 6).astype(np.float32), 1e-5),
            rounding=True,
        ),
        *every_epsilon(pair, (2, 3, 4, 5), np.s_[:, 1]),
    ]


def _mean_is_the_style_s(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(2, 3)) - args[1].mean(axis=(2, 3))).max()
    return worst_of("the mean of each channel should be the style's", worst)


QUESTION = Question(
    name="adain",
    version=2,
    points=2,
    level=2,
    reference=adain,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[[[1, 3]]]], [[[[10, 16]]]], 0.0),
        small([[[[0, 2]]]], [[[[10, 14]]]], 3.0),
        small([[[[1, 3], [2, 10]]]], [[[[10, 16, 4]]]], 0.0),
        small([[[[1, 3]], [[2, 6]]]], [[[[10, 16]], [[0, 8]]]], 0.0, label="two channels of two pixels"),
        small([[[[1, 3]]], [[[2, 6]]]], [[[[10, 16]]], [[[0, 8]]]], 0.0, label="two images of two pixels"),
        small([[[[0, 0.02]]]], [[[[10, 16]]]], label="the default ε"),
        far_from_zero([[[[4096, 4097, 4098.5]]]], [[[[0, 4, 8]]]], 0.0),
        no_eps([[[[0, 0.002]]]], [[[[10, 16]]]]),
    ),
    misconceptions=(
        mistake("content-style-swapped", swapped=True),
        mistake("eps-in-one-root", {"style_eps": "none"}),
        mistake("style-mean-not-added", shift="none"),
        mistake("content-mean-kept", shift="content"),
        mistake("style-deviation-ignored", scale="content"),
        mistake("only-shifted", scale="none"),
        mistake("scale-inverted", scale="inverse"),
        mistake("mean-not-subtracted", centre=False),
        mistake("no-sqrt", {"style_root": False}, {"style_root": False, "root": False}),
        mistake("divides-by-variance", root=False),
        mistake("batch-statistics", over="nhw"),
        mistake("wrong-axis", over="chw"),
        mistake("over-channels", over="c"),
        mistake("global-statistics", over="all"),
        mistake("sample-variance", ddof=1),
        mistake("square-of-sum", method="square-of-sum"),
        ONE_PASS,
        *EPSILON,
        mistake("mutates-input"),
    ),
    properties=(Property("each channel has the style's mean", _mean_is_the_style_s),),
)
