"""Centred inputs of the right size at every step: which part of that brings the speed?"""

from functools import partial

import torch
from torch import nn
from torch.nn import functional

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits
from bn_course.nets.tune import steps_at_best_rate

from ._shared import NETS, SCOPE, build, plain_sgd

LIMIT = 200


class PartOfBatchNorm1d(nn.BatchNorm1d):
    """Batch norm that only centres, only scales, or standardises with the first batch's moments for ever."""

    def __init__(self, features, part):
        super().__init__(features, momentum=1.0 if part == "start" else 0.1)
        self.part = part

    def forward(self, x):
        if self.part == "start":
            if self.training and not self.num_batches_tracked:
                super().forward(x)  # which records the first batch
            shape = self.running_mean, self.running_var, self.weight, self.bias
            return functional.batch_norm(x, *shape, training=False, eps=self.eps)
        y = super().forward(x)
        var, mean = (
            torch.var_mean(x, 0, correction=0) if self.training else (self.running_var, self.running_mean)
        )
        std = (var + self.eps).sqrt()
        if self.part == "centre":
            return (y - self.bias) * std + self.bias  # γ(x − μ) + β
        return y + self.weight * mean / std  # γx/σ + β


ARMS = {
    "none": "none",
    "layer": "layer",
    "start": partial(PartOfBatchNorm1d, part="start"),
    "scale": partial(PartOfBatchNorm1d, part="scale"),
    "centre": partial(PartOfBatchNorm1d, part="centre"),
    "batch": "batch",
}


def measure(seed, scale):
    nets, rates = (tuple(NETS), (0.1, 0.3, 1.0)) if scale == "full" else (("relu",), (1.0,))
    how = {"seed": seed, "optimiser": plain_sgd, "every": 5}
    return {
        arm: [
            steps_at_best_rate(partial(build, net, norm, seed), rates, digits(), LIMIT, 0.9, **how)
            for net in nets
        ]
        for arm, norm in ARMS.items()
    }


def steps(one, other, words, **bound):
    """Steps of one arm over those of another, in the ReLU net, which is the first."""
    why = "rates are three times apart, so half as many steps again may be the grid's doing"
    return Effect(words, lambda n: (n[one] / n[other])[:, :1], ratio=True, why=why, blind=True, **bound)


OVER_LAYER = steps("layer", "centre", "steps of layer norm over those of centring, ReLU", above=1.5)
OVER_SIZE = steps("scale", "centre", "steps of dividing over those of centring, ReLU", above=1.5)
NEAR = steps("centre", "batch", "steps of centring over those of batch norm, ReLU", below=1.5)

EXPERIMENT = Experiment(
    claim="In a ReLU network batch norm's speed comes from centring each neuron over the batch, not from the size of its inputs.",
    source="this course",
    scope=SCOPE.but(model="ReLU and tanh 4×64, sigmoid 3×100", horizon="at most 200 steps", test=500),
    method="Digits, ReLU 4×64 (He), tanh 4×64 and sigmoid 3×100 (Xavier), plain SGD, each arm at the one of 0.1, 0.3 and 1 that gets there first on validation data; steps after which test accuracy stays at 90 %: without a norm, with layer norm, with the first batch's mean and variance for ever, with batch norm without its subtraction, without its division, and with batch norm.",
    measure=measure,
    holds=NEAR & OVER_SIZE & OVER_LAYER,
    limits=dict.fromkeys(ARMS, LIMIT),
    finding="Steps to 90 % with ReLU: {none[0]:.0f} without a norm, {layer[0]:.0f} with layer norm, {scale[0]:.0f} divided alone, {centre[0]:.0f} centred alone, {batch[0]:.0f} with batch norm",
    table=Table(
        {
            "without": "none",
            "layer norm": "layer",
            "divided alone": "scale",
            "standardised once, at the start": "start",
            "centred alone": "centre",
            "batch norm": "batch",
        },
        ("ReLU, steps", "tanh", "sigmoid"),
        ".0f",
    ),
)
