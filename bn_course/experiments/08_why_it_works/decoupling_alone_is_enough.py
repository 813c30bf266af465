"""Weight norm separates length from direction without any statistics of the batch: is that the gain?"""

from functools import partial

from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits
from bn_course.nets.tune import steps_at_best_rate

from ._shared import NETS, SCOPE, build, plain_sgd

LIMIT = 200


def measure(seed, scale):
    nets, rates, limit = (
        (tuple(NETS), (0.1, 0.3, 1.0), LIMIT) if scale == "full" else (("tanh",), (0.1, 0.3), 150)
    )
    how = {"limit": limit, "target": 0.95, "seed": seed, "optimiser": plain_sgd, "every": 5}
    return {
        arm: [steps_at_best_rate(partial(make, arm, net, seed), rates, digits(), **how) for net in nets]
        for arm in ("none", "weight", "batch")
    }


def make(arm, net, seed):
    model = build(net, "batch" if arm == "batch" else "none", seed)
    if arm == "weight":
        for layer in list(model)[:-1]:
            if isinstance(layer, nn.Linear):
                weight_norm(layer)  # w = g·v/‖v‖, each row of w by itself; g starts as ‖w‖
    return model


HALF = Effect(
    "steps saved by weight norm, less half of those saved by batch norm",
    lambda n: (n["none"] + n["batch"]) / 2 - n["weight"],
    above=0,
    why="a reason for the gain should bring half of it",
    each=tuple(NETS),
)

EXPERIMENT = Experiment(
    claim="Batch norm works because it separates the length of the weights from their direction.",
    source="Kohler et al. 2019, arXiv:1805.10694; tested with the weight norm of Salimans and Kingma 2016, arXiv:1602.07868",
    scope=SCOPE.but(
        model="ReLU and tanh 4×64, sigmoid 3×100",
        horizon="at most 200 steps",
        test=500,
    ),
    method="He (ReLU) or Xavier initialisation, each arm at the one of 0.1, 0.3 and 1 that gets there first on validation data; steps after which test accuracy stays at 95 %; weight norm has the separation and no batch statistics.",
    measure=measure,
    holds=HALF,
    limits=dict.fromkeys(("none", "weight", "batch"), LIMIT),
    finding="Steps to 95 % without, with weight norm, with batch norm: {none[0]:.0f}, {weight[0]:.0f}, {batch[0]:.0f} (ReLU), {none[1]:.0f}, {weight[1]:.0f}, {batch[1]:.0f} (tanh), {none[2]:.0f}, {weight[2]:.0f}, {batch[2]:.0f} (sigmoid)",
    table=Table(
        {"without": "none", "weight norm": "weight", "batch norm": "batch"},
        ("ReLU", "tanh", "sigmoid"),
        ".0f",
    ),
)
