"""Sigmoids, deeper and deeper, with and without batch norm."""

from functools import partial

import torch
from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best

ARMS = {  # its norm, and what Xavier's weights are multiplied by
    "none": ("none", 1),
    "none_larger": ("none", 4),
    "batch": ("batch", 1),
}


def measure(seed, scale):
    depths, rates = ([2, 4, 8], [0.03, 0.1, 0.3, 1.0]) if scale == "full" else ([2, 8], [0.3])
    numbers = {"depths": depths}
    for arm, (norm, gain) in ARMS.items():
        chosen = [
            best(sweep(partial(network, depth, norm, gain), rates, digits(), 300, seed)) for depth in depths
        ]
        numbers[arm] = [accuracy(run.model, digits().test) for run in chosen]
    return numbers


@torch.no_grad()
def network(depth, norm, gain):
    """Xavier's initialisation, every weight before a sigmoid times `gain`."""
    model = initialise(mlp([64, *[64] * depth, 10], norm, nn.Sigmoid), "xavier")
    for layer in model[:-1]:
        if isinstance(layer, nn.Linear):
            layer.weight.mul_(gain)
    return model


def verdict(numbers):
    """Ten points at the greatest depth count; 90 % is to have learnt."""
    none, larger, batch = (numbers[arm].mean(0) for arm in ARMS)
    if batch[-1] < 0.9 or none[-1] > batch[-1] - 0.1:
        return DOES_NOT_HOLD
    if larger[-1] >= 0.9:
        return holds_when("the network is deep and its initialisation is not made for sigmoids")
    return holds_when("the network is deep") if none[0] >= 0.9 else HOLDS


EXPERIMENT = Experiment(
    claim="Batch norm makes it possible to use saturating nonlinearities.",
    source="Ioffe and Szegedy 2015, abstract and section 4.2.2, arXiv:1502.03167",
    method="Digits, sigmoids, width 64, Xavier initialisation, SGD with momentum 0.9, batches of 128, 300 steps, the best of four rates from 0.03 to 1 for each; without norm also with four times Xavier's weights in front of every sigmoid, whose slope is ¼; test accuracy.",
    measure=measure,
    verdict=verdict,
    finding="2, 4 and 8 layers: {none[0]:.0%}, {none[1]:.0%} and {none[2]:.0%} without, {batch[0]:.0%}, {batch[1]:.0%} and {batch[2]:.0%} with batch norm; without it but with weights four times as large {none_larger[0]:.0%}, {none_larger[1]:.0%} and {none_larger[2]:.0%}",
)
