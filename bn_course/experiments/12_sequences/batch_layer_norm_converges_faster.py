"""Batch layer normalisation against batch norm and layer norm: steps, at one rate and at the best."""

import numpy as np
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope, Table
from bn_course.nets import accuracy, best, digits, initialise, mlp, sweep
from bn_course.nets.bln import BatchLayerNorm

from ._shared import adam, at_the_others_rate, steps_to_loss

BATCH = 25  # theirs


def bln(features):
    return BatchLayerNorm(features, BATCH)


def bln_unscaled(features):
    """Without the division by √D, at the start: γ begins at √D."""
    layer = bln(features)
    nn.init.constant_(layer.weight, features**0.5)
    return layer


NORMS = {"batch": "batch", "layer": "layer", "bln": bln, "bln_unscaled": bln_unscaled}


def measure(seed, scale):
    rates, steps = ((1e-3, 3e-3, 1e-2, 3e-2), 300) if scale == "full" else ((1e-3, 1e-2), 250)
    given = {"rates": list(rates)}
    for name, norm in NORMS.items():

        def make(norm=norm):
            return initialise(mlp([64] + [64] * 4 + [10], norm), "he")

        runs = sweep(make, rates, digits(), steps, seed, adam, batch_size=BATCH, every=steps)
        given[f"{name}_by_rate"] = [steps_to_loss(run.history, 0.3, steps) for run in runs]
        given[f"{name}_test"] = accuracy(best(runs).model, digits().test)
    return given


def over_the_quicker(steps):
    """Steps of batch layer norm over those of the quicker of the two."""
    return lambda n: (
        steps(n["bln_by_rate"]) / np.minimum(steps(n["batch_by_rate"]), steps(n["layer_by_rate"]))
    )


TENTH = "a tenth of the steps is the least to speak of"
QUICKER = Effect(
    "steps over those of the quicker of the two, each at the rate that is quickest on other seeds",
    over_the_quicker(at_the_others_rate),
    below=0.9,
    ratio=True,
    why=TENTH,
)
DEFAULT = Effect(
    "the same at Adam's default rate",
    over_the_quicker(lambda by_rate: by_rate[:, 0]),
    below=0.9,
    ratio=True,
    why=TENTH,
)

EXPERIMENT = Experiment(
    claim="Batch layer normalisation converges faster than batch normalisation and layer normalisation.",
    source="Ziaee and Çano 2022, Batch Layer Normalization, arXiv:2209.08898, abstract",
    scope=Scope("digits", "ReLU MLP 4×64", "25", "Adam, batches of 25", "300 steps", test=500),
    method="He initialisation; steps until the mean of the last ten training losses is below 0.3.",
    measure=measure,
    holds=QUICKER,
    when={"the rate is Adam's default, 0.001": DEFAULT},
    limits={f"{name}_by_rate": 300 for name in NORMS},
    finding="Steps at rate 0.001: batch layer norm {bln_by_rate[0]:.0f}, batch norm {batch_by_rate[0]:.0f}, layer norm "
    "{layer_by_rate[0]:.0f}; at the rate that is quickest on the other seeds batch layer norm needs {effects[0][mean]:.1f} times the "
    "steps of the quicker of the two. Test accuracy {bln_test:.1%}, {batch_test:.1%} and {layer_test:.1%}",
    table=Table(
        {
            "batch norm": "batch_by_rate",
            "layer norm": "layer_by_rate",
            "batch layer norm": "bln_by_rate",
            "without its √D": "bln_unscaled_by_rate",
        },
        ("rate 0.001, steps", "0.003", "0.01", "0.03"),
        ".0f",
    ),
)
