"""The capstone's task with the usual recipe, and with a rate, a size and a norm that suit the limit."""

import torch
from torch.optim.lr_scheduler import CosineAnnealingLR

from bn_course import capstone
from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, seeded, train
from bn_course.nets.resnet import resnet

from ._shared import SCOPE

BRIEF = capstone.brief("the course")


def measure(seed, scale):
    limits = capstone.LIMITS if scale == "full" else (16, 256)
    return {
        "limits": list(limits),
        "usual": [trained("batch", limit, 0.1, False, seed) for limit in limits],
        "batch": [scaled("batch", limit, seed) for limit in limits],
        "group": [scaled("group", limit, seed) for limit in limits],
    }


def scaled(norm, limit, seed):
    """Batches of at most 16, at a rate in proportion to them, which falls to 0."""
    size = min(limit, 16)
    return trained(norm, size, 0.2 * size / 64, True, seed)


def trained(norm, size, rate, falling, seed):
    """Test accuracy in per cent after as many examples as the capstone allows."""
    with seeded(seed):
        model = initialise(resnet(norm), "he")
    steps = BRIEF.examples // size
    optimiser = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    schedule = CosineAnnealingLR(optimiser, steps) if falling else None
    data = digits(image=True)
    train(model, data, optimiser, steps, size, schedule, every=steps, seed=seed)
    return 100 * accuracy(model, data.test)


ENOUGH = Effect(
    "points above what the capstone asks for, the usual recipe",
    lambda n: n["usual"] - 100 * BRIEF.accuracy,
    above=0,
    why="what is asked for",
    each=tuple(f"limit {limit}" for limit in capstone.LIMITS),
)

EXPERIMENT = Experiment(
    claim="Take batches as large as the memory allows, batch norm, and the usual learning rate.",
    source="common practice",
    scope=SCOPE.but(
        model="ResNet 16-32-64",
        values="the limit × 16, 4 and 1 positions",
        optimiser="SGD, momentum 0.9, batches of the limit",
        horizon="4000 examples",
    ),
    method="The capstone: digits, a small ResNet (He initialisation) whose last layers have one position, 4000 examples in all, SGD with momentum 0.9. Usual: batches of the limit, rate 0.1. Scaled: batches of at most 16, rate 0.2 × size/64, falling to 0 by a cosine.",
    measure=measure,
    holds=ENOUGH,
    finding="At a limit of 2: usual {usual[0]:.0f} %, scaled with batch norm {batch[0]:.0f}, with group norm {group[0]:.0f}; at 256 {usual[7]:.0f}, {batch[7]:.0f} and {group[7]:.0f}",
    table=Table(
        {"usual": "usual", "scaled, batch norm": "batch", "scaled, group norm": "group"},
        tuple(f"{limit}, %" for limit in capstone.LIMITS),
        ".0f",
    ),
)
