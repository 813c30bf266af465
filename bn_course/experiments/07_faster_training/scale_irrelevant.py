"""Does the scale of the first weights matter with batch norm?"""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, sweep
from bn_course.nets.tune import best

from ._shared import SCOPE

SCALES = {"full": [0.001, 0.01, 0.14, 0.5, 2.0, 10.0], "small": [0.001, 0.14, 10.0]}
RATES = {"full": [0.1, 1.0], "small": [0.1]}


def measure(seed, scale):
    scales, rates, steps = SCALES[scale], RATES[scale], 150 if scale == "full" else 100
    numbers = {"scales": scales}
    for norm in ("none", "batch", "layer"):
        sweeps = [sweep(partial(start, norm, std), rates, digits(), steps, seed) for std in scales]
        numbers[norm] = [accuracy(best(runs).model, digits().test) for runs in sweeps]
        at_tenth = [next(run for run in runs if run.rate == 0.1) for runs in sweeps]
        numbers[f"{norm}_at_tenth"] = [accuracy(run.model, digits().test) for run in at_tenth]
    for rate, called in zip(rates, ("tenth", "one"), strict=False):  # the output layer at He's scale
        runs = [sweep(partial(start, "batch", std, 0.14), [rate], digits(), steps, seed)[0] for std in scales]
        numbers[f"hidden_at_{called}"] = [accuracy(run.model, digits().test) for run in runs]
    return numbers


def start(norm, std, last=None):
    """All weights of deviation `std`, but for the output layer's, where `last` says another."""
    model = initialise(mlp([64, *[100] * 5, 10], norm), std)
    if last is not None:
        initialise(model[-1], last)
    return model


def below_best(arm, scales=SCALES["full"]):
    """Points below batch norm's own best scale, at rate 0.1, for every scale or for some."""

    def points(n):
        behind = 100 * (n["batch_at_tenth"].max(1, keepdims=True) - n[f"{arm}_at_tenth"])
        return behind[:, np.isin(n["scales"][0], scales)]

    what = {"batch": "all layers scaled", "hidden": "hidden layers scaled alone"}[arm]
    return Effect(
        f"points below the best scale, {what}",
        points,
        below=3,
        why="twice the error of 500 test images",
        each=tuple(f"deviation {scale:g}" for scale in scales),
    )


SMALL = SCALES["full"][:3]  # up to He's
NEEDED = Effect(
    "points that scales below He's cost without batch norm",
    lambda n: 100 * (n["none_at_tenth"].max(1) - n["none_at_tenth"][:, 0]),
    above=10,
    why="where the scale costs nothing, nothing is made irrelevant",
)
TOGETHER = below_best("batch", SMALL) & NEEDED

EXPERIMENT = Experiment(
    claim="Batch norm makes the initial scale of the weights irrelevant.",
    source="popular articles, after Ioffe and Szegedy 2015 ('be less careful about initialization'), arXiv:1502.03167",
    scope=SCOPE.but(model="ReLU 5×100", horizon="150 steps"),
    method="All weights normal with deviations from 0.001 to 10 (He's is 0.14); test accuracy at rate 0.1, and at the better of 0.1 and 1 by validation. With batch norm once more with the hidden layers scaled alone, the output layer at 0.14.",
    measure=measure,
    holds=below_best("batch") & below_best("hidden"),
    when={
        "the weights do not start too large": TOGETHER & below_best("hidden", SMALL),
        "all weights are made smaller together": TOGETHER,
    },
    finding="At rate 0.1, with deviations 0.001, 0.14 and 10: {batch_at_tenth[0]:.0%}, {batch_at_tenth[2]:.0%} and {batch_at_tenth[5]:.0%} with batch norm, {hidden_at_tenth[0]:.0%}, {hidden_at_tenth[2]:.0%} and {hidden_at_tenth[5]:.0%} where its hidden layers are scaled alone",
    table=Table(
        {
            "batch norm": "batch_at_tenth",
            "its hidden layers alone": "hidden_at_tenth",
            "the same, rate 1": "hidden_at_one",
            "without": "none_at_tenth",
            "layer norm": "layer_at_tenth",
        },
        ("0.001", "0.01", "0.14", "0.5", "2", "10"),
        ".0%",
    ),
)
