"""Quantising a folded network: one scale for a weight tensor, or one a channel?"""

import copy

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import cnn, digits, initialise, seeded, train
from bn_course.nets.fold import folded
from bn_course.nets.quantise import quantised

from ._shared import percent, sgd

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


def verdict(numbers):
    """Spoilt: 1.5 points lost against a scale a channel, at 8 bits, or at 3."""
    lost = (numbers["folded_channel"] - numbers["folded_tensor"]).mean(0)
    if lost[0] > 1.5:
        return HOLDS
    return holds_when("there are few bits (3, not 8)") if lost[-1] > 1.5 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="One scale for each weight tensor spoils a folded network in int8; it takes one for each channel.",
    source="Krishnamoorthi 2018, arXiv:1806.08342, and Nagel et al. 2019, arXiv:1906.04721 (of MobileNets)",
    method="Digits, a CNN of 16, 32 and 32 channels with batch norm, He initialisation, SGD with momentum 0.9 at rate 0.1, 200 steps; weights rounded to 8, 6, 4 or 3 bits, symmetric, one scale a tensor or an output channel, inputs of each layer to 8 bits.",
    measure=measure,
    verdict=verdict,
    finding="In float {float:.1f} %. Folded, 8 bits: {folded_tensor[0]:.1f} % with one scale, {folded_channel[0]:.1f} with one a channel; 4 bits: {folded_tensor[2]:.1f} and {folded_channel[2]:.1f}; 3 bits: {folded_tensor[3]:.1f} and {folded_channel[3]:.1f}. The widest channel's weights are {range:.1f} times the narrowest's",
)
