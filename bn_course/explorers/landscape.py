"""The loss along its gradient while a net trains, with and without batch norm. (lesson 08)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, coarse, player, steps, title

LAST = 30  # training steps
SIZES = np.geomspace(0.01, 3, 13)  # step sizes s of the walk w − s·gradient
WITHIN = (SIZES >= 0.05) & (SIZES <= 0.85)  # those over which the range is taken
LOWEST, HIGHEST = 1e-2, 1e3  # what the figure shows
LOST = 1e6  # stands for a loss that is not finite
NORMS = ("none", "batch")
EXAMPLES = 128
BOUNDS = (0.01, 0.1, 1, 10, 100)  # so coarse, a deep net's range is the same on every machine

NETS = {  # layers, width, activation
    "ReLU, 4 layers": (4, 64, "ReLU"),
    "tanh, 4 layers": (4, 64, "Tanh"),
    "sigmoid, 3 layers": (3, 64, "Sigmoid"),
    "ReLU, 20 layers": (20, 32, "ReLU"),
}


@dataclass(frozen=True)
class Params:
    net: str = "ReLU, 4 layers"
    rate: float = 0.1
    step: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """For each norm: what the net has met on its way, on a fixed batch of EXAMPLES digits."""

    params: Params
    losses: dict[str, np.ndarray]  # (LAST + 1, len(SIZES)), loss at w − s·gradient at each training step
    start: dict[str, np.ndarray]  # (LAST + 1,), loss at w

    def curve(self, norm: str) -> np.ndarray:
        """The loss along the gradient at the step shown."""
        return self.losses[norm][self.params.step]

    def ranges(self, norm: str) -> np.ndarray:
        """Largest minus smallest loss over the step sizes WITHIN, at each training step."""
        chosen = self.losses[norm][:, WITHIN]
        return chosen.max(axis=1) - chosen.min(axis=1)


def compute(params: Params) -> Result:
    walks = {norm: walk(params.net, norm, params.rate, params.seed) for norm in NORMS}
    return Result(params, {n: w[0] for n, w in walks.items()}, {n: w[1] for n, w in walks.items()})


@lru_cache(maxsize=64)
def walk(net: str, norm: str, rate: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Train by plain SGD, and look along the gradient before each step.

    A loss that is not finite counts as LOST.
    """
    import torch
    from torch.nn.functional import cross_entropy

    from bn_course.nets import Split, batches, digits

    model = begin(net, norm, seed)
    parameters = list(model.parameters())
    whole = Split(digits().train.x.double(), digits().train.y)
    fixed, drawn = whole[:EXAMPLES], batches(whole, 128, seed)
    losses, start = np.full((LAST + 1, len(SIZES)), np.inf), np.full(LAST + 1, np.inf)

    def gradient(batch):
        loss = cross_entropy(model(batch.x), batch.y)
        return loss.item(), torch.autograd.grad(loss, parameters)

    @torch.no_grad()
    def move(slopes, size):
        torch._foreach_add_(parameters, slopes, alpha=-size)

    for step in range(LAST + 1):
        start[step], slopes = gradient(fixed)
        kept = [p.detach().clone() for p in parameters]
        with torch.no_grad():
            for i, size in enumerate(np.diff(SIZES, prepend=0)):
                move(slopes, size)
                losses[step, i] = cross_entropy(model(fixed.x), fixed.y).item()
            torch._foreach_copy_(parameters, kept)
        move(gradient(next(drawn))[1], rate)
    return tuple(np.nan_to_num(found, nan=LOST, posinf=LOST) for found in (losses, start))


def begin(net: str, norm: str, seed: int):
    """The net before training, He's initialisation for ReLU and Glorot's for the others, biases 0.

    The normal numbers are NumPy's, and all is float64: PyTorch's own differ from processor to processor,
    and training magnifies that.
    """
    import torch

    from bn_course.nets import mlp, seeded

    depth, width, activation = NETS[net]
    with seeded(seed):  # the global generator stays as it was
        model = mlp([64] + [width] * depth + [10], norm, getattr(torch.nn, activation)).double()
    rng = np.random.default_rng(seed)
    with torch.no_grad():
        for layer in (layer for layer in model if isinstance(layer, torch.nn.Linear)):
            outputs, inputs = layer.weight.shape
            std = np.sqrt(2 / inputs if activation == "ReLU" else 2 / (inputs + outputs))
            layer.weight.copy_(torch.from_numpy(rng.normal(0, std, (outputs, inputs))))
            if layer.bias is not None:
                layer.bias.zero_()
    return model


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    none, batch = (coarse(result.ranges(norm)[p.step], *BOUNDS) for norm in NORMS)
    lost = result.start["none"][p.step] >= LOST
    without = (
        "the net without batch norm has diverged"
        if lost
        else f"the loss varies by {none} nats without batch norm"
    )
    return (
        f"{p.net}, learning rate {p.rate:g}, after {p.step} training steps: along the gradient, for steps "
        f"from 0.05 to 0.8, {without}. With batch norm it varies by {batch} nats."
    )


class LandscapeView(View):
    def __init__(self, fig):
        super().__init__(fig)
        along, through = fig.subplots(1, 2, width_ratios=[1.1, 1])
        along.set(xlim=(SIZES[0], SIZES[-1]), ylim=(LOWEST, HIGHEST), xscale="log", yscale="log")
        along.set(xlabel="step size s (dimensionless)", ylabel="loss at w − s·gradient (nats)")
        along.axvspan(0.05, 0.8, color="#EEEEEE", zorder=0)
        through.set(xlim=(0, LAST), ylim=(LOWEST, HIGHEST), yscale="log")
        through.set(xlabel="training step", ylabel="range of the loss (nats)")
        self.titles = [self.moving(title(ax, "")) for ax in (along, through)]
        self.curves, self.paths, self.dots = {}, {}, {}
        for norm, label in (("none", "without"), ("batch", "batch norm")):
            colour = COLOURS[norm]
            (self.curves[norm],) = self.moving(along.plot([], [], color=colour, label=label))
            (self.paths[norm],) = self.moving(through.plot([], [], color=colour))
            (self.dots[norm],) = self.moving(through.plot([], [], "o", color=colour))
        along.legend(loc="upper left")

    def update(self, result):
        step = result.params.step
        for norm in NORMS:
            self.curves[norm].set_data(SIZES, np.clip(result.curve(norm), LOWEST / 10, HIGHEST * 10))
            ranges = np.clip(result.ranges(norm), LOWEST / 10, HIGHEST * 10)
            self.paths[norm].set_data(np.arange(LAST + 1), ranges)
            self.dots[norm].set_data([step], ranges[[step]])
        self.titles[0].set_text(f"The loss along the gradient, step {step}")
        self.titles[1].set_text(verdict(result))


def verdict(result: Result) -> str:
    """How the ranges compare at the step shown, in a few words."""
    step = result.params.step
    if result.start["none"][step] >= LOST:
        return "Without batch norm it has diverged"
    none, batch = (result.ranges(norm)[step] for norm in NORMS)
    factor, change = (none / batch, "smaller") if batch < none else (batch / none, "larger")
    return f"Batch norm: {'1000+' if factor > 1000 else f'{factor:.2g}'} times {change}"


class LandscapeExplorer(LivePlot):
    label = "The loss along the gradient"
    Params = Params
    View = LandscapeView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    needs_torch = True
    height = 3.2
    controls: ClassVar = {
        "net": choice("net", list(NETS)),
        "rate": steps("learning rate of the training", [0.03, 0.1, 0.3, 1.0]),
        "step": player("training step", LAST, interval=120),
    }
