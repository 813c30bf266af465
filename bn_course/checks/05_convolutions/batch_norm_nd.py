"""Lesson 05: batch normalisation of any rank, with the channels on any axis."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, norm
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import of_every_norm, parameters, small, small_ones_of_every_norm, uneven
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    return norms.batch_norm(x, gamma, beta, eps, channel_axis)


def _variant(
    x, gamma, beta, eps=None, channel_axis=1, *, over="rest", believed=None, negative="counted", **k
):
    if k.get("view"):
        table = x.reshape(-1, len(gamma)) if k["view"] == "columns" else x.reshape(len(gamma), -1).T
        y = norm(table, gamma, beta, eps, (0,), 1, **k)
        return (y if k["view"] == "columns" else y.T).reshape(x.shape)
    channel = (channel_axis if believed is None else believed) % x.ndim
    rest = tuple(axis for axis in range(x.ndim) if axis != channel)
    if negative == "overlooked" and channel_axis < 0:
        over = "all"  # no axis equals a negative number
    axes = {
        "rest": rest,
        "all": tuple(range(x.ndim)),
        "first": (0,),
        "channel": (channel,),
        "positions": rest[1:],
        "two": rest[:2],
        "images": rest[:3],
    }[over]
    y = norm(x, gamma, beta, eps, axes, channel, **k)
    last = np.moveaxis(y, channel, -1)
    return {"moved": y, "left": last, "reshaped": last.reshape(x.shape)}[k.get("back", "moved")]


def _probes(rng):
    def batch(*shape, channels=3, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, channels)

    return [
        Probe("(N, H, W, C), channel axis 3", (*batch(6, 3, 5, 4, channels=4), 0.1, 3)),
        Probe("(N, H, W, C), channel axis −1", (*batch(6, 3, 5, 4, channels=4), 0.1, -1)),
        Probe("(N, C, H, W), channel axis −3", (*batch(5, 4, 2, 3, channels=4), 0.1, -3)),
        Probe("(N, C), channel axis left at its default", batch(6, 4, channels=4, spread=3e-3)),
        Probe("(N, C, T), channel axis 1", (*batch(6, 4, 5, channels=4), 0.1, 1)),
        Probe("(N, C, D, H, W), channel axis 1", (*batch(3, 4, 2, 5, 3, channels=4), 0.1, 1)),
        Probe("(C, N, T), channel axis 0", (*batch(4, 6, 5, channels=4), 0.1, 0)),
        Probe("(N, C, H, W) with W = C, channel axis 1", (*batch(5, 3, 4, 3), 0.1, 1)),
        Probe("(N, H, W, C) with H = C, channel axis −1", (*batch(5, 3, 4, 3), 0.1, -1)),
        *of_every_norm(rng, batch, (4, 3, 2), np.s_[:, 1], (4, 3, 2, 5)),
    ]


def _mean_is_beta(args, y):
    x, _, beta, *rest = args
    channel = (rest[1] if len(rest) > 1 else 1) % x.ndim
    others = tuple(i for i in range(x.ndim) if i != channel)
    worst = np.abs(np.asarray(y).mean(axis=others) - beta).max()
    return worst_of("the mean of each channel of y should be its β", worst)


_CHANNELS = [[1.0, 3.0], [5.0, 7.0]], [[0.0, 4.0], [10.0, 2.0]]  # two, of two rows and two columns


def _on_axis(axis):
    return small(np.stack(_CHANNELS, axis=axis), [1, 2], [0, 10], 0.0, axis)


QUESTION = Question(
    name="batch_norm_nd",
    version=2,
    points=3,
    level=2,
    reference=batch_norm_nd,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[0, 1], [2, 5]], [1, 2], [0, 10], 0.0, label="two examples, two features"),
        small([[0], [2]], [2], [5], 3.0, label="two examples, ε = 3"),
        _on_axis(1),
        _on_axis(-1),
        _on_axis(0),
        small(np.arange(16).reshape(2, 1, 2, 2, 2), [1], [0], 0.0, 1, label="a volume"),
        *small_ones_of_every_norm(lambda x: x[:, None], lambda n: ([1], [0])),
    ),
    misconceptions=(
        mistake("channel-axis-ignored", {"believed": 1}, {"believed": 1, "along": -1}),
        mistake("negative-axes", negative="overlooked"),
        mistake("reduces-channel-axis", over="channel"),
        mistake("per-position", over="first"),
        mistake("per-instance", over="positions"),
        mistake("rank-hard-coded", {"over": "images"}, {"over": "two"}),
        mistake("global-statistics", over="all"),
        mistake("reshaped-without-transpose", {"view": "columns"}, {"view": "rows"}),
        mistake("not-transposed-back", back="reshaped"),
        mistake("left-channels-last", back="left"),
        mistake("affine-wrong-axis", {"along": -1}, {"along": 1}),
        *FORWARD,
        mistake("mutates-input"),
    ),
    properties=(Property("each channel of y has mean β", _mean_is_beta),),
)
