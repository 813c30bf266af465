"""Adaptive gradient clipping: does it give a network without norms its learning rates back?"""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import digits, initialise, residual_mlp, sweep
from bn_course.nets.dyt import scaled_residual_mlp

from ._shared import LOST, percent

CLIP = 0.01  # as in the paper, for large batches
RATES = [0.1, 0.3, 1.0, 3.0]
SIZE = (64, 48, 10, 10)  # inputs, width, blocks, classes


def measure(seed, scale):
    rates, steps = (RATES, 120) if scale == "full" else (RATES[:3], 100)
    numbers = {"rates": rates}
    for arm in ("scaled", "clipped", "batch"):
        runs = sweep(partial(network, arm), rates, digits(), steps, seed, every=steps)
        fine = np.array([not run.history.diverged for run in runs])
        curve = fine * [100 * run.history.accuracy[-1] for run in runs]
        usable = np.array(rates)[curve >= curve.max() - LOST]
        numbers[f"{arm}_curve"] = curve.tolist()
        numbers[f"{arm}_largest"] = float(usable.max())
        numbers[f"{arm}_test"] = percent(runs[int(curve.argmax())].model, digits().test)
    return numbers


def network(arm):
    if arm == "batch":
        return initialise(residual_mlp(*SIZE), "he")
    model = initialise(scaled_residual_mlp(*SIZE), "he")
    if arm == "clipped":
        for parameter in model[:-1].parameters():  # the last layer is left alone, as in the paper
            parameter.register_hook(partial(clip, parameter))
    return model


def clip(parameter, gradient):
    """Each row's gradient at most CLIP times as long as the row, which counts as 10⁻³ or more."""
    longest = CLIP * lengths(parameter.detach()).clamp(min=1e-3)
    return gradient * (longest / lengths(gradient).clamp(min=1e-12)).clamp(max=1)


def lengths(tensor):
    """Of the rows of a matrix; of a vector or a number as a whole."""
    return tensor.norm(dim=1, keepdim=True) if tensor.ndim > 1 else tensor.norm()


WIDER = Effect(
    "largest usable rate, clipped over not clipped",
    lambda n: n["clipped_largest"] / n["scaled_largest"],
    above=2,
    ratio=True,
    why="twice as large is worth speaking of; the grid has steps of three",
)
LIKE = Effect(
    "largest usable rate, batch norm over clipped",
    lambda n: n["batch_largest"] / n["clipped_largest"],
    below=2,
    ratio=True,
    why="less than twice as large is alike",
)

EXPERIMENT = Experiment(
    claim="Adaptive gradient clipping gives a network without norms the large learning rates of batch norm.",
    source="Brock et al. 2021, section 4, arXiv:2102.06171 (of large batches)",
    scope=Scope(
        "digits",
        model="residual MLP of 10 blocks of 48",
        values="128 × 1",
        optimiser="SGD with momentum 0.9, batches of 128",
        horizon="120 steps",
        test=500,
    ),
    method="Branches times a learned scale that starts at 0, no norm, with and without clipping the gradient of each unit (a row of a weight, or a whole bias) to 0.01 of the length of its weights, the last layer left alone; and batch norm; He initialisation; rates 0.1, 0.3, 1 and 3. A rate is usable within 5 points of the arm's own best on validation data.",
    measure=measure,
    holds=WIDER & LIKE,
    when={"larger rates are all that is asked for": WIDER},
    finding="The largest usable rate is {scaled_largest:.2f} without clipping, {clipped_largest:.2f} with it and {batch_largest:.2f} with batch norm; test accuracy at the best rate {scaled_test:.1f}, {clipped_test:.1f} and {batch_test:.1f} %",
)
