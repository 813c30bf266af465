"""Whose explanation is it? Gradient times input of one example, in several batches."""

import copy

import numpy as np
import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits

from ._shared import SCOPE, trained

SIZES = (4, 16, 64)


def measure(seed, scale):
    examples = 30 if scale == "full" else 8
    model = trained(seed, steps=200, hidden=(64, 64))
    numbers = {f"training_{size}": alike(model, True, size, examples) for size in SIZES}
    return {"evaluation": alike(model, False, 16, examples), **numbers}


def alike(model, training, size, examples, draws=6):
    """The mean correlation of one example's explanations in several batches of other test images."""
    x, y = digits().test.x, digits().test.y
    model, generator = copy.deepcopy(model).train(training), torch.Generator().manual_seed(0)
    total = 0.0
    for example in range(examples):
        maps = []
        for _ in range(draws):
            others = 250 + torch.randperm(250, generator=generator)[: size - 1]
            batch = torch.cat([x[example : example + 1], x[others]]).requires_grad_()
            (gradient,) = torch.autograd.grad(model(batch)[0, y[example]], batch)
            maps.append((gradient[0] * batch[0]).detach())
        pairs = torch.corrcoef(torch.stack(maps))
        total += ((pairs.sum() - draws) / (draws * (draws - 1))).item()
    return total / examples


ALIKE = Effect(
    "correlation of six explanations of one image",
    lambda n: np.stack([n["evaluation"], n["training_4"]], axis=1),
    above=0.99,
    why="the same explanation, to what an eye can see",
    each=("evaluation mode", "training mode, batches of 4"),
)

EXPERIMENT = Experiment(
    claim="A gradient explains the network's answer about one example.",
    source="the reading of saliency maps; Simonyan et al. 2014, arXiv:1312.6034",
    scope=SCOPE.but(model="ReLU MLP 2×64", values="4, 16 or 64", horizon="200 steps", test=30),
    method="Digits, ReLU MLP 2×64 with batch norm, 200 steps; gradient times input of the right class for 30 test images, each in six batches of other test images; the mean correlation between the six, in evaluation mode and in training mode with batches of 4, 16 and 64.",
    measure=measure,
    holds=ALIKE,
    when={"the statistics are fixed: evaluation mode": ALIKE.at(0)},
    finding="The six explanations of one image correlate by {evaluation:.2f} in evaluation mode; in training mode by {training_4:.2f} in batches of 4, {training_16:.2f} in 16 and {training_64:.2f} in 64",
)
