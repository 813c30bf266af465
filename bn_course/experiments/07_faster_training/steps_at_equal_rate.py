"""Steps to 95 % at the same learning rate."""

from functools import partial

import numpy as np

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, sweep

from ._shared import NETS, arrival, network


def measure(seed, scale):
    rates, steps = ([0.01, 0.03], 300) if scale == "full" else ([0.01, 0.03], 200)
    numbers = {"rates": rates}
    for norm in ("none", "batch"):
        sweeps = [sweep(partial(network, net, norm), rates, digits(), steps, seed, every=5) for net in NETS]
        numbers[norm] = [[arrival(run.history, steps) for run in runs] for runs in sweeps]
    return numbers


def verdict(numbers):
    """Two thirds of the steps or fewer, in every network?"""
    factors = np.exp(np.log(numbers["none"] / numbers["batch"]).mean((0, 2)))  # one a network
    if (factors >= 1.5).all():
        return HOLDS
    good = [name for name, factor in zip(NETS, factors, strict=True) if factor >= 1.5]
    return (
        holds_when("the network is shallow or starts badly scaled")
        if "he_10" not in good and len(good) == 3
        else DOES_NOT_HOLD
    )


EXPERIMENT = Experiment(
    claim="At the same learning rate a network with batch norm needs fewer steps.",
    source="popular articles",
    method="As steps_at_best_rate, at the rates 0.01 and 0.03 for both, at which no network diverges; at most 300 steps.",
    measure=measure,
    verdict=verdict,
    finding="Steps at rate 0.03 without and with batch norm: {none[0][1]:.0f} and {batch[0][1]:.0f} (He 4), {none[1][1]:.0f} and {batch[1][1]:.0f} (He 10), {none[2][1]:.0f} and {batch[2][1]:.0f} (default 4), {none[3][1]:.0f} and {batch[3][1]:.0f} (sigmoid 3)",
)
