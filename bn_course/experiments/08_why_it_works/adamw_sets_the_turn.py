"""Under AdamW rate and decay set how far the weights turn in a step, in every layer alike."""

import numpy as np
import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import batches, digits, with_label_noise

from ._shared import build, hidden

SETTINGS = ((0.003, 1.0), (0.01, 0.3), (0.01, 1.0))  # rate, decay
MOMENTUM = 0.9


def measure(seed, scale):
    settings, steps = (SETTINGS, 1000) if scale == "full" else (SETTINGS[1:], 500)
    decoupled = [turns(torch.optim.AdamW, rate, decay, steps, seed) for rate, decay in settings]
    coupled = turns(torch.optim.Adam, 0.003, 0.03, steps, seed)  # decay inside the gradient
    return {
        "layers": decoupled,
        "turn": np.mean(decoupled, axis=1).tolist(),
        "turn_theory": [
            float(np.sqrt(2 * rate * decay * (1 - MOMENTUM) / (1 + MOMENTUM))) for rate, decay in settings
        ],
        "spread": float(np.mean([max(layers) / min(layers) for layers in decoupled])),
        "spread_coupled": max(coupled) / min(coupled),
    }


def turns(optimiser, rate, decay, steps, seed):
    """The angle of a step of each hidden layer, root mean square over its neurons and the last fifth."""
    model = build("relu", "batch", seed)
    data = with_label_noise(digits(), 0.2)  # so that the gradient does not die away
    weights = hidden(model)
    ids = {id(weight) for weight in weights}
    rest = [p for p in model.parameters() if id(p) not in ids]
    groups = [{"params": weights, "weight_decay": decay}, {"params": rest, "weight_decay": 0.0}]
    stepper = optimiser(groups, lr=rate, betas=(MOMENTUM, 0.99))
    drawn, squares = batches(data.train, 128, seed), []
    for step in range(steps):
        batch = next(drawn)
        stepper.zero_grad()
        cross_entropy(model(batch.x), batch.y).backward()
        before = [weight.detach().double() for weight in weights]
        stepper.step()
        if step >= 0.8 * steps:
            squares.append([angle(a, b.detach().double()) ** 2 for a, b in zip(before, weights, strict=True)])
    return np.sqrt(np.mean(squares, axis=0)).tolist()


def angle(before, after):
    """Root mean square over the neurons of the angle between their weights, in radians."""
    cosine = cosine_similarity(before, after, dim=1).clamp(max=1)
    return float(torch.arccos(cosine).square().mean().sqrt())


def verdict(numbers):
    """Within a sixth of the formula in every setting, and layers nearer to each other than with coupled decay."""
    right = abs(numbers["turn"].mean(0) / numbers["turn_theory"].mean(0) - 1).max() < 1 / 6
    alike = numbers["spread"].mean() < 1 + 0.5 * (numbers["spread_coupled"].mean() - 1)
    return HOLDS if right and alike else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Under AdamW the weights before a batch norm settle at √(2ηλ(1 − β₁)/(1 + β₁)) radians a step, in every layer; under Adam with the decay in its gradient, layers differ.",
    source="Kosson, Messmer and Jaggi 2023, Rotational equilibrium, arXiv:2305.17212",
    method="Digits with 20 % label noise, ReLU 4×64 with batch norm, He initialisation, 1000 steps of 128; rate η and decay λ of the hidden weights, β₁ = 0.9, β₂ = 0.99; angle of a step, root mean square over neurons and the last fifth of the steps; for Adam with coupled decay η = 0.003 and λ = 0.03.",
    measure=measure,
    verdict=verdict,
    finding="A step turns the weights by {turn[0]:.4f}, {turn[1]:.4f} and {turn[2]:.4f} radians where the formula says {turn_theory[0]:.4f}, {turn_theory[1]:.4f} and {turn_theory[2]:.4f}; the layer that turns most turns {spread:.2f} times as far as the one that turns least, and {spread_coupled:.2f} times with coupled decay",
)

