"""How many directions a batch still spans after many random layers."""

from itertools import pairwise

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope, Table
from bn_course.nets import digits, initialise, mlp, seeded

DEPTHS = (1, 10, 30, 100)
WIDTH = 64
ACTIVATIONS = {"linear": nn.Identity, "relu": nn.ReLU}


def measure(seed, scale):
    depths = DEPTHS if scale == "full" else (1, 50)
    numbers = {"depths": list(depths)}
    for name, activation in ACTIVATIONS.items():
        for norm in ("none", "layer", "batch"):
            numbers[f"{name}_{norm}"] = ranks(norm, activation, depths, seed)
    return numbers


@torch.no_grad()
def ranks(norm, activation, depths, seed):
    """The effective rank of the outputs of 256 digits after each of these depths, at initialisation."""
    with seeded(seed):
        model = initialise(mlp([64, *[WIDTH] * max(depths), 10], norm, activation), "he").double()
    h, found = digits().train.x[:256].double(), []
    for layer, following in pairwise(model):
        h = layer(h)
        if isinstance(following, nn.Linear):  # the end of a layer
            found.append(effective_rank(h))
    return [found[depth - 1] for depth in depths]


def effective_rank(h):
    """(Σλ)²/Σλ² of the eigenvalues λ of HᵀH: 1 if one direction holds all, n if n hold as much each."""
    squares = torch.linalg.svdvals(h).square()
    return float(squares.sum() ** 2 / squares.square().sum())


def last(norm):
    """Effective rank after the last layer, (seeds, activations)."""
    return lambda n: np.stack([n[f"{name}_{norm}"][:, -1] for name in ACTIVATIONS], axis=1)


ONE = Effect(
    "effective rank after the last layer, without a norm",
    last("none"),
    below=1.2,
    why="were there two directions, over nine tenths would lie in the first",
    each=tuple(ACTIVATIONS),
    blind=True,
)
SEVERAL = Effect(
    "effective rank after the last layer, with batch norm",
    last("batch"),
    above=3,
    why="'several' is more than two",
    each=tuple(ACTIVATIONS),
    blind=True,
)

EXPERIMENT = Experiment(
    claim="In a deep network that is not trained, all examples end in one direction without batch norm, and in several with it.",
    source="Daneshmand et al. 2020, Batch normalization provably avoids rank collapse, arXiv:2003.01652",
    scope=Scope(
        "digits", model="linear and ReLU, 100 layers of 64", values="256 × 1", horizon="at initialisation"
    ),
    method="256 digits, 64 wide, He initialisation, linear and ReLU, without a norm, with layer norm and with batch norm; effective rank (Σλ)²/Σλ² of the outputs of layer 1, 10, 30 and 100, λ the eigenvalues of HᵀH.",
    measure=measure,
    holds=ONE & SEVERAL,
    when={"the layers have ReLUs": ONE.at(1) & SEVERAL.at(1)},
    finding="Effective rank after 100 layers, linear and ReLU: {linear_none[3]:.1f} and {relu_none[3]:.1f} without, {linear_layer[3]:.1f} and {relu_layer[3]:.1f} with layer norm, {linear_batch[3]:.1f} and {relu_batch[3]:.1f} with batch norm",
    table=Table(
        {
            f"{activation}, {words}": f"{activation.lower()}_{norm}"
            for activation in ("linear", "ReLU")
            for norm, words in (("none", "without"), ("layer", "layer norm"), ("batch", "batch norm"))
        },
        ("1 layer", "10", "30", "100"),
        ".1f",
    ),
)
