"""Lesson 11: group normalisation of images."""

from functools import partial

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, affine_knobs, epsilon, laid, moments, standardised, with_affine
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import (
    batch_of,
    of_every_norm,
    small,
    small_ones_of_every_norm,
)
from bn_course.grading.question import Probe, Question


def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    return norms.group_norm(x, gamma, beta, num_groups, eps)


def _variant(
    x,
    gamma,
    beta,
    num_groups,
    eps=None,
    *,
    groups="given",
    over="chw",
    cut="consecutive",
    checked="raises",
    along=1,
    **k,
):
    eps = epsilon(eps, **k)
    N, C = x.shape[:2]
    if C % num_groups and checked == "raises":
        raise ValueError(f"num_groups is {num_groups}; it needs to divide {C}")
    if C % num_groups and checked == "left-over":
        return _in_slices(x, gamma, beta, num_groups, eps)
    count = {"given": num_groups, "size": max(C // num_groups, 1), "one": 1, "each": C}[groups]
    axes = {"chw": (2, 3, 4), "c": (2,), "nchw": (0, 2, 3, 4), "hw": (3, 4)}[over]

    def standardise(x):
        if C % count:  # cut through the channels
            parts, axes_of_parts = x.reshape(N, count, -1), (2,)
        elif cut == "interleaved":
            parts, axes_of_parts = x.reshape(N, C // count, count, *x.shape[2:]).swapaxes(1, 2), axes
        else:
            parts, axes_of_parts = x.reshape(N, count, C // count, *x.shape[2:]), axes
        y = standardised(parts, *moments(parts, axes_of_parts, **k), eps, **k)
        return (y.swapaxes(1, 2) if cut == "interleaved" else y).reshape(x.shape)

    if k.get("gamma_is") == "group":
        k = {**k, "gamma_is": "vector"}
        gamma, beta = (np.repeat(values[:num_groups], C // num_groups) for values in (gamma, beta))
    return with_affine(x, gamma, beta, along, standardise, **affine_knobs(k))


def _in_slices(x, gamma, beta, num_groups, eps):
    """Groups of C // num_groups channels; those that are left over come out as zeros."""
    y = np.zeros_like(x)
    for group in range(num_groups):
        i = slice(group * (x.shape[1] // num_groups), (group + 1) * (x.shape[1] // num_groups))
        y[:, i] = norms.standardize(x[:, i].reshape(len(x), -1), -1, eps).reshape(x[:, i].shape)
    return laid(gamma, 4, 1) * y + laid(beta, 4, 1)


def _probes(rng):
    batch = partial(batch_of, rng)
    return [
        Probe("five images of six channels, 3 × 4, in 2 groups, ε = 0.1", (*batch(5, 6, 3, 4), 2, 0.1)),
        Probe("the same in 3 groups", (*batch(5, 6, 3, 4), 3, 0.1)),
        Probe("one group", (*batch(3, 4, 2, 5), 1, 0.1)),
        Probe("a group a channel", (*batch(3, 4, 2, 5), 4, 0.1)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 6, 3, 6), 2, 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 6, 6, 3), 3, 0.1)),
        Probe("as many images as channels (N = C)", (*batch(4, 4, 2, 5), 2, 0.1)),
        Probe("4 groups of 6 channels: it should raise", (*batch(3, 6, 2, 2), 4, 0.1), any_error=True),
        *of_every_norm(rng, batch, (3, 4, 2, 5), np.s_[:, :2], (2, 4, 3, 4), (2,)),
    ]


_FOUR = [[[[1, 3]], [[0, 4]], [[5, 7]], [[10, 2]]]]  # one image of four channels of two pixels


QUESTION = Question(
    name="group_norm",
    version=2,
    points=3,
    level=2,
    reference=group_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 0.0),
        small([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 3.0),
        small([[[[0]], [[2]]]], [2, 3], [5, 7], 1, 0.0),
        small(_FOUR, [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        small([*_FOUR, [[[9, 0]], [[2, 2]], [[6, 1]], [[3, 5]]]], [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        small(
            np.arange(12).reshape(1, 6, 2, 1),
            [1] * 6,
            [0] * 6,
            4,
            0.0,
            label="4 groups of 6 channels",
            any_error=True,
        ),
        small(np.arange(12).reshape(1, 4, 3, 1), [1, 2, 3, 4], [0] * 4, 4, 0.0, label="a group a channel"),
        small(
            np.arange(12).reshape(1, 6, 2, 1) ** 2,
            [1, 2, 3, 4, 5, 6],
            [0, 1, 2, 3, 4, 5],
            3,
            0.0,
            label="3 groups of 6 channels",
        ),
        *small_ones_of_every_norm(lambda x: x[None, :, None, None], lambda n: ([1] * n, [0] * n, 1)),
    ),
    misconceptions=(
        mistake("groups-not-checked", {"checked": "never"}, {"checked": "left-over"}),
        mistake("group-size", groups="size"),
        mistake("interleaved-groups", cut="interleaved"),
        mistake("wrong-axis", groups="one"),
        mistake("per-instance", {"groups": "each"}, {"over": "hw"}),
        mistake("over-channels", over="c"),
        mistake("batch-statistics", over="nchw"),
        mistake("gamma-per-group", gamma_is="group"),
        *FORWARD,
        mistake("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        mistake("mutates-input"),
    ),
)
