"""Steps to 95 %, each network at its own best learning rate."""

from functools import partial

import numpy as np

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, sweep

from ._shared import NETS, arrival, network

RATES = {"full": [0.01, 0.03, 0.1, 0.3, 1.0], "small": [0.01, 0.03, 0.3]}


def measure(seed, scale):
    nets, steps = (tuple(NETS), 400) if scale == "full" else (("he_10", "sigmoid_3"), 250)
    numbers = {}
    for norm in ("none", "batch"):
        runs = [
            sweep(partial(network, net, norm), RATES[scale], digits(), steps, seed, every=5) for net in nets
        ]
        numbers[norm] = [min(arrival(run.history, steps) for run in sweep_of_net) for sweep_of_net in runs]
    return numbers


def verdict(numbers):
    """A third of the steps or fewer counts as many times fewer."""
    factors = np.exp(np.log(numbers["none"] / numbers["batch"]).mean(0))  # one for each network
    badly_begun = factors[len(factors) // 2 :]  # default initialisation, sigmoids
    if (factors >= 3).all():
        return HOLDS
    return (
        holds_when("the network without it starts badly scaled")
        if (badly_begun >= 3).all()
        else DOES_NOT_HOLD
    )


EXPERIMENT = Experiment(
    claim="With batch norm a network reaches the same accuracy in many times fewer training steps, each at its best learning rate.",
    source="Ioffe and Szegedy 2015, section 4.2.2 (14 times, on ImageNet), arXiv:1502.03167",
    method="Digits, SGD with momentum 0.9, batches of 128, at most 400 steps, the best of five rates from 0.01 to 1 for each; steps after which validation accuracy stays at 95 %. ReLU 4×64 and 10×64 (He), ReLU 4×64 (PyTorch's default initialisation), sigmoid 3×100 (Xavier).",
    measure=measure,
    verdict=verdict,
    finding="Steps without and with batch norm: {none[0]:.0f} and {batch[0]:.0f} (He 4), {none[1]:.0f} and {batch[1]:.0f} (He 10), {none[2]:.0f} and {batch[2]:.0f} (default 4), {none[3]:.0f} and {batch[3]:.0f} (sigmoid 3)",
)
