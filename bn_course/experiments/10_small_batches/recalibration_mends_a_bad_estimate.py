"""A good network with bad running statistics is mended by measuring them anew."""

import torch

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import batches, digits

from ._shared import RATE, descend, error, network, recalibrated


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


def verdict(numbers):
    mean = {name: values.mean() for name, values in numbers.items()}
    bad = mean["lagging"] - mean["usual"] > 5
    mended = mean["lagging_recalibrated"] - mean["usual_recalibrated"] < 1.5
    return HOLDS if bad and mended else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="A network whose running statistics are bad is mended by one pass over the training data.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, algorithm 2: statistics measured after training",
    method="Digits, ReLU 4×64, He, SGD with momentum 0.9, 300 updates of 128; the layer's momentum 0.001, 0.1 or 0.99; test error before and after.",
    measure=measure,
    verdict=verdict,
    finding="Momentum 0.001: {lagging:.1f} → {lagging_recalibrated:.1f} % wrong; 0.1: {usual:.1f} → {usual_recalibrated:.1f}; 0.99: {restless:.1f} → {restless_recalibrated:.1f}",
)
