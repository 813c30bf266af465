"""Steps to 95 % at the same learning rate."""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, sweep
from bn_course.nets.tune import arrival

from ._shared import NETS, SCOPE, TARGET, network

LIMIT = 800


def measure(seed, scale):
    rates, steps = ([0.01, 0.03], LIMIT) if scale == "full" else ([0.01, 0.03], 40)
    numbers = {"rates": rates}
    for norm in ("none", "batch"):
        sweeps = [sweep(partial(network, net, norm), rates, digits(), steps, seed, every=5) for net in NETS]
        numbers[norm] = [[arrival(run, TARGET, steps) for run in runs] for runs in sweeps]
    return numbers


def fewer(n):
    """Steps without over steps with batch norm, the mean of both rates, for each network."""
    return np.exp(np.log(n["none"] / n["batch"]).mean(2))


EACH = Effect(
    "steps without over with",
    fewer,
    above=1.5,
    ratio=True,
    why="a third of the steps saved; less is within a look or two, which are five steps apart",
    each=tuple(NETS),
)

EXPERIMENT = Experiment(
    claim="At the same learning rate a network with batch norm needs fewer steps.",
    source="popular articles",
    scope=SCOPE.but(model="ReLU 4×64 and 10×64, sigmoid 3×100", horizon="at most 800 steps", test=0),
    method="As steps_at_best_rate, at the rates 0.01 and 0.03 for both, at which no network diverges; validation accuracy, on which nothing is chosen here.",
    measure=measure,
    holds=EACH,
    when={"the network is shallow or starts badly scaled": EACH.at(0, 2, 3)},
    limits={"none": LIMIT, "batch": LIMIT},
    finding="Steps at rate 0.03 without and with batch norm: {none[0][1]:.0f} and {batch[0][1]:.0f} (He 4), {none[1][1]:.0f} and {batch[1][1]:.0f} (He 10), {none[2][1]:.0f} and {batch[2][1]:.0f} (default 4), {none[3][1]:.0f} and {batch[3][1]:.0f} (sigmoid 3)",
)
