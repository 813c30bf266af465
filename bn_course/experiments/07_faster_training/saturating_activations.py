"""Sigmoids, deeper and deeper, with and without batch norm."""

from functools import partial

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best

from ._shared import SCOPE

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


LEARNT = "within ten points of every other network of this lesson"


def deepest(arm):
    return lambda n: n[arm][:, -1]


WITH = Effect("accuracy of the deepest, with batch norm", deepest("batch"), above=0.9, why=LEARNT)
GAIN = Effect(
    "points that batch norm gains there",
    lambda n: 100 * (n["batch"] - n["none"])[:, -1],
    above=10,
    why="'makes it possible': without, it must be far worse",
)
LARGER = Effect("accuracy of the deepest, larger weights", deepest("none_larger"), above=0.9, why=LEARNT)
SHALLOW = Effect("accuracy of the shallowest, without", lambda n: n["none"][:, 0], above=0.9, why=LEARNT)

EXPERIMENT = Experiment(
    claim="Batch norm makes it possible to use saturating nonlinearities.",
    source="Ioffe and Szegedy 2015, abstract and section 4.2.2, arXiv:1502.03167",
    scope=SCOPE.but(model="sigmoid, 2, 4 and 8 layers of 64", horizon="300 steps"),
    method="Xavier initialisation, the best of four rates from 0.03 to 1 for each; without norm also with four times Xavier's weights in front of every sigmoid, whose slope is ¼; test accuracy.",
    measure=measure,
    holds=WITH & GAIN & ~LARGER & ~SHALLOW,
    when={
        "the network is deep and its initialisation is not made for sigmoids": WITH & GAIN & LARGER & SHALLOW,
        "the network is deep": WITH & GAIN & SHALLOW,
    },
    finding="With 8 layers {none[2]:.0%} without and {batch[2]:.0%} with batch norm; without it but with weights four times as large {none_larger[2]:.0%}",
    table=Table(
        {"without": "none", "without, weights × 4": "none_larger", "batch norm": "batch"},
        ("2 layers", "4", "8"),
        ".1%",
    ),
)
