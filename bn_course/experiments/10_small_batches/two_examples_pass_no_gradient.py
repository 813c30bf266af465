"""What batch norm passes down with two examples a batch: nothing of two values, nearly all of two images."""

import numpy as np
import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import batches, digits

from ._shared import RATE, SCOPE, descend, error, network
from .images_in_small_batches import network as cnn_network

SIZES = (2, 3, 4, 8, 32)


def measure(seed, scale):
    train, epochs = digits().train, 5 if scale == "full" else 2
    frozen = network("batch", seed)
    for layer in frozen[:-1]:
        if isinstance(layer, nn.Linear):
            layer.requires_grad_(False)
    learned, fixed = (
        descend(model, batches(train, 2, seed), epochs * 500, RATE * 2 / 32)
        for model in (network("batch", seed), frozen)
    )
    return {
        "sizes": list(SIZES),
        "share": [share_passed(network("batch", seed), size, seed)[0] for size in SIZES],
        "images": share_passed(cnn_network("batch", 1, seed), 2, seed),  # H·W = 64, 16, 4, 1
        "pooled": [share_passed(cnn_network("batch", at, seed), 2, seed)[-1] for at in (16, 4)],
        "learned": error(learned),
        "weights_fixed": error(fixed),
    }


def share_passed(model, size, seed):
    """‖dx‖ √(σ² + ε)/(|γ| ‖dy‖) of each norm: the median over its features and 200 batches."""
    drawn = batches(digits().train, size, seed)
    norms = [layer for layer in model if isinstance(layer, _BatchNorm)]
    passing, shares = {}, {norm: [] for norm in norms}
    for norm in norms:
        norm.register_forward_hook(lambda norm, x, y: passing.update({norm: (x[0], y)}))
    for _ in range(200):
        batch = next(drawn)
        loss = nn.functional.cross_entropy(model(batch.x), batch.y)
        for norm, (x, y) in passing.items():
            dx, dy = torch.autograd.grad(loss, [x, y], retain_graph=True)
            axes = [0, *range(2, x.ndim)]
            deviation = torch.sqrt(x.detach().var(axes, correction=0) + norm.eps)
            dx, dy = (gradient.square().sum(axes).sqrt() for gradient in (dx, dy))
            shares[norm].append((dx * deviation / dy)[dy > 0])
    return [torch.cat(share).median().item() for share in shares.values()]


VALUES = Effect(
    "share of the gradient's length that passes where an example has one value (median)",
    lambda n: np.stack([n["share"][:, 0], n["images"][:, -1]], axis=1),
    below=0.01,
    why="nothing: less than a hundredth",
    each=("MLP", "CNN, H·W = 1"),
)
POSITIONS = Effect(
    "the same where it has several",
    lambda n: np.concatenate([n["images"][:, :-1], n["pooled"]], axis=1),
    below=0.01,
    why="nothing: less than a hundredth",
    each=("H·W = 64", "H·W = 16", "H·W = 4", "16, before the mean over H·W", "4, before the mean over H·W"),
)

EXPERIMENT = Experiment(
    claim="With two examples a batch, batch norm passes no gradient to the weights below it.",
    source="this course: two numbers have a mean and a deviation and nothing else; what the mean leaves is multiplied by ε/(σ² + ε)",
    scope=SCOPE.but(model="ReLU MLP 4×64; CNNs", values="2 × 1, in CNNs 2 × 64, 16, 4 and 1"),
    method="Digits, ReLU 4×64, He; the norm of ∂L/∂x against that of ∂L/∂y γ/√(σ² + ε) in the first batch norm at initialisation, median over features and 200 batches; the same in every norm of CNNs on 8×8 images; and 5 epochs of batches of two, all parameters or the hidden weights fixed as drawn.",
    measure=measure,
    holds=VALUES & POSITIONS,
    when={"an example has one value a feature (H·W = 1)": VALUES},
    finding="Of the gradient's length {share[0]:.0e} passes with two values and {share[4]:.2f} with 32; with two images {images[0]:.2f} at 64 positions and {images[3]:.0e} at one, and {pooled[0]:.2f} before a mean over 16 positions (medians). Trained with batches of two: {learned:.0f} % wrong; with the hidden weights fixed {weights_fixed:.0f} %",
    table=Table({"share of the length that passes": "share"}, ("2 values", "3", "4", "8", "32"), ".2g"),
)
