"""Smaller initial weights do not help against gradients that batch norm makes explode."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, seeded

from ._shared import SCOPE

DEPTH = 20
FACTORS = (0.5, 0.8, 1.0, 1.25, 2.0)  # of He's deviation


def measure(seed, scale):
    width = 128 if scale == "full" else 64
    arms = {norm: [rate(norm, factor, width, seed) for factor in FACTORS] for norm in ("none", "batch")}
    return {"factors": FACTORS} | arms


def rate(norm, factor, width, seed):
    """How many times ‖∂L/∂h‖ grows from a layer's output to that of the layer below."""
    with seeded(seed):
        model = initialise(mlp([64] + [width] * DEPTH + [10], norm), factor * np.sqrt(2 / width))
    h, outputs = digits().train.x[:256], []
    for layer in model:
        h = layer(h)
        if isinstance(layer, torch.nn.ReLU):
            outputs.append(h)
    slopes = torch.autograd.grad(cross_entropy(h, digits().train.y[:256]), outputs)
    sizes = np.log([slope.norm().item() for slope in slopes])
    return float(np.exp(-np.polyfit(range(DEPTH), sizes, 1)[0]))


BOUND = "over 20 layers 1.1 is a factor of seven"


def cured(norm):
    """Some factor brings the growth from above 1.1 to below it."""
    least = Effect(
        f"least growth a layer at any factor, {norm}", lambda n: n[norm].min(1), below=1.1, why=BOUND
    )
    most = Effect(
        f"greatest growth a layer at any factor, {norm}", lambda n: n[norm].max(1), above=1.1, why=BOUND
    )
    return least & most


EXPERIMENT = Experiment(
    claim="Where gradients explode with depth, smaller initial weights stop it.",
    source="Common advice since Glorot and Bengio 2010; for batch norm denied by Yang et al. 2019, arXiv:1902.08129",
    scope=SCOPE.but(model="ReLU 20×128", values="256 × 1", optimiser="", horizon="at initialisation"),
    method="One batch; weights with 0.5 to 2 times He's deviation; the slope of log ‖∂L/∂h‖ over layers, h what a layer puts out.",
    measure=measure,
    holds=cured("batch"),
    when={"there is no batch norm": cured("none")},
    finding="Half, one and two times He's weights: growth a layer {none[0]:.2f}, {none[2]:.2f}, {none[4]:.2f} without, {batch[0]:.2f}, {batch[2]:.2f}, {batch[4]:.2f} with batch norm",
)
