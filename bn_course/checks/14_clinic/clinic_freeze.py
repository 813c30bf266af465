"""Lesson 14, clinic_freeze."""

import copy
from contextlib import nullcontext

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import _batch, _momentum, _norms, linear


def clinic_freeze(model, batches, epochs, lr):
    """The backbone is in evaluation mode whenever the head is trained."""
    import torch

    model.backbone.requires_grad_(False)
    optimiser = torch.optim.SGD(model.head.parameters(), lr=lr)
    for _ in range(epochs):
        model.train()
        model.backbone.eval()
        for x, y in batches:
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(model(x), y).backward()
            optimiser.step()
    return model


def _freeze_variant(
    model, batches, epochs, lr, *, backbone="evaluation", head="training", learns="head", returned="the model"
):
    import torch

    model = copy.deepcopy(model) if returned == "a copy" else model
    model.backbone.requires_grad_(False)
    learning = list(model.head.parameters())
    if learns == "affine":
        learning += [p.requires_grad_() for norm in _norms(model.backbone) for p in norm.parameters()]
    optimiser = torch.optim.SGD(learning, lr=lr)
    before = copy.deepcopy(model.backbone.state_dict())
    for epoch in range(epochs):
        model.train()
        model.head.train(head == "training")
        if backbone == "evaluation" or (backbone == "evaluation at first" and epoch == 0):
            model.backbone.eval()
        elif backbone == "norms":
            for norm in _norms(model.backbone):
                norm.eval()
        with _momentum(_norms(model.backbone), lambda m: 0.0) if backbone == "momentum 0" else nullcontext():
            for x, y in batches:
                optimiser.zero_grad()
                torch.nn.functional.cross_entropy(model(x), y).backward()
                optimiser.step()
    if backbone == "restored":
        model.backbone.load_state_dict(before)
    return model


def _freeze_args(rng, sizes, epochs, lr, d=4, width=5, classes=3):
    backbone = (linear(rng, d, width, bias=False), _batch(rng, width), ("relu",), ("half",))
    head = (linear(rng, width, width), _batch(rng, width), ("half",), linear(rng, width, classes))
    xs = tuple(rng.normal(2 * rng.normal(size=d), 2.0, (n, d)) for n in sizes)
    ys = tuple(rng.integers(0, classes, n) for n in sizes)
    return backbone, head, xs, ys, epochs, lr, rng.normal(size=(5, d))


def _freeze_probe(rng, label, sizes, epochs, lr):
    shown = f"a backbone with a batch norm and a dropout; {epochs} epochs of batches of {sizes}, rate {lr}"
    return Probe(label, _freeze_args(rng, sizes, epochs, lr), driver="14_clinic:freeze", shown=shown)


def _freeze_probes(rng):
    return [
        _freeze_probe(rng, "three epochs", (8, 6), 3, 0.5),
        _freeze_probe(rng, "one epoch", (5, 7, 6), 1, 0.3),
        _freeze_probe(rng, "two epochs", (9, 4), 2, 1.0),
    ]


def _freeze_examples():
    rng = np.random.default_rng(16)
    return (_freeze_probe(rng, "one epoch", (4,), 1, 0.5), _freeze_probe(rng, "two epochs", (4, 4), 2, 0.5))


QUESTION = Question(
    name="clinic_freeze",
    points=2,
    level=2,
    reference=clinic_freeze,
    variant=_freeze_variant,
    returns=(
        "the backbone's features",
        "the scores",
        "is it the model that was given (1: yes)",
        "the list of batches afterwards (1: as it was)",
    ),
    version=2,
    probes=_freeze_probes,
    examples=_freeze_examples(),
    call="clinic_freeze(model, batches, epochs, lr)",
    misconceptions=(
        mistake("requires-grad-only", backbone="training"),
        mistake("undone-by-train", backbone="evaluation at first"),
        mistake("buffers-still-features-not", {"backbone": "momentum 0"}, {"backbone": "restored"}),
        mistake("backbone-dropout-on", backbone="norms"),
        mistake("head-in-evaluation-mode", head="evaluation"),
        mistake("affine-still-learns", learns="affine"),
        mistake("returns-a-copy", returned="a copy"),
    ),
)
