"""Adaptive gradient clipping: does it give a network without norms its learning rates back?"""

from functools import partial

import numpy as np

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, initialise, residual_mlp, sweep
from bn_course.nets.dyt import scaled_residual_mlp

from ._shared import LOST, percent

CLIP = 0.1
RATES = [round(10 ** (k / 3), 4) for k in range(-4, 4)]  # 0.046 to 10
SIZE = (64, 48, 10, 10)  # inputs, width, blocks, classes


def measure(seed, scale):
    rates, steps = (RATES, 150) if scale == "full" else (RATES[::2], 80)
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


EXPERIMENT = None
