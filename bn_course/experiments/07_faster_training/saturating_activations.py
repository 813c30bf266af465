"""Sigmoids, deeper and deeper, with and without batch norm."""

from functools import partial

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best


def measure(seed, scale):
    depths, rates, steps = (
        ([2, 4, 8], [0.03, 0.1, 0.3, 1.0], 300) if scale == "full" else ([2, 8], [0.3], 150)
    )
    numbers = {"depths": depths}
    for norm in ("none", "batch"):
        chosen = [
            best(sweep(partial(network, depth, norm), rates, digits(), steps, seed)) for depth in depths
        ]
        numbers[norm] = [accuracy(run.model, digits().test) for run in chosen]
    return numbers


def network(depth, norm):
    return initialise(mlp([64, *[64] * depth, 10], norm, nn.Sigmoid), "xavier")


def verdict(numbers):
    none, batch = numbers["none"].mean(0), numbers["batch"].mean(0)
    if batch[-1] < 0.9 or none[-1] > batch[-1] - 0.1:
        return DOES_NOT_HOLD
    return holds_when("the network is deep") if none[0] >= 0.9 else HOLDS


EXPERIMENT = Experiment(
    claim="Batch norm makes it possible to use saturating nonlinearities.",
    source="Ioffe and Szegedy 2015, abstract and section 4.2.2, arXiv:1502.03167",
    method="Digits, sigmoids, width 64, Xavier initialisation, SGD with momentum 0.9, batches of 128, 300 steps, the best of four rates from 0.03 to 1 for each; test accuracy.",
    measure=measure,
    verdict=verdict,
    finding="2, 4 and 8 layers: {none[0]:.0%}, {none[1]:.0%} and {none[2]:.0%} without, {batch[0]:.0%}, {batch[1]:.0%} and {batch[2]:.0%} with batch norm",
)
