"""With two examples a batch, what batch norm passes down is nothing, except where the two nearly agree."""

import torch
from torch import nn

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import batches, digits

from ._shared import RATE, descend, error, network

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
    shares = [share_passed(size, seed) for size in SIZES]
    return {"sizes": list(SIZES), "share": shares, "learned": error(learned), "weights_fixed": error(fixed)}


def share_passed(size, seed):
    """‖dx‖ √(σ² + ε)/(|γ| ‖dy‖): the median over the features of the first norm, and 200 batches."""
    model, drawn, shares = network("batch", seed), batches(digits().train, size, seed), []
    below, norm, above = model[0], model[1], model[2:]
    for _ in range(200):
        batch = next(drawn)
        x = below(batch.x).detach().requires_grad_()
        y = norm(x)
        loss = nn.functional.cross_entropy(above(y), batch.y)
        dy, dx = torch.autograd.grad(loss, [y, x])
        deviation = torch.sqrt(x.detach().var(0, correction=0) + norm.eps)
        seen = dy.norm(dim=0) > 0
        shares.append((dx.norm(dim=0) * deviation / dy.norm(dim=0))[seen])
    return torch.cat(shares).median().item()


def verdict(numbers):
    share = numbers["share"].mean(0)
    return HOLDS if share[0] < 0.01 and share[2:].min() > 0.5 else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="With two examples a batch, batch norm passes no gradient to the weights below it.",
    source="this course: two numbers have a mean and a deviation and nothing else; what the mean leaves is multiplied by ε/(σ² + ε)",
    method="Digits, ReLU 4×64, He; the norm of ∂L/∂x against that of ∂L/∂y γ/√(σ² + ε) in the first batch norm at initialisation, median over features and 200 batches; and 5 epochs of batches of two, all parameters or the hidden weights fixed as drawn.",
    measure=measure,
    verdict=verdict,
    finding="The share of the gradient's length that passes (median), batches of 2, 3, 4, 8, 32: {share[0]:.0e}, {share[1]:.2f}, {share[2]:.2f}, {share[3]:.2f}, {share[4]:.2f}. Trained with batches of two: {learned:.0f} % wrong; with the hidden weights fixed {weights_fixed:.0f} %",
)
