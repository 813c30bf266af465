"""Shift put back on purpose, after batch norm: does it train as slowly as without?"""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets.noisy import NoisyBatchNorm1d

from ._shared import SCOPE
from ._shift import follow

NETS = ("relu", "tanh", "sigmoid")
RATE = 0.3
NOISES = (0.1, 0.25, 0.5, 1.0)  # the largest shift of a feature, in deviations


def measure(seed, scale):
    noises = NOISES if scale == "full" else (0.5,)
    norms = {"none": "none", "batch": "batch"}
    norms |= {size: partial(NoisyBatchNorm1d, shift=size, stretch=size / 2) for size in noises}
    numbers = {"noises": noises}
    for net in NETS:
        runs = {arm: follow(net, norm, RATE, 100, seed, gradients=False) for arm, norm in norms.items()}
        for arm, run in (("none", runs["none"]), ("batch", runs["batch"]), ("noisy", runs[0.5])):
            numbers |= {f"{net}_{arm}_shift": run["inputs"], f"{net}_{arm}_loss": run["loss"]}
        numbers |= {f"{net}_noises_{k}": [runs[size][k] for size in noises] for k in ("inputs", "loss")}
    return numbers


def each(of):
    """A quantity of three arms, without, with, and with noise, for each net."""
    return lambda n: np.stack([of(*(n[f"{net}_{arm}"] for arm in ARMS)) for net in NETS], 1)


ARMS = ("none_shift", "noisy_shift", "none_loss", "batch_loss", "noisy_loss")
MORE_SHIFT = Effect(
    "shift with noise, over that without batch norm",
    each(lambda a, b, *_: b / a),
    above=1.1,
    ratio=True,
    why="it must be more than without",
    each=NETS,
)
GAIN = Effect(
    "loss with over without",
    each(lambda _, __, none, batch, noisy: batch / none),
    below=0.8,
    ratio=True,
    why="there must be a gain that could go",
    each=NETS,
)
GONE = Effect(
    "loss with noise, above the middle of with and without",
    each(lambda _, __, none, batch, noisy: noisy - (none + batch) / 2),
    above=0,
    why="a reason that is gone takes half of the gain along",
    each=NETS,
)

STORED = [
    tuple(f"{net}_{arm}_{what}" for net in NETS for what in ("shift", "loss"))
    for arm in ("none", "batch", "noisy")
]

EXPERIMENT = Experiment(
    claim="Batch norm reduces internal covariate shift, and that is why it works.",
    source="Popular articles, after Ioffe and Szegedy 2015; tested this way by Santurkar et al. 2018, arXiv:1805.11604, section 2.1",
    scope=SCOPE.but(model="ReLU and tanh 4×64, sigmoid 3×100", horizon="100 steps"),
    method="He (ReLU) or Xavier initialisation, rate 0.3; with noise, each feature that leaves batch norm is shifted by up to half a deviation and stretched by up to a quarter, anew at every step; shift of the means and deviations of layers' inputs a step, and mean training loss.",
    measure=measure,
    holds=GONE | ~MORE_SHIFT | ~GAIN,
    finding="With ReLU the inputs shift by {relu_none_shift:.2f} without, {relu_batch_shift:.3f} with batch norm and {relu_noisy_shift:.2f} with noise after it; the loss is {relu_none_loss:.2f}, {relu_batch_loss:.2f} and {relu_noisy_loss:.2f}",
    table=Table(
        {"without": STORED[0], "batch norm": STORED[1], "batch norm and noise": STORED[2]},
        tuple(f"{what}, {net}" for net in NETS for what in ("shift", "loss")),
        ".2g",
    ),
)
