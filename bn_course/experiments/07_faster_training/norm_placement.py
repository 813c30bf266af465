"""Batch norm before the activation, or after it?"""

from functools import partial

from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, initialise, mlp, mnist_1d, sweep
from bn_course.nets.tune import best

from ._shared import SCOPE

ACTIVATIONS = {"relu": (nn.ReLU, "he"), "tanh": (nn.Tanh, "xavier"), "sigmoid": (nn.Sigmoid, "xavier")}


def measure(seed, scale):
    rates, steps = ([0.03, 0.1, 0.3], 400) if scale == "full" else ([0.1], 150)
    return {
        order: [tested(activation, order, rates, steps, seed) for activation in ACTIVATIONS]
        for order in ("before", "after")
    }


def tested(activation, order, rates, steps, seed):
    """Test accuracy at the best rate by validation."""
    runs = sweep(partial(network, activation, order), rates, mnist_1d(many=True), steps, seed, every=steps)
    return accuracy(best(runs).model, mnist_1d(many=True).test)


def network(activation, order):
    layer, how = ACTIVATIONS[activation]
    return initialise(mlp([40, *[100] * 4, 10], "batch", layer, order), how)


def gain(n):
    """Points that batch norm before the activation gains over batch norm after it."""
    return 100 * (n["before"] - n["after"])


POINT = "100 of the 10 000 test examples, about two standard errors: the least that one would act on"
BETTER = Effect("points gained by 'before'", gain, above=1, why=POINT, each=tuple(ACTIVATIONS), blind=True)
WORSE = Effect("points gained by 'before'", gain, below=-1, why=POINT, each=tuple(ACTIVATIONS), blind=True)

EXPERIMENT = Experiment(
    claim="Batch norm belongs before the activation.",
    source="Ioffe and Szegedy 2015, section 3.2, arXiv:1502.03167; popular articles say so, and the opposite",
    scope=SCOPE.but(data="MNIST-1D", model="4×100", horizon="400 steps", test=10_000),
    method="He (ReLU) or Xavier initialisation, the best of three rates from 0.03 to 0.3 for each; test accuracy.",
    measure=measure,
    holds=BETTER,
    when={"the activation is tanh; with sigmoids it is the other way round": BETTER.at(1) & WORSE.at(2)},
    finding="Before and after: {before[0]:.1%} and {after[0]:.1%} with ReLU, {before[1]:.1%} and {after[1]:.1%} with tanh, {before[2]:.1%} and {after[2]:.1%} with sigmoids",
)
