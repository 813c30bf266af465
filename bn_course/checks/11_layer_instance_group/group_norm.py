"""Lesson 11, group_norm."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import AFFINE, STANDARDISING, _arrays, _eps, _x_hat, with_affine


def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    return norms.group_norm(x, gamma, beta, num_groups, eps)


def _group_variant(
    x, gamma, beta, num_groups, eps=None, *, groups="given", over="chw", cut="consecutive", checked=True, **k
):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    N, C = x.shape[:2]
    if C % num_groups and checked:
        raise ValueError(f"num_groups is {num_groups}; it needs to divide {C}")
    count = {"given": num_groups, "size": max(C // num_groups, 1), "one": 1, "each": C}[groups]
    axes = {"chw": (2, 3, 4), "c": (2,), "nchw": (0, 2, 3, 4), "hw": (3, 4)}[over]

    def standardised(x):
        if C % count:  # cut through the channels
            return _x_hat(x.reshape(N, count, -1), (2,), eps, k).reshape(x.shape)
        if cut == "interleaved":
            apart = x.reshape(N, C // count, count, *x.shape[2:]).swapaxes(1, 2)
            return _x_hat(apart, axes, eps, k).swapaxes(1, 2).reshape(x.shape)
        return _x_hat(x.reshape(N, count, C // count, *x.shape[2:]), axes, eps, k).reshape(x.shape)

    if k.get("gamma_is") == "group":
        k = {**k, "gamma_is": "vector"}
        gamma, beta = (np.repeat(values[:num_groups], C // num_groups) for values in (gamma, beta))
    return with_affine(x, gamma, beta, 1, k, standardised)


def _group_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[1])

    return [
        Probe("five images of six channels, 3 × 4, in 2 groups, ε = 0.1", (*batch(5, 6, 3, 4), 2, 0.1)),
        Probe("the same in 3 groups", (*batch(5, 6, 3, 4), 3, 0.1)),
        Probe("one group", (*batch(3, 4, 2, 5), 1, 0.1)),
        Probe("a group a channel", (*batch(3, 4, 2, 5), 4, 0.1)),
        Probe("small variances, ε left at its default", (*batch(3, 4, 2, 5, spread=3e-3), 2)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 6, 3, 6), 2, 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 6, 6, 3), 3, 0.1)),
        Probe("as many images as channels (N = C)", (*batch(4, 4, 2, 5), 2, 0.1)),
        Probe("4 groups of 6 channels: it should raise", (*batch(3, 6, 2, 2), 4, 0.1)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 2, 4, 3, 4), *(p.astype(np.float32) for p in parameters(rng, 4)), 2, 1e-5),
            rounding=True,
        ),
    ]


def _grouped(x, gamma, beta, groups, *eps, dtype=float, label="a small batch", rounding=False):
    return Probe(label, (*_arrays(x, gamma, beta, dtype=dtype), groups, *eps), rounding=rounding)


_FOUR = [[[[1, 3]], [[0, 4]], [[5, 7]], [[10, 2]]]]  # one image of four channels of two pixels


QUESTION = Question(
    name="group_norm",
    points=3,
    level=2,
    reference=group_norm,
    variant=_group_variant,
    returns=("y",),
    probes=_group_probes,
    examples=(
        _grouped([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 0.0),
        _grouped([[[[0]], [[2]]]], [1, 1], [0, 0], 1, 3.0),
        _grouped([[[[0]], [[2]]]], [2, 3], [5, 7], 1, 0.0),
        _grouped(_FOUR, [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        _grouped([*_FOUR, [[[9, 0]], [[2, 2]], [[6, 1]], [[3, 5]]]], [1, 2, 3, 4], [0, 10, 20, 30], 2, 0.0),
        _grouped([[[[0]], [[0.02]]]], [1, 1], [0, 0], 1, label="the default ε"),
        _grouped(np.arange(12).reshape(1, 6, 2, 1), [1] * 6, [0] * 6, 4, 0.0, label="4 groups of 6 channels"),
        _grouped(np.arange(12).reshape(1, 4, 3, 1), [1, 2, 3, 4], [0] * 4, 4, 0.0, label="a group a channel"),
        _grouped(
            np.arange(12).reshape(1, 6, 2, 1) ** 2,
            range(1, 7),
            range(6),
            3,
            0.0,
            label="3 groups of 6 channels",
        ),
        _grouped(
            [[[[4096]], [[4097]], [[4098.5]]]],
            [1] * 3,
            [0] * 3,
            1,
            0.0,
            dtype=np.float32,
            label="far from zero",
            rounding=True,
        ),
    ),
    misconceptions=(
        mistake("groups-not-checked", checked=False),
        mistake("group-size", groups="size"),
        mistake("interleaved-groups", cut="interleaved"),
        mistake("wrong-axis", groups="one"),
        mistake("per-instance", {"groups": "each"}, {"over": "hw"}),
        mistake("over-channels", over="c"),
        mistake("batch-statistics", over="nchw"),
        mistake("gamma-per-group", gamma_is="group"),
        *STANDARDISING,
        *AFFINE,
        mistake("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        mistake("mutates-input"),
    ),
)
