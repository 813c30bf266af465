"""Statistics for each time step, and sequences longer than those of the training."""

from copy import deepcopy

import numpy as np
import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets import Data, Split, accuracy, best, digits, sweep
from bn_course.nets.sequences import RNN

from ._shared import SCOPE, adam, best_rnn, delayed, in_steps

DELAYS = (0, 1, 2, 4, 8, 16)


def measure(seed, scale):
    given = {}
    for norm in ("none", "layer", "batch", "step"):
        model = best_rnn(norm, seed, scale).model
        given[norm] = [accuracy(model, delayed(in_steps().test, blanks)) for blanks in DELAYS]
    model = best_rnn("step", seed, scale).model
    given["aligned"] = [
        accuracy(aligned(model, blanks), delayed(in_steps().test, blanks)) for blanks in DELAYS
    ]
    given |= in_rows(seed, scale)
    return {"blanks": list(DELAYS), **given}


def in_rows(seed, scale):
    """The same in 8 steps of a whole row, where a delay does not exchange left and right."""
    data = digits()
    parts = (Split(part.x.reshape(-1, 8, 8), part.y) for part in data.parts)
    data = Data("digits in 8 steps", *parts, classes=10)
    rates, steps = ((3e-3, 1e-2), 200) if scale == "full" else ((1e-2,), 20)
    given = {}
    for norm in ("layer", "step"):

        def make(norm=norm):
            return RNN(8, 64, 10, norm, steps=8)

        model = best(sweep(make, rates, data, steps, seed, adam)).model
        given[f"{norm}_rows"] = [accuracy(model, delayed_rows(data.test, blanks)) for blanks in DELAYS]
    return given


def delayed_rows(split, blanks):
    empty = split.x.min().expand(len(split), blanks, 8)
    return Split(torch.cat([empty, split.x], dim=1), split.y)


def aligned(model, blanks):
    """A copy whose statistics wait as the digit does: those of step 0 while the paper is empty."""
    model = deepcopy(model)
    for name in ("running_mean", "running_var"):
        old = getattr(model.norm, name)
        setattr(model.norm, name, torch.cat([old[:1].expand(blanks, -1), old]))
    return model


def lost(n, norm):
    """Share right that sixteen empty steps cost."""
    return n[norm][:, 0] - n[norm][:, -1]


NO_WORSE = Effect(
    "share right that empty steps cost more than with layer norm",
    lambda n: np.stack([lost(n, f"step{data}") - lost(n, f"layer{data}") for data in ("", "_rows")], axis=1),
    below=0.1,
    why="a tenth of the answers",
    each=("steps of half a row", "steps of a row"),
)

EXPERIMENT = Experiment(
    claim="Beyond the length of the training sequences, the statistics of the last time step can be used.",
    source="Cooijmans et al. 2016, Recurrent Batch Normalization, arXiv:1603.09025, section 3",
    scope=SCOPE.but(data="digits in 16 and 8 steps"),
    method="The networks of one_statistic_for_all_steps, trained on 16 steps, tested on digits after 0 to 16 "
    "steps of empty paper. 'Aligned': the statistics of step 0 while the paper is empty, then those of each step. "
    "'Rows': 8 steps of a whole row instead of 16 of half a row.",
    measure=measure,
    holds=NO_WORSE,
    when={"all steps look alike": NO_WORSE.at(1)},
    finding="With sixteen empty steps in front, {step[5]:.1%} are right with statistics for each step "
    "({step[0]:.1%} with none in front), {aligned[5]:.1%} when the statistics wait too, {layer[5]:.1%} with "
    "layer norm, {none[5]:.1%} without a norm; in steps of whole rows {step_rows[5]:.1%} with statistics for each "
    "step and {layer_rows[5]:.1%} with layer norm",
)
