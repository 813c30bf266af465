"""Steps to 60 % on CIFAR-10, each network at its own best learning rate."""

from dataclasses import replace
from functools import partial

from bn_course.experiments.catalogue import load
from bn_course.nets.tune import steps_at_best_rate

from ._cifar import RATES, STEPS, images, larger, network

TARGET = 0.6


def measure(seed, scale):
    limit, every = STEPS[scale], 50 if scale == "full" else 1
    return {
        norm: steps_at_best_rate(
            partial(network, norm), RATES[scale], images(), limit, TARGET, seed=seed, every=every
        )
        for norm in ("none", "batch")
    }


EXPERIMENT = larger(
    "steps_at_best_rate",
    measure=measure,
    method="Each at the one of four rates from 0.03 to 1 that gets there first on validation data; steps after which test accuracy stays at 60 %. He initialisation, no augmentation.",
    holds=replace(load("steps_at_best_rate").holds, of=lambda n: n["none"] / n["batch"], each=()),
    limits=dict.fromkeys(("none", "batch"), STEPS["full"]),
    finding="Steps to 60 % without and with batch norm: {none:.0f} and {batch:.0f}",
)
