"""Under AdamW rate and decay set how far the weights turn in a step, in every layer alike."""

import numpy as np
import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, with_label_noise

from ._shared import SCOPE, build, hidden

SETTINGS = ((0.003, 3.0), (0.01, 1.0), (0.01, 3.0))  # rate, decay
MOMENTUM = 0.9


def measure(seed, scale):
    settings, steps = (SETTINGS, 400) if scale == "full" else (SETTINGS[1:], 300)
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


RIGHT = Effect(
    "turn of a step over the formula's, less 1, either way",
    lambda n: abs(n["turn"] / n["turn_theory"] - 1),
    below=1 / 6,
    why="settings whose formulas differ by nearly twice are told apart",
    each=tuple(f"η = {rate:g}, λ = {decay:g}" for rate, decay in SETTINGS),
)
ALIKE = Effect(
    "spread of the layers' turns, coupled decay over decoupled",
    lambda n: (n["spread_coupled"] - 1) / (n["spread"] - 1),
    above=2,
    ratio=True,
    why="'differ' is at least twice as far from alike",
)

EXPERIMENT = Experiment(
    claim="Under AdamW the weights before a batch norm settle at √(2ηλ(1 − β₁)/(1 + β₁)) radians a step, in every layer; under Adam with the decay in its gradient, layers differ.",
    source="Kosson, Messmer and Jaggi 2023, Rotational equilibrium, arXiv:2305.17212",
    scope=SCOPE.but(
        data="digits, 20 % of the labels wrong",
        model="ReLU 4×64",
        optimiser="AdamW and Adam, β 0.9 and 0.99, batches of 128",
        horizon="400 steps",
    ),
    method="Digits with 20 % label noise, ReLU 4×64 with batch norm, He initialisation, 400 steps of 128; rate η and decay λ of the hidden weights, β₁ = 0.9, β₂ = 0.99; angle of a step, root mean square over neurons and the last fifth of the steps; for Adam with coupled decay η = 0.003 and λ = 0.03.",
    measure=measure,
    holds=RIGHT & ALIKE,
    when={"each layer is asked for itself": RIGHT},
    finding="A step turns the weights by {turn[0]:.4f}, {turn[1]:.4f} and {turn[2]:.4f} radians where the formula says {turn_theory[0]:.4f}, {turn_theory[1]:.4f} and {turn_theory[2]:.4f}; the layer that turns most turns {spread:.2f} times as far as the one that turns least, and {spread_coupled:.2f} times with coupled decay",
)
