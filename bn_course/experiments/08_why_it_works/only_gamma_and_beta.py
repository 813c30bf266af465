"""A random network of which only γ and β learn."""

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, best, digits, initialise, mlp, seeded, sweep

from ._shared import SCOPE, linears

SIZES = [64] + [256] * 6 + [10]


def measure(seed, scale):
    rates, steps = ((0.3, 1.0, 3.0), 200) if scale == "full" else ((1.0,), 120)
    numbers = {}
    for arm in ("all", "affine", "output", "random"):
        arm_rates = rates if arm != "all" else ((0.03, 0.1) if scale == "full" else (0.1,))
        found = sweep(model, arm_rates, digits(), steps, seed, lambda m, r, arm=arm: part(m, r, arm, seed))
        numbers[arm] = accuracy(best(found).model, digits().test)
    made = model()
    affine = sum(p.numel() for p in affine_of(made))
    return numbers | {
        "affine_count": affine,
        "output_count": sum(p.numel() for p in made[-1].parameters()),
        "share": affine / sum(p.numel() for p in made.parameters()),
    }


def model():
    return initialise(mlp(SIZES, "batch"), "he")


def affine_of(made):
    return [p for layer in made.modules() if isinstance(layer, nn.BatchNorm1d) for p in layer.parameters()]


def part(made, rate, arm, seed):
    """SGD with momentum on γ and β, on the last layer, on as many hidden weights drawn at random, or on all."""
    chosen = {
        "all": list(made.parameters()),
        "affine": affine_of(made),
        "output": list(made[-1].parameters()),
    }
    if arm in chosen:
        return torch.optim.SGD(chosen[arm], lr=rate, momentum=0.9)
    weights = [layer.weight for layer in linears(made)[:-1]]
    share = sum(p.numel() for p in affine_of(made)) / sum(w.numel() for w in weights)
    with seeded(seed + 1):
        for weight in weights:
            mask = (torch.rand_like(weight) < share).float()
            weight.register_hook(lambda g, mask=mask: g * mask)
    return torch.optim.SGD(weights, lr=rate, momentum=0.9)


THREE = "twice the error of 500 test images"
WELL = Effect("accuracy of γ and β alone", lambda n: n["affine"], above=0.9, why="'well' is nine in ten")
LAST = Effect(
    "points above the last layer alone", lambda n: 100 * (n["affine"] - n["output"]), above=3, why=THREE
)
RANDOM = Effect(
    "points above as many hidden weights", lambda n: 100 * (n["affine"] - n["random"]), above=3, why=THREE
)

EXPERIMENT = Experiment(
    claim="A random network in which only γ and β are trained learns well, and better than with as many other parameters.",
    source="Frankle, Schwab and Morcos 2020, Training BatchNorm and only BatchNorm, arXiv:2003.00152",
    scope=SCOPE.but(
        model="ReLU 6×256", optimiser="SGD with momentum 0.9, batches of 128", horizon="200 steps", test=500
    ),
    method="Batch norm, He initialisation, each arm at the best of 0.3, 1 and 3 by validation accuracy (all parameters: 0.03 and 0.1); test accuracy.",
    measure=measure,
    holds=WELL & LAST & RANDOM,
    when={"the others are the last layer's": WELL & LAST},
    finding="Test accuracy: γ and β alone ({share:.1%} of the parameters) {affine:.1%}, the last layer alone {output:.1%}, as many hidden weights drawn at random {random:.1%}, everything {all:.1%}",
)
