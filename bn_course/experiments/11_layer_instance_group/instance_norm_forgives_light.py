"""Trained in one light, tested in any: where contrast is not the class, forgetting it helps."""

import torch

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import Split, digits

from ._shared import NORMS, SCOPE, digits_runs, percent


def measure(seed, scale):
    runs = digits_runs(seed, scale == "small")
    test = digits(image=True).test
    lit = other_light(test, seed)
    plain = {norm: percent(run, test) for norm, run in runs.items()}
    return plain | {f"{norm}_lit": percent(run, lit) for norm, run in runs.items()}


def other_light(split, seed):
    """Every image x becomes a·x + c: a from 0.3 to 3.3, even in its logarithm, c from −1 to 1."""
    generator = torch.Generator().manual_seed(seed)
    a, c = torch.rand(2, len(split), 1, 1, 1, generator=generator)
    return Split(torch.exp(2.4 * a - 1.2) * split.x + 2 * c - 1, split.y)


def lost(n, norm):
    """Points by the change of light."""
    return n[norm] - n[f"{norm}_lit"]


STANDS = Effect(
    "points that instance norm loses by the change of light",
    lambda n: lost(n, "instance"),
    below=12,
    why="it keeps seven eighths of what it had right",
)
DOES_NOT = Effect(
    "points that batch norm loses more",
    lambda n: lost(n, "batch") - lost(n, "instance"),
    above=10,
    why="what somebody would notice who has nothing to compare with",
)

EXPERIMENT = Experiment(
    claim="Where contrast and brightness are not the class, forgetting them helps: instance norm stands a change of light "
    "that batch norm does not.",
    source="Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022; Pan et al. 2018 (IBN-Net), arXiv:1807.09441",
    scope=SCOPE,
    method="Digits, CNN 16-32, trained on the digits as they are, 400 steps, each norm at its best of three rates. Test "
    "images as they are, and each as a·x + c with a from 0.3 to 3.3 and c from −1 to 1 (pixels have deviation 1).",
    measure=measure,
    holds=STANDS & DOES_NOT,
    finding="From plain to other light: batch norm {batch:.0f} → {batch_lit:.0f} %, instance norm {instance:.0f} → {instance_lit:.0f} %",
    table=Table({norm: (norm, f"{norm}_lit") for norm in NORMS}, ("plain, % right", "other light"), ".0f"),
)
