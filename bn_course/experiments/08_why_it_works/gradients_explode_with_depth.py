"""Batch norm makes gradients grow with depth, at initialisation."""

import numpy as np
import torch

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import digits, initialise, mlp, seeded

DEPTH = 20
THEORY = np.sqrt(np.pi / (np.pi - 1))  # 1.211


def measure(seed, scale):
    width = 256 if scale == "full" else 128
    return {norm: growth(norm, width, seed) for norm in ("none", "batch", "layer")}


def growth(norm, width, seed):
    """How many times the gradient's norm grows from one layer to the one below it."""
    with seeded(seed):
        model = initialise(mlp([64] + [width] * DEPTH + [10], norm), "he")
    batch = digits().train[:256]
    torch.nn.functional.cross_entropy(model(batch.x), batch.y).backward()
    norms = [layer.weight.grad.norm().item() for layer in model if isinstance(layer, torch.nn.Linear)]
    inner = np.log(norms[2:-2])  # the layers next to input and output have other shapes
    return float(np.exp(-np.polyfit(range(len(inner)), inner, 1)[0]))


def verdict(numbers):
    batch, none = numbers["batch"].mean(), numbers["none"].mean()
    return HOLDS if abs(batch - THEORY) < 0.05 and none < 1.1 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Batch norm makes gradients grow by √(π/(π − 1)) ≈ 1.21 a layer at initialisation, and without it they do not grow.",
    source="Yang et al. 2019, A Mean Field Theory of Batch Normalization, arXiv:1902.08129",
    method="Digits, ReLU 20×256, He initialisation, one batch of 256; the slope of log ‖∂L/∂W‖ over layers.",
    measure=measure,
    verdict=verdict,
    finding="The gradient grows {batch:.3f} times a layer with batch norm, {none:.3f} without, {layer:.3f} with layer norm",
)
