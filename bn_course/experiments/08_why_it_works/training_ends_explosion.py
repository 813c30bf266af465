"""Gradients explode at initialisation, and what a few dozen steps make of it."""

import numpy as np
from torch.nn.functional import cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, initialise, mlp, seeded

from ._shared import SCOPE, growth, hidden, plain_sgd

RATES = (0.01, 0.1, 1.0)
LOOKS = (0, 1, 2, 5, 10, 20, 40, 80)


def measure(seed, scale):
    rates, last = (RATES, 80) if scale == "full" else (RATES[::2], 40)
    depth, width = 20, 128
    paths, lengths = zip(*[path(depth, width, rate, last, seed) for rate in rates], strict=True)
    return {"looks": [step for step in LOOKS if step <= last], "rates": rates, "growth": paths} | {
        "begin": [growths[0] for growths in paths],
        "end": [growths[-1] for growths in paths],
        "lengths": lengths,
    }


def path(depth, width, rate, last, seed):
    """The growth a layer, at LOOKS, while the net trains; and that of the weights' length at the end."""
    with seeded(seed):
        model = initialise(mlp([64] + [width] * depth + [10], "batch"), "he")
    optimiser, growths = plain_sgd(model, rate), []
    drawn = batches(digits().train, 256, seed)
    for step in range(last + 1):
        batch = next(drawn)
        if step in LOOKS:
            growths.append(growth(model, batch))
        optimiser.zero_grad()
        cross_entropy(model(batch.x), batch.y).backward()
        optimiser.step()
    logs = [np.log(weight.norm().item()) for weight in hidden(model)[2:-1]]  # the layers of `growth`
    return growths, float(np.exp(-np.polyfit(range(len(logs)), logs, 1)[0]))


LEFT = Effect(
    "growth above 1, after over before",
    lambda n: np.maximum(n["end"] - 1, 0) / (n["begin"] - 1),  # below 1 there is no explosion left
    below=0.65,
    ratio=True,
    why="a third less is the least to be called much smaller",
    each=tuple(f"rate {rate}" for rate in RATES),
)
EXPLODES = Effect(
    "growth a layer at the start", lambda n: n["begin"].min(1), above=1.15, why="there must be an explosion"
)

EXPERIMENT = Experiment(
    claim="The explosion is worst at the start: a few dozen steps of training make it much smaller.",
    source="Yang et al. 2019, arXiv:1902.08129, abstract: 'after a single step of optimization … dramatically smaller dynamic range'",
    scope=SCOPE.but(
        model="ReLU 20×128", values="256 × 1", optimiser="plain SGD, batches of 256", horizon="80 steps"
    ),
    method="Batch norm, He initialisation, rates 0.01, 0.1 and 1; growth a layer, downwards, of ‖∂L/∂W‖, and of ‖W‖ after 80 steps.",
    measure=measure,
    holds=EXPLODES & LEFT,
    when={"the learning rate is not small": EXPLODES & LEFT.at(-1) & ~LEFT.at(0)},
    finding="Growth a layer at the start {begin[0]:.2f}; after 80 steps {end[0]:.2f} at rate 0.01, {end[1]:.2f} at 0.1, {end[2]:.2f} at 1, where it was {growth[2][3]:.2f} after 5. The weights' length grows {lengths[0]:.2f}, {lengths[1]:.2f} and {lengths[2]:.2f} times a layer",
)
