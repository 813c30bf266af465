"""Networks without normalisation: as good when tuned, and over how many learning rates?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Table

from ._shared import LOST, SCOPE, over_rates

ARMS = ("none", "scaled", "dyt", "batch", "layer", "group", "rms")


def measure(seed, scale):
    full = scale == "full"
    arms, per_decade = (ARMS, 3) if full else (("scaled", "dyt", "batch"), 1 / 2)
    rates = np.round(10 ** np.arange(-3 if full else -2, 0.7, 1 / per_decade), 5).tolist()
    numbers = {"rates": rates}
    for arm in arms:
        chosen, _, numbers[f"{arm}_test"] = over_rates(arm, rates, seed, scale)
        numbers[f"{arm}_curve"] = chosen
        numbers[f"{arm}_decades"] = sum(value >= max(chosen) - LOST for value in chosen) / per_decade
    return numbers


AS_GOOD = Effect(
    "points above batch norm, scaled branches, each at its best rate",
    lambda n: n["scaled_test"] - n["batch_test"],
    above=-2,
    why="ten of the 500 test images, about two standard errors",
    blind=True,
)
FEWER = Effect(
    "decades of usable rates that are lost",
    lambda n: np.stack([n["batch_decades"] - n[f"{arm}_decades"] for arm in ("scaled", "dyt")], axis=1),
    above=0.5,
    why="a factor of three; the grid has three rates a decade, so one step of it is not enough",
    blind=True,
    each=("scaled branches", "dynamic tanh"),
)

NAMES = {
    "none": "nothing",
    "scaled": "scaled branches",
    "dyt": "dynamic tanh",
    "batch": "batch norm",
    "layer": "layer norm",
    "group": "group norm",
    "rms": "RMS norm",
}

EXPERIMENT = Experiment(
    claim="Networks without normalisation are as good when tuned; what they lose is the range of learning rates that work.",
    source="this course; Brock et al. 2021, arXiv:2102.06171, and De and Smith 2020, arXiv:2002.10444, on large batches and rates",
    scope=SCOPE.but(model="residual MLP, ten blocks of 64", horizon="200 steps"),
    method="Digits, a residual MLP of ten blocks of 64, He initialisation, SGD with momentum 0.9, 200 steps of 128, twelve rates from 0.001 to 4.6; no norm, no norm with branches times a learned scale that starts at 0 (SkipInit), dynamic tanh, and four norms. A rate is usable within 5 points of the arm's own best on validation data.",
    measure=measure,
    holds=AS_GOOD & FEWER,
    finding="On test, each at its best rate: scaled branches {scaled_test:.1f} %, dynamic tanh {dyt_test:.1f}, batch norm {batch_test:.1f}; decades of usable rates {scaled_decades:.1f}, {dyt_decades:.1f} and {batch_decades:.1f}",
    table=Table(
        {name: (f"{arm}_test", f"{arm}_decades") for arm, name in NAMES.items()},
        ("test, %", "decades of usable rates"),
        ".1f",
    ),
)
