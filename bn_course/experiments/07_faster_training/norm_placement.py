"""Batch norm before the activation, or after it?"""

from functools import partial

from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, initialise, mlp, mnist_1d, sweep
from bn_course.nets.tune import best

ACTIVATIONS = {"relu": (nn.ReLU, "he"), "tanh": (nn.Tanh, "xavier"), "sigmoid": (nn.Sigmoid, "xavier")}


def measure(seed, scale):
    rates, steps = ([0.03, 0.1, 0.3], 400) if scale == "full" else ([0.1], 150)
    return {
        order: [tested(activation, order, rates, steps, seed) for activation in ACTIVATIONS]
        for order in ("before", "after")
    }


def tested(activation, order, rates, steps, seed):
    """Test accuracy at the best rate by validation."""
    runs = sweep(partial(network, activation, order), rates, mnist_1d(), steps, seed, every=steps)
    return accuracy(best(runs).model, mnist_1d().test)


def network(activation, order):
    layer, how = ACTIVATIONS[activation]
    return initialise(mlp([40, *[100] * 4, 10], "batch", layer, order), how)


def verdict(numbers):
    """Under 1.5 points is a tie."""
    relu, tanh, sigmoid = (numbers["before"] - numbers["after"]).mean(0)
    if min(relu, tanh, sigmoid) >= 0.015:
        return HOLDS
    if sigmoid <= -0.015 and min(relu, tanh) > -0.015:
        return holds_when("the activation is not a sigmoid")
    return DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Batch norm belongs before the activation.",
    source="Ioffe and Szegedy 2015, section 3.2, arXiv:1502.03167; popular articles say so, and the opposite",
    method="MNIST-1D, 4×100, He (ReLU) or Xavier initialisation, SGD with momentum 0.9, batches of 128, 400 steps, the best of three rates from 0.03 to 0.3 for each; test accuracy.",
    measure=measure,
    verdict=verdict,
    finding="Before and after: {before[0]:.1%} and {after[0]:.1%} with ReLU, {before[1]:.1%} and {after[1]:.1%} with tanh, {before[2]:.1%} and {after[2]:.1%} with sigmoids",
)
