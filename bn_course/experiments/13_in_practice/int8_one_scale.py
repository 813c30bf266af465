"""Quantising a folded network: one scale for a weight tensor, or one a channel?"""

import copy

from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import cnn, digits, initialise, seeded, train
from bn_course.nets.fold import folded
from bn_course.nets.quantise import quantised

from ._shared import POINT, SCOPE, percent, sgd

BITS = (8, 6, 4, 3)


def measure(seed, scale):
    data, steps = digits(image=True), 200 if scale == "full" else 100
    with seeded(seed):
        model = initialise(cnn((16, 32, 32)), "he")
    train(model, data, sgd(model, 0.1), steps, seed=seed, every=steps)
    together = folded(model)
    numbers = {"float": percent(model, data.test), "range": ranges(together)}
    for name, net in (("folded", together), ("unfolded", copy.deepcopy(model).eval())):
        for scales in ("tensor", "channel"):
            numbers[f"{name}_{scales}"] = [percent(quantised(net, bits, scales), data.test) for bits in BITS]
    return numbers


def ranges(model):
    """The largest weight of the widest channel over that of the narrowest: the mean over convolutions."""
    tops = [layer.weight.abs().flatten(1).amax(1) for layer in model if isinstance(layer, nn.Conv2d)]
    return sum((top.max() / top.min()).item() for top in tops) / len(tops)


SPOILT = Effect(
    "points that one scale loses against one a channel",
    lambda n: n["folded_channel"] - n["folded_tensor"],
    above=1.5,
    why=POINT,
    each=tuple(f"{bits} bits" for bits in BITS),
)

EXPERIMENT = Experiment(
    claim="One scale for each weight tensor spoils a folded network in int8; it takes one for each channel.",
    source="Krishnamoorthi 2018, arXiv:1806.08342, and Nagel et al. 2019, arXiv:1906.04721 (of MobileNets)",
    scope=SCOPE.but(model="CNN 16-32-32", values="128 × 64, 16 and 4", horizon="200 steps"),
    method="Digits, a CNN of 16, 32 and 32 channels with batch norm, He initialisation, SGD with momentum 0.9 at rate 0.1, 200 steps; weights rounded to 8, 6, 4 or 3 bits, symmetric, one scale a tensor or an output channel, inputs of each layer to 8 bits.",
    measure=measure,
    holds=SPOILT.at(0),
    when={"there are few bits (3, not 8)": SPOILT.at(3)},
    beyond="MobileNets on ImageNet, whose channels differ far more in size",
    finding="In float {float:.1f} %. At 3 bits: {folded_tensor[3]:.1f} % with one scale, {folded_channel[3]:.1f} with one a channel. The widest channel's weights are {range:.1f} times the narrowest's",
    table=Table(
        {"one scale": "folded_tensor", "one a channel": "folded_channel"},
        tuple(f"{bits} bits, %" for bits in BITS),
        ".1f",
    ),
)
