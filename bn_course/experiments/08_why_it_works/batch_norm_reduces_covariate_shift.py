"""Does batch norm reduce internal covariate shift? It depends on what is called so."""

import numpy as np

from bn_course.experiments import Effect, Experiment

from ._shared import SCOPE
from ._shift import follow

BEST = {"relu": 0.3, "tanh": 0.3, "sigmoid": 1.0}  # of 0.03, 0.1, 0.3, 1 and 3, without batch norm
LOW = 0.1
ARMS = ("ReLU at 0.1", "ReLU at 0.3", "tanh at 0.1", "tanh at 0.3", "sigmoid at 0.1", "sigmoid at 1")


def measure(seed, scale):
    nets, steps = (tuple(BEST), 120) if scale == "full" else (("tanh", "sigmoid"), 60)
    arms = [(net, rate) for net in nets for rate in ((LOW, BEST[net]) if scale == "full" else (LOW,))]
    numbers = {}
    for norm in ("none", "batch"):
        runs = [follow(net, norm, rate, steps, seed) for net, rate in arms]
        for kind in ("inputs", "gradient"):
            numbers[f"{norm}_{kind}"] = [run[kind] for run in runs]
    for kind in ("inputs", "gradient"):
        ratios = np.array(numbers[f"none_{kind}"]) / np.array(numbers[f"batch_{kind}"])
        numbers |= {f"{kind}_least": float(ratios.min()), f"{kind}_most": float(ratios.max())}
    return numbers


HALF = "to reduce is to halve"
INPUTS = Effect(
    "movement of means and deviations, without over with",
    lambda n: n["none_inputs"] / n["batch_inputs"],
    above=2,
    ratio=True,
    why=HALF,
    each=ARMS,
)
GRADIENT = Effect(
    "turn of a layer's gradient, without over with",
    lambda n: n["none_gradient"] / n["batch_gradient"],
    above=2,
    ratio=True,
    why=HALF,
    each=ARMS,
)

EXPERIMENT = Experiment(
    claim="Batch norm reduces internal covariate shift.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, title; defined by gradients, and denied, in Santurkar et al. 2018, arXiv:1805.11604, section 2.2",
    scope=SCOPE.but(model="ReLU and tanh 4×64, sigmoid 3×100", horizon="120 steps"),
    method="He (ReLU) or Xavier initialisation, equal rates: 0.1 and the one that is best without batch norm; movement of the inputs' means and deviations a step, and 1 − cos of a layer's gradient before and after the layers below are updated.",
    measure=measure,
    holds=INPUTS & GRADIENT,
    when={"the shift is that of means and deviations": INPUTS},
    finding="Over nets and rates, the means and deviations of layers' inputs move {inputs_least:.0f} to {inputs_most:.0f} times less a step with batch norm; the turn of a layer's gradient, 1 − cos, falls from {none_gradient[0]:.2f} to {batch_gradient[0]:.3f} with ReLU at rate 0.1 and rises from {none_gradient[4]:.5f} to {batch_gradient[4]:.5f} with the sigmoid at 0.1",
)
