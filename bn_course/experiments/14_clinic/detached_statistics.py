"""Batch norm whose statistics are detached from the graph: when does it show?"""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import batch_norm
from torch.optim import SGD

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, digits, mlp, seeded, train
from bn_course.nets.patients import clinic_detached

from ._shared import SCOPE

RATES = [0.03, 0.1, 0.3, 1.0, 3.0]
KINDS = ("learned", "fixed")


class Norm(nn.Module):
    """Batch norm with batch statistics in both modes, its gradient right or detached."""

    def __init__(self, features, detached, learned):
        super().__init__()
        self.detached = detached
        self.weight = nn.Parameter(torch.ones(features), learned)
        self.bias = nn.Parameter(torch.zeros(features), learned)

    def forward(self, x):
        if self.detached:
            return clinic_detached(x, self.weight, self.bias)
        return batch_norm(x, None, None, self.weight, self.bias, training=True)


def measure(seed, scale):
    steps, rates = (200, RATES) if scale == "full" else (100, RATES[2::2])
    numbers = {}
    for learned in (True, False):
        for detached in (False, True):
            runs = [run(seed, rate, steps, detached, learned) for rate in rates]
            name = f"{'learned' if learned else 'fixed'}_{'detached' if detached else 'right'}"
            chosen = max(runs, key=lambda r: r["validation"])
            numbers[f"{name}_loss"] = [r["loss"] for r in runs]
            numbers[f"{name}_high"] = runs[-1]["loss"]
            numbers[f"{name}_best"] = chosen["test"]
            numbers[f"{name}_best_rate"] = rates[runs.index(chosen)]
    return numbers


def run(seed, rate, steps, detached, learned):
    data = digits()
    with seeded(seed):
        model = mlp([64, 64, 64, 64, 10], norm=lambda features: Norm(features, detached, learned))
    optimiser = SGD([p for p in model.parameters() if p.requires_grad], lr=rate)
    history = train(model, data, optimiser, steps, seed=seed, every=steps)
    loss = min(100.0, float(np.mean(history.loss[-20:]))) if not history.diverged else 100.0
    return {
        "loss": loss,
        "validation": accuracy(model, data.validation),
        "test": 100 * accuracy(model, data.test),
    }


SHOWS = Effect(
    "points lost, each at its best rate",
    lambda n: np.stack([n[f"{kind}_right_best"] - n[f"{kind}_detached_best"] for kind in KINDS], axis=1),
    above=5,
    why="what somebody would notice who has nothing to compare with",
    each=("γ and β learned", "γ and β fixed"),
)

EXPERIMENT = Experiment(
    claim="If batch norm's gradient left its statistics out, training would show it.",
    source="this course; the mistake was in Keras' torch backend until pull request 19102 of keras-team/keras, 2024",
    scope=SCOPE.but(model="ReLU MLP 3×64", optimiser="SGD without momentum, batches of 128"),
    method="Digits, ReLU MLP 3×64, PyTorch's initialisation, plain SGD, batch 128, 200 steps, rates 0.03 to 3; batch statistics in both modes; γ and β learned, or fixed at 1 and 0. Accuracy on test data at the rate that is best on validation data, each arm its own; it shows where more than 5 points are lost.",
    measure=measure,
    holds=SHOWS,
    when={"γ and β are fixed": SHOWS.at(1)},
    finding="At each arm's best rate, right and detached: {learned_right_best:.1f} and {learned_detached_best:.1f} % with γ and β learned, {fixed_right_best:.1f} and {fixed_detached_best:.1f} % with them fixed. The loss at the highest rate: {learned_right_high:.2f} and {learned_detached_high:.2f} learned, {fixed_right_high:.2f} and {fixed_detached_high:.2f} fixed",
)
