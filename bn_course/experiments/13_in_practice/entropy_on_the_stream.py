"""Adapting γ and β at test time by making the answers surer (TENT), and the streams on which it fails."""

import copy

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import digits

from ._shared import percent, trained

STREAMS = {"mixed": 50, "small": 4, "sorted": 50}  # images a batch


def measure(seed, scale):
    """Per cent right of the test digits with noise and a third of the contrast, as they stream by."""
    model, data = trained(seed, steps=300 if scale == "full" else 150), digits()
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(len(data.test), generator=generator)
    x = 0.3 * (data.test[order].x + 0.5 * torch.randn(data.test.x.shape, generator=generator))
    y = data.test[order].y
    by_class = torch.argsort(y, stable=True)
    numbers = {"clean": percent(model, data.test)}
    with torch.no_grad():
        numbers["source"] = 100 * (model.eval()(x).argmax(1) == y).float().mean().item()
    for name, size in STREAMS.items():
        rows = by_class if name == "sorted" else torch.arange(len(y))
        for way, rate in (("statistics", 0.0), ("tent", 0.01)):
            answers = streamed(model, x[rows], size, rate)
            numbers[f"{name}_{way}"] = 100 * (answers == y[rows]).float().mean().item()
    return numbers


def streamed(model, x, size, rate):
    """The answers to each batch in turn, with its own statistics; after each, a step of γ and β."""
    model = copy.deepcopy(model).train()
    model.requires_grad_(False)
    norms = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm1d)]
    parameters = [p.requires_grad_() for layer in norms for p in layer.parameters()]
    optimiser, answers = torch.optim.Adam(parameters, lr=rate), []
    for batch in x.split(size):
        probabilities = model(batch).softmax(1)
        answers.append(probabilities.argmax(1))
        entropy = -(probabilities * probabilities.clamp_min(1e-12).log()).sum(1).mean()
        optimiser.zero_grad()
        entropy.backward()
        optimiser.step()
    return torch.cat(answers)


BACK = Effect(
    "share of the lost accuracy that is back, with steps of γ and β",
    lambda n: np.stack(
        [(n[f"{name}_tent"] - n["source"]) / (n["clean"] - n["source"]) for name in STREAMS], axis=1
    ),
    above=0.4,
    why="two fifths of what was lost: less is not to adapt",
    each=tuple(STREAMS),
    blind=True,
)
STEPS = Effect(
    "points of the steps of γ and β above the batch's statistics alone",
    lambda n: np.stack([n[f"{name}_tent"] - n[f"{name}_statistics"] for name in STREAMS], axis=1),
    above=2,
    why="ten of the 500 test images, about two standard errors",
    each=tuple(STREAMS),
    blind=True,
)

EXPERIMENT = Experiment(
    claim="A network adapts itself to a shifted stream of images without labels: the batch's statistics, and steps of γ and β towards surer answers.",
    source="Wang et al. 2021, Tent, arXiv:2006.10726; its failures: Niu et al. 2023, arXiv:2302.12400",
    scope=Scope(
        "digits, noise and 0.3 of the contrast",
        model="ReLU MLP 4×64",
        values="50 or 4 × 1",
        optimiser="Adam at 0.01 on γ and β",
        horizon="500 images, once",
        test=500,
    ),
    method="A ReLU MLP 4×64 with batch norm trained on the digits; test digits with noise of deviation 0.5 and 0.3 of the contrast, once each, in batches of 50 or 4 in random order, or of 50 sorted by class; answers with the batch's statistics, and after each batch a step of Adam at rate 0.01 on γ and β down the entropy of the answers.",
    measure=measure,
    holds=BACK & STEPS,
    when={
        "batches are large and their classes mixed; the statistics alone do as much": BACK.at(0)
        & ~STEPS.at(0)
    },
    finding="Clean {clean:.0f} %, shifted {source:.0f} %. Mixed batches of 50: {mixed_statistics:.0f} % with their statistics, {mixed_tent:.0f} with steps of γ and β too; batches of 4: {small_statistics:.0f} and {small_tent:.0f}; sorted by class: {sorted_statistics:.0f} and {sorted_tent:.0f}",
)
