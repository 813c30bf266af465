"""Do very deep networks train with batch norm, without residual connections?"""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, residual_mlp, sweep
from bn_course.nets.tune import best

from ._shared import SCOPE

WIDTH = 32
ARMS = {  # what is built, its norm, and the rates around its best
    "plain": (mlp, "batch", [0.03, 0.1]),
    "residual": (residual_mlp, "batch", [0.03, 0.1]),
    "plain_none": (mlp, "none", [0.003, 0.01]),
}


def measure(seed, scale):
    depths, steps = ([10, 20, 50, 100], 100) if scale == "full" else ([50], 60)
    numbers = {"depths": depths}
    for arm, (_, _, rates) in ARMS.items():
        tried = rates if scale == "full" else rates[:1]
        chosen = [best(sweep(partial(network, arm, depth), tried, digits(), steps, seed)) for depth in depths]
        numbers[arm] = [accuracy(run.model, digits().test) for run in chosen]
    longer, depths, tried = (1000, [20, 50, 100], [0.03, 0.1]) if scale == "full" else (150, [50], [0.03])
    chosen = [
        best(sweep(partial(network, "plain", depth), tried, digits(), longer, seed, every=longer))
        for depth in depths
    ]
    numbers["plain_longer"] = [accuracy(run.model, digits().test) for run in chosen]
    return numbers


def network(arm, depth):
    build, norm, _ = ARMS[arm]
    if build is mlp:
        return initialise(mlp([64, *[WIDTH] * depth, 10], norm), "he")
    return initialise(residual_mlp(64, WIDTH, depth, 10, norm), "he")


TRAINS = "ten points below what shallow networks reach"


def plain(n):
    """The plain net of most layers, after 100 or after 1000 steps, whichever is better."""
    return np.maximum(n["plain"][:, -1], n["plain_longer"][:, -1])


PLAIN = Effect("accuracy of the deepest plain network", plain, above=0.85, why=TRAINS)
RESIDUAL = Effect(
    "accuracy of the deepest residual one", lambda n: n["residual"][:, -1], above=0.85, why=TRAINS
)
STUCK = Effect(
    "accuracy of the deepest plain network", plain, below=0.5, why="less than half right is not trained"
)

EXPERIMENT = Experiment(
    claim="With batch norm, networks of over 100 layers can be trained.",
    source="popular articles",
    scope=SCOPE.but(model="ReLU, 10 to 100 layers of 32", horizon="100 steps; the plain ones also 1000"),
    method="He initialisation, the best of two rates for each; plain networks and residual ones (norm, ReLU, linear in each block); test accuracy.",
    measure=measure,
    holds=PLAIN & RESIDUAL,
    when={"the network has residual connections": RESIDUAL & STUCK},
    finding="At 100 layers {plain[3]:.0%} plain and {residual[3]:.0%} with residual connections. With 1000 steps, plain: {plain_longer[0]:.0%}, {plain_longer[1]:.0%} and {plain_longer[2]:.0%} at 20, 50 and 100 layers",
    table=Table(
        {"plain, batch norm": "plain", "residual, batch norm": "residual", "plain, without": "plain_none"},
        ("10 layers", "20", "50", "100"),
        ".0%",
    ),
)
