"""Learning rate × initial scale × depth: where does training work? (also what the explorer draws)"""

from functools import partial

import torch

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits, initialise, mlp, sweep

from ._shared import SCOPE

DEPTHS = {"full": [2, 5, 10], "small": [5]}
SCALES = {"full": [0.01, 0.1, 0.3, 1.0, 3.0, 10.0], "small": [0.1, 1.0, 3.0]}
RATES = {"full": [0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0], "small": [0.01, 0.1, 1.0]}
STEPS, EVERY = 70, 7


def measure(seed, scale):
    depths, scales, rates = DEPTHS[scale], SCALES[scale], RATES[scale]
    numbers = {"depths": depths, "scales": scales, "rates": rates, "steps": list(range(0, STEPS + 1, EVERY))}
    for norm in ("none", "batch"):  # percent, as whole numbers: (depth, scale, rate, look)
        numbers[norm] = [
            [
                [
                    percent(run.history.accuracy)
                    for run in sweep(partial(network, norm, depth, s), rates, digits(), STEPS, seed)
                ]
                for s in scales
            ]
            for depth in depths
        ]
        ends = [[look[-1] for row in rows for look in row] for rows in numbers[norm]]
        numbers[f"{norm}_works"] = [sum(end >= 90 for end in of_depth) / len(of_depth) for of_depth in ends]
    return numbers


@torch.no_grad()
def network(norm, depth, scale):
    """He's initialisation, every weight times `scale`."""
    model = initialise(mlp([64, *[64] * depth, 10], norm), "he")
    for layer in model:
        if isinstance(layer, torch.nn.Linear):
            layer.weight.mul_(scale)
    return model


def percent(accuracies):
    """One whole number for each look; a run that diverged keeps its last."""
    looks = STEPS // EVERY + 1
    return [round(100 * a) for a in [*accuracies, *accuracies[-1:] * looks][:looks]]


MORE = Effect(
    "share of the settings that work with, less twice that without",
    lambda n: n["batch_works"] - 2 * n["none_works"],
    above=0,
    why="'higher rates' and 'less care' should be twice as many settings",
    each=("2 layers", "5 layers", "10 layers"),
)

EXPERIMENT = Experiment(
    claim="Batch norm allows higher learning rates and less care about initialisation.",
    source="Ioffe and Szegedy 2015, abstract, arXiv:1502.03167",
    scope=SCOPE.but(model="ReLU, 2, 5 and 10 layers of 64", horizon="70 steps", test=0),
    method="He initialisation times 0.01 to 10 (all weights, the output layer's too, which no norm follows), rates from 0.003 to 3: 126 settings with and without batch norm. Validation accuracy, rounded to whole per cent; a setting works if it ends at 90 % or above.",
    measure=measure,
    holds=MORE,
    when={"the network has five layers or more": MORE.at(1, 2)},
    finding="The share of settings that work at 5 layers: {none_works[1]:.0%} without and {batch_works[1]:.0%} with batch norm",
    table=Table({"without": "none_works", "batch norm": "batch_works"}, ("2 layers", "5", "10"), ".0%"),
)
