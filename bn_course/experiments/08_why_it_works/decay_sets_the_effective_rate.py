"""With weight decay the effective learning rate settles, wherever the weights began."""

import numpy as np
import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, with_label_noise

from ._shared import SCOPE, build, hidden, rate_for_hidden

SETTINGS = ((1.0, 0.003), (1.0, 0.01), (0.3, 0.01))  # rate, decay
SCALES = (0.3, 1.0, 3.0)  # of the initial weights
EVERY = 10


def measure(seed, scale):
    steps = 1000 if scale == "full" else 500
    settings, scales = (SETTINGS, SCALES) if scale == "full" else (SETTINGS[1:2], SCALES[::2])
    arms = {
        f"{rate:g} {decay:g}": [follow(rate, decay, s, steps, seed) for s in scales]
        for rate, decay in settings
    }
    free = [follow(settings[-1][0], 0.0, s, steps, seed) for s in scales]
    turns = [float(np.mean([turn for _, turn in runs])) for runs in arms.values()]
    spread = [max(run[0][-1] for run in runs) / min(run[0][-1] for run in runs) for runs in arms.values()]
    return {
        "looks": list(range(0, steps, EVERY)),
        "effective": [[run for run, _ in runs] for runs in arms.values()],
        "effective_without": [run for run, _ in free],
        "turn": turns,
        "turn_theory": [float(np.sqrt(2 * rate * decay)) for rate, decay in settings],
        "spread": float(np.mean(spread)),
        "spread_without": max(run[-1] for run, _ in free) / min(run[-1] for run, _ in free),
    }


def follow(rate, decay, scale, steps, seed):
    """η/‖w‖² of the second layer at every EVERYth step; and its mean turn in radians over the last fifth."""
    model = build("relu", "batch", seed)
    data = with_label_noise(digits(), 0.2)  # so that the gradient does not die away
    optimiser = rate_for_hidden(model, rate, decay=decay)
    weight = hidden(model)[1]
    with torch.no_grad():
        for layer in hidden(model):
            layer *= scale
    effective, turns, drawn = [], [], batches(data.train, 128, seed)
    for step in range(steps):
        batch = next(drawn)
        if step % EVERY == 0:
            effective.append(rate / weight.detach().square().sum().item())
        optimiser.zero_grad()
        cross_entropy(model(batch.x), batch.y).backward()
        before = weight.detach().clone()
        optimiser.step()
        if step >= 0.8 * steps:
            cosine = cosine_similarity(before.flatten().double(), weight.detach().flatten().double(), dim=0)
            turns.append(float(torch.arccos(cosine.clamp(max=1))))
    return effective, float(np.sqrt(np.mean(np.square(turns))))


SETTLED = Effect(
    "effective rates apart at the end",
    lambda n: n["spread"],
    below=1.5,
    ratio=True,
    why="they began 100 times apart",
)
BECAUSE = Effect(
    "the same without decay, over that with",
    lambda n: n["spread_without"] / n["spread"],
    above=2,
    ratio=True,
    why="else it is not the decay",
)
RIGHT = Effect(
    "measured turn over √(2ηλ), less 1",
    lambda n: abs(n["turn"] / n["turn_theory"] - 1),
    below=0.25,
    why="the formula is for small rates and a steady state",
    each=tuple(f"η {rate:g}, λ {decay:g}" for rate, decay in SETTINGS),
)

EXPERIMENT = Experiment(
    claim="Rate and decay together set how far the weights turn at each step, √(2ηλ) radians, wherever the weights began.",
    source="van Laarhoven 2017, arXiv:1706.05350; Wan et al. 2020, Spherical motion dynamics, arXiv:2006.08419",
    scope=SCOPE.but(data="digits, 20 % of the labels wrong", model="ReLU 4×64", horizon="1000 steps"),
    method="Batch norm, He initialisation times 0.3, 1 and 3; three pairs of rate η and decay λ of the hidden weights; second layer, last fifth of the steps.",
    measure=measure,
    holds=SETTLED & BECAUSE & RIGHT,
    finding="A step turns the weights by {turn[0]:.3f}, {turn[1]:.3f} and {turn[2]:.3f} radians where √(2ηλ) is {turn_theory[0]:.3f}, {turn_theory[1]:.3f} and {turn_theory[2]:.3f}; effective rates that began 100 times apart end {spread:.1f} times apart, and {spread_without:.0f} times without decay",
)
