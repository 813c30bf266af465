"""Batch norm in a recurrent network, one set of running statistics for all time steps."""

from copy import deepcopy

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import Data, Split, accuracy, best, digits, sweep
from bn_course.nets.recalibrate import recalibrate
from bn_course.nets.sequences import RNN

from ._shared import SCOPE, adam, best_rnn, in_steps


def measure(seed, scale):
    given = {}
    rows = in_rows()
    arms = {norm: best_rnn(norm, seed, scale).model for norm in ("batch", "step")}
    for name, data, models in (("half", in_steps(), arms), ("rows", rows, row_networks(rows, seed, scale))):
        given[f"{name}_training_mode"] = accuracy(models["batch"], data.test, training=True)
        given[f"{name}_shared"] = accuracy(models["batch"], data.test)
        given[f"{name}_anew"] = accuracy(measured_anew(models["batch"], data), data.test)
        given[f"{name}_step"] = accuracy(models["step"], data.test)
    return given


def in_rows():
    """Digits as sequences (N, 8, 8): a row of pixels a step."""
    data = digits()
    parts = (Split(part.x.reshape(-1, 8, 8), part.y) for part in data.parts)
    return Data("digits in 8 steps", *parts, classes=10)


def row_networks(rows, seed, scale):
    rates, steps = ((3e-3, 1e-2), 200) if scale == "full" else ((1e-2,), 20)
    found = {}
    for norm in ("batch", "step"):

        def make(norm=norm):
            return RNN(8, 64, 10, norm, steps=8)

        found[norm] = best(sweep(make, rates, rows, steps, seed, adam)).model
    return found


def measured_anew(model, data):
    """A copy whose running statistics are those of all steps of the training set together."""
    model = deepcopy(model)
    recalibrate(model, [data.train.x])
    return model


def lost(data):
    return Effect(
        f"share right that one set of statistics costs, {data}",
        lambda n: n[f"{data}_step"] - np.maximum(n[f"{data}_shared"], n[f"{data}_anew"]),
        below=0.02,
        why="ten of the 500 test images, about two standard errors: a smaller loss cannot be told from none",
        blind=True,
    )


HALF, ROWS = lost("half"), lost("rows")

EXPERIMENT = Experiment(
    claim="In a recurrent network one batch norm, with one running mean and variance, can serve all time steps.",
    source="the ordinary way to write it; Cooijmans et al. 2016, arXiv:1603.09025, say otherwise",
    scope=SCOPE.but(data="digits in 16 and 8 steps"),
    method="Digits in 16 steps of half a row (left, right, left …) or in 8 steps of a row; tanh RNN of 64 units, "
    "PyTorch's initialisation, Adam at the better of 0.003 and 0.01, 200 steps of 128; test accuracy in evaluation "
    "mode. Measured anew: running statistics replaced by those of all steps of the training set together.",
    measure=measure,
    holds=HALF & ROWS,
    when={"all steps look alike": ROWS},
    finding="In steps of half a row {half_shared:.1%} are right with one set of running statistics "
    "({half_anew:.1%} when it is measured anew), {half_step:.1%} with one for each step and {half_training_mode:.1%} "
    "with batch statistics; in steps of a whole row {rows_shared:.1%} ({rows_anew:.1%}), {rows_step:.1%} and "
    "{rows_training_mode:.1%}",
)
