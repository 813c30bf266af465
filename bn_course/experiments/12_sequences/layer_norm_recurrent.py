"""Layer norm in a recurrent network: fewer steps?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, best, sweep
from bn_course.nets.sequences import RNN

from ._shared import SCOPE, STEPS, adam, at_the_others_rate, in_steps, quickest, steps_to_loss

ARMS = {  # norm, and where γ begins
    "none": ("none", 1.0),
    "layer": ("layer", 1.0),
    "rms": ("rms", 1.0),
    "step": ("step", 1.0),
    "layer_small": ("layer", 0.1),
    "step_small": ("step", 0.1),
}
TARGET = 0.5


def measure(seed, scale):
    rates, steps = ((3e-3, 1e-2, 3e-2), 150) if scale == "full" else ((1e-2,), 20)
    given = {}
    for name, (norm, gamma) in ARMS.items():

        def make(norm=norm, gamma=gamma):
            return RNN(4, 64, 10, norm, STEPS, gamma)

        runs = sweep(make, rates, in_steps(), steps, seed, adam, every=10)
        quick = quickest(runs)
        given[name] = steps_to_loss(quick.history, TARGET, steps)
        given[f"{name}_by_rate"] = [steps_to_loss(run.history, TARGET, steps) for run in runs]
        given[f"{name}_test"] = accuracy(best(runs).model, in_steps().test)
        given[f"{name}_curve"] = np.reshape(quick.history.loss, (-1, 10)).mean(1).tolist()
    return given


FEWER = Effect(
    "steps with layer norm over steps without, each at the rate that is quickest on other seeds",
    lambda n: at_the_others_rate(n["layer_by_rate"]) / at_the_others_rate(n["none_by_rate"]),
    below=0.85,
    ratio=True,
    why="a step in seven is the least to speak of; looks are ten losses wide",
)

EXPERIMENT = Experiment(
    claim="Layer normalisation reduces the training time of a recurrent network.",
    source="Ba, Kiros and Hinton 2016, Layer Normalization, arXiv:1607.06450, abstract",
    scope=SCOPE.but(horizon="150 steps"),
    method="PyTorch's initialisation; steps until the mean of the last ten training losses is below 0.5; γ from 1, or from 0.1.",
    measure=measure,
    holds=FEWER,
    limits={f"{name}_by_rate": 150 for name in ARMS},
    beyond="networks that read hundreds of steps of text or strokes; this one reads 16 steps of digits",
    finding="At the rate of 0.003, 0.01 and 0.03 that does best on validation data: {none:.0f} steps without a norm, {layer:.0f} with layer "
    "norm, {rms:.0f} with RMS norm and {step:.0f} with batch norm for each step; from γ = 0.1 {layer_small:.0f} with layer norm and "
    "{step_small:.0f} with batch norm. Test accuracy {none_test:.1%}, {layer_test:.1%}, {rms_test:.1%} and {step_test:.1%}",
    table=Table(
        {
            "no norm": "none_by_rate",
            "layer norm": "layer_by_rate",
            "RMS norm": "rms_by_rate",
            "batch norm for each step": "step_by_rate",
            "layer norm, γ from 0.1": "layer_small_by_rate",
            "batch norm, γ from 0.1": "step_small_by_rate",
        },
        ("rate 0.003, steps", "0.01", "0.03"),
        ".0f",
    ),
)
