"""Test accuracy with and without batch norm, where training without it is easy and where it is hard."""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, mlp, with_label_noise

from ._shared import SCOPE, network, test_percent, tuned


def measure(seed, scale):
    rates, steps = ((0.01, 0.03, 0.1, 0.3), 300) if scale == "full" else ((0.03, 0.1), 150)
    clean, noisy = digits(), with_label_noise(digits(), 0.3, seed)
    he, deep = partial(network, [64, 64, 64, 64, 10]), partial(mlp, [64] + [64] * 12 + [10])
    settings = {"easy": (he, clean), "noisy": (he, noisy), "hard": (deep, clean)}
    return {
        f"{name}_{norm}": test_percent(tuned(partial(make, norm), data, rates, steps, 128, seed), data)
        for name, (make, data) in settings.items()
        for norm in ("none", "batch")
    }


SETTINGS = ("easy", "noisy", "hard")
GAIN = Effect(
    "points gained by batch norm",
    lambda n: np.stack([n[f"{setting}_batch"] - n[f"{setting}_none"] for setting in SETTINGS], 1),
    above=1.5,
    why="less is within the error of 500 test images",
    each=SETTINGS,
)

EXPERIMENT = Experiment(
    claim="Batch norm improves generalisation.",
    source="Many articles and courses",
    scope=SCOPE.but(model="ReLU 3×64 and 12×64", horizon="300 steps", test=500),
    method="Cosine schedule; each arm at the best of four rates on validation data; test accuracy. Easy: 3×64, He initialisation. Noisy: the same with 30 % of the training labels wrong. Hard: 12×64, PyTorch's default initialisation.",
    measure=measure,
    holds=GAIN,
    when={"the network is hard to train without it": GAIN.at(2)},
    finding="Without and with batch norm: {easy_none:.1f} and {easy_batch:.1f} % where training is easy, {noisy_none:.1f} and "
    "{noisy_batch:.1f} % with wrong labels, {hard_none:.1f} and {hard_batch:.1f} % where it is hard",
)
