"""A good network with bad running statistics is mended by measuring them anew."""

import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits

from ._shared import POINT, RATE, SCOPE, descend, error, network, recalibrated


def measure(seed, scale):
    numbers = {}
    for name, momentum in (("lagging", 0.001), ("usual", 0.1), ("restless", 0.99)):
        model = network("batch", seed)
        for layer in model.modules():
            if isinstance(layer, torch.nn.BatchNorm1d):
                layer.momentum = momentum
        descend(model, batches(digits().train, 128, seed), 300, RATE)
        numbers[name] = error(model)
        numbers[f"{name}_recalibrated"] = error(recalibrated(model, 100))
    return numbers


BAD = Effect(
    "points that the bad estimate costs",
    lambda n: n["lagging"] - n["usual"],
    above=5,
    why="something to mend: 25 of the 500 test images",
)
MENDED = Effect(
    "points that it still costs after the pass",
    lambda n: n["lagging_recalibrated"] - n["usual_recalibrated"],
    below=1.5,
    why=POINT,
)

EXPERIMENT = Experiment(
    claim="A network whose running statistics are bad is mended by one pass over the training data.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2: statistics measured after training",
    scope=SCOPE.but(values="128", horizon="300 updates, cosine schedule"),
    method="He initialisation, batches of 128; the layer's momentum 0.001, 0.1 or 0.99; test error before and after.",
    measure=measure,
    holds=BAD & MENDED,
    finding="Momentum 0.001: {lagging:.1f} → {lagging_recalibrated:.1f} % wrong; 0.1: {usual:.1f} → {usual_recalibrated:.1f}; 0.99: {restless:.1f} → {restless_recalibrated:.1f}",
)
