"""The rate at which gradients explode under batch norm, for several activations."""

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits, initialise, mlp, seeded

from ._shared import SCOPE, growth

ACTIVATIONS = {"relu": nn.ReLU, "gelu": nn.GELU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}


def measure(seed, scale):
    depth, width = (30, 256) if scale == "full" else (20, 256)
    numbers = {}
    for name, activation in ACTIVATIONS.items():
        with seeded(seed):
            model = initialise(mlp([64] + [width] * depth + [10], "batch", activation), "he")
        numbers[name] = growth(model, digits().train[:256])
    return numbers | {f"{name}_theory": theory(activation()) for name, activation in ACTIVATIONS.items()}


def theory(activation):
    """√(E[f′(z)²] / Var[f(z)]) for z standard normal, by a fine sum."""
    z = torch.linspace(-10, 10, 200_001, dtype=torch.float64, requires_grad=True)
    weight = torch.exp(-(z.detach() ** 2) / 2)
    weight = weight / weight.sum()
    f = activation(z)
    (slope,) = torch.autograd.grad(f.sum(), z)
    f = f.detach()
    mean = (weight * f).sum()
    return float(((weight * slope**2).sum() / (weight * (f - mean) ** 2).sum()).sqrt())


RIGHT = Effect(
    "growth a layer, away from theory",
    lambda n: np.stack([abs(n[a] - n[f"{a}_theory"]) for a in ACTIVATIONS], 1),
    below=0.04,
    why="a fifth of ReLU's growth; theory is for infinite width",
    each=tuple(ACTIVATIONS),
)
RELU = Effect(
    "growth a layer with ReLU", lambda n: n["relu"], above=1.1, why="over 30 layers 1.1 is a factor of 17"
)
ALL = Effect(
    "growth a layer",
    lambda n: np.stack([n[a] for a in ACTIVATIONS], 1),
    above=1.03,
    why="over 30 layers 1.03 is a factor of 2.4",
    each=tuple(ACTIVATIONS),
)

EXPERIMENT = Experiment(
    claim="Batch norm makes gradients explode, whatever the activation.",
    source="Yang et al. 2019, arXiv:1902.08129, abstract: 'cannot be eliminated … by adjusting the nonlinear activation function', though 'reduced by tuning the network close to the linear regime'",
    scope=SCOPE.but(model="30 layers of 256", values="256 × 1", optimiser="", horizon="at initialisation"),
    method="Batch norm, He initialisation, one batch; measured growth a layer beside √(E[f′²]/Var f).",
    measure=measure,
    holds=RIGHT & RELU & ALL,
    when={"the activation is far from linear": RIGHT & RELU},
    finding="A layer multiplies the gradient by {relu:.2f} with ReLU (theory {relu_theory:.2f}), {tanh:.2f} with tanh ({tanh_theory:.2f}), {sigmoid:.2f} with the sigmoid ({sigmoid_theory:.2f})",
    table=Table(
        {"measured": tuple(ACTIVATIONS), "theory": tuple(f"{a}_theory" for a in ACTIVATIONS)},
        ("ReLU", "GELU", "tanh", "sigmoid", "none"),
        ".3f",
    ),
)
