"""Lesson 05: Batch normalisation of an array of any rank, with the channels on any axis."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import FORWARD_MISTAKES


def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    return norms.batch_norm(x, gamma, beta, eps, channel_axis)


def _nd_variant(
    x,
    gamma,
    beta,
    eps=None,
    channel_axis=1,
    *,
    axes="rest",
    negative="counted",
    believed=None,
    ddof=0,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
    along=None,
    order="after",
    back="moved",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    channel = (channel_axis if believed is None else believed) % x.ndim
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma, beta = used_of(gamma, gamma_is, 1.0), used_of(beta, beta_is, 0.0)
    place = channel if along is None else along % x.ndim
    shape = [-1 if i == place else 1 for i in range(x.ndim)]
    gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    rest = tuple(i for i in range(x.ndim) if i != channel)
    if axes == "rest" and negative == "overlooked" and channel_axis < 0:
        axes = "all"  # no axis equals a negative number
    over = {
        "rest": rest,
        "all": tuple(range(x.ndim)),
        "first": (0,),
        "channel": (channel,),
        "positions": rest[1:],
        "two": rest[:2],
        "images": rest[:3],
    }[axes]
    x = gamma * x + beta if order == "before" else x
    mean = x.mean(axis=over, keepdims=True)
    var = ((x - mean) ** 2).sum(axis=over, keepdims=True) / (x.size // mean.size - ddof)
    y = (x - mean if centre else x) / (deviation(var, eps, eps_place, root) if scale else 1.0)
    if order != "before":
        y = gamma * (y + beta) if order == "shift-first" else gamma * y + beta
    if back == "moved":
        return y
    last = np.moveaxis(y, channel, -1)
    return last if back == "left" else last.reshape(x.shape)


def _nd_probes(rng):
    def batch(*shape, channels, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, channels)

    return [
        Probe("(N, H, W, C), channel axis 3", (*batch(6, 3, 5, 4, channels=4), 0.1, 3)),
        Probe("(N, H, W, C), channel axis −1", (*batch(6, 3, 5, 4, channels=4), 0.1, -1)),
        Probe("(N, C, H, W), channel axis −3", (*batch(5, 4, 2, 3, channels=4), 0.1, -3)),
        Probe("(N, C), channel axis left at its default", batch(6, 4, channels=4, spread=3e-3)),
        Probe("(N, C, T), channel axis 1", (*batch(6, 4, 5, channels=4), 0.1, 1)),
        Probe("(N, C, D, H, W), channel axis 1", (*batch(3, 4, 2, 5, 3, channels=4), 0.1, 1)),
        Probe("(C, N, T), channel axis 0", (*batch(4, 6, 5, channels=4), 0.1, 0)),
        Probe("(N, C, H, W) with W = C, channel axis 1", (*batch(5, 3, 4, 3, channels=3), 0.1, 1)),
        Probe("(N, H, W, C) with H = C, channel axis −1", (*batch(5, 3, 4, 3, channels=3), 0.1, -1)),
    ]


def _nd_mean_is_beta(args, y):
    x, _, beta, *rest = args
    channel = (rest[1] if len(rest) > 1 else 1) % x.ndim
    others = tuple(i for i in range(x.ndim) if i != channel)
    worst = np.abs(np.asarray(y).mean(axis=others) - beta).max()
    if worst > 1e-5:
        return f"the mean of each channel of y should be its β; it is off by {worst:.2g}"
    return None


_CHANNEL_0, _CHANNEL_1 = [[1.0, 3.0], [5.0, 7.0]], [[0.0, 4.0], [10.0, 2.0]]


def _nd_example(axis, *rest, eps=0.0, gamma=(1, 2), beta=(0, 10)):
    """Two channels of two rows and two columns, the channels put on `axis`."""
    x = np.stack([_CHANNEL_0, _CHANNEL_1], axis=axis)
    return Probe("a small batch", (x, np.array(gamma, float), np.array(beta, float), eps, axis, *rest))


QUESTION = Question(
    name="batch_norm_nd",
    points=3,
    level=2,
    reference=batch_norm_nd,
    variant=_nd_variant,
    returns=("y",),
    probes=_nd_probes,
    examples=(
        Probe(
            "two examples, two features",
            (np.array([[0.0, 1.0], [2.0, 5.0]]), np.array([1.0, 2.0]), np.array([0.0, 10.0]), 0.0),
        ),
        Probe("two examples, ε = 3", (np.array([[0.0], [2.0]]), np.array([2.0]), np.array([5.0]), 3.0)),
        _nd_example(1),
        _nd_example(-1),
        _nd_example(0),
        Probe("the default ε", (np.array([[0.0], [0.02]]), np.array([1.0]), np.array([0.0]))),
        Probe("a volume", (np.arange(16.0).reshape(2, 1, 2, 2, 2), np.array([1.0]), np.array([0.0]), 0.0, 1)),
    ),
    misconceptions=(
        mistake("channel-axis-ignored", {"believed": 1}, {"believed": 1, "along": -1}),
        mistake("negative-axes", negative="overlooked"),
        mistake("reduces-channel-axis", axes="channel"),
        mistake("per-position", axes="first"),
        mistake("per-instance", axes="positions"),
        mistake("rank-hard-coded", {"axes": "images"}, {"axes": "two"}),
        mistake("global-statistics", axes="all"),
        mistake("not-transposed-back", back="reshaped"),
        mistake("left-channels-last", back="left"),
        mistake("affine-wrong-axis", {"along": -1}, {"along": 1}),
        mistake("sample-variance", ddof=1),
        *FORWARD_MISTAKES,
        mistake("mutates-input"),
    ),
    properties=(Property("each channel of y has mean β", _nd_mean_is_beta),),
)
