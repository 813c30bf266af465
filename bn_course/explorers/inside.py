"""Inside a net while it learns: what enters each activation, and which units are dead. (lessons 01, 07)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from matplotlib.colors import to_rgb

from bn_course.explorers.learning import CLASSES, DEPTH, EDGES, LAST, WIDTH, Story, train
from bn_course.explorers.signals import ACTIVATIONS, STEEPEST
from bn_course.live import COLOURS, LivePlot, View, choice, player, steps, switch, title
from bn_course.live.style import INK, MUTED

FLAT = "#B8B8B8"


@dataclass(frozen=True)
class Params:
    activation: str = "ReLU"
    rate: float = 1.0
    scale: float = 1.0  # 1: deviation √(2/n) of the weights with ReLU, √(1/n) with the others
    batch_norm: bool = False
    step: int = 30
    seed: int = 0


@dataclass(frozen=True)
class Result:
    params: Params
    story: Story

    @property
    def dead(self) -> np.ndarray:
        """Units of each layer that are flat for every example, at the step shown, (DEPTH,)."""
        return (self.story.live[self.params.step] == 0).sum(axis=1)

    @property
    def flat(self) -> float:
        """Share of all values at which the slope is below a tenth of the steepest."""
        return float(1 - self.story.live[self.params.step].mean())


def compute(params: Params) -> Result:
    story = train(params.activation, params.rate, params.scale, params.batch_norm, params.seed)
    return Result(params, story)


def verdict(result: Result) -> str:
    """What the step shown has come to: the figure's title."""
    params, story = result.params, result.story
    if params.step > story.end:
        return f"Diverged: the step after number {story.end} left all bounds"
    if result.dead.sum():
        return f"{result.dead.sum()} of {DEPTH * WIDTH} units are dead: flat for every example"
    if params.activation != "ReLU" and result.flat > 0.25:
        return f"{result.flat:.0%} of all values lie where the {params.activation} is flat"
    if story.between[params.step, -1] < 0.1:
        return "Alive, and useless: in the last layer all examples are alike"
    return "Every layer passes its gradient on"


def describe(result: Result) -> str:
    """The alternative text."""
    params, story = result.params, result.story
    norm = "with batch norm" if params.batch_norm else "without normalisation"
    return (
        f"Histograms of what enters the activations of {DEPTH} layers, {params.activation}, {norm}, learning "
        f"rate {params.rate:g}, initial scale {params.scale:g}, at step {params.step}. {verdict(result)}. "
        f"Dead units layer by layer: {', '.join(map(str, result.dead))}. In the last layer the examples "
        f"deviate by {story.between[params.step, -1]:.2g}; the loss went from {story.losses[0]:.2f} to "
        f"{story.losses[params.step]:.2f} nats."
    )


class InsideView(View):
    """Left a histogram for each layer, in the middle its units, right the loss."""

    def __init__(self, fig):
        super().__init__(fig)
        self.heading = self.moving(fig.suptitle(" ", x=0.015, ha="left", weight="bold", fontsize=12))
        rows, units, losses = fig.subplots(1, 3, width_ratios=[1.5, 1.35, 1])
        for ax in (rows, units):
            ax.set(ylim=(DEPTH + 0.35, -0.1), yticks=np.arange(1, DEPTH + 1))
            ax.grid(axis="y", visible=False)
        rows.set(xlim=(-5, 5), xlabel="before the activation,\nbeyond ±5 at the ends", ylabel="layer")
        title(rows, "Passing, and flat (grey)")
        empty = np.zeros(len(EDGES) - 1)
        stairs = {"fill": True, "linewidth": 0}
        self.flat, self.passing = (
            self.moving([rows.stairs(empty + i, EDGES, baseline=i, **stairs) for i in range(1, DEPTH + 1)])
            for _ in range(2)
        )
        for patch in self.flat:
            patch.set_facecolor(FLAT)
        units.set(
            xlim=(-0.5, WIDTH + 9), xticks=[0, 10, 20, 31], xlabel="unit\n(right: deviation of the examples)"
        )
        units.set_yticklabels([])
        units.tick_params(axis="y", length=0)
        units.grid(visible=False)
        title(units, "Units: dead ones black")
        blank = np.ones((DEPTH, WIDTH, 3))
        self.cells = self.moving(
            [
                units.imshow(
                    blank[i : i + 1],
                    extent=(-0.5, WIDTH - 0.5, i + 1, i + 0.35),
                    aspect="auto",
                    interpolation="nearest",
                )
                for i in range(DEPTH)
            ]
        )
        units.set(xlim=(-0.5, WIDTH + 9), ylim=(DEPTH + 0.35, -0.1))
        self.between = self.moving(
            [
                units.text(WIDTH + 9, i + 0.68, "", ha="right", va="center", size=8.5, color=INK)
                for i in range(DEPTH)
            ]
        )
        losses.set(xlim=(0, LAST), ylim=(0, 3), xlabel="training step", ylabel="loss (nats)")
        title(losses, "Loss")
        losses.axhline(np.log(CLASSES), color=MUTED, lw=1, ls=":")
        losses.text(LAST, np.log(CLASSES), "guessing", ha="right", va="bottom", size=8.5, color=MUTED)
        (self.curve,) = self.moving(losses.plot([], []))
        (self.dot,) = self.moving(losses.plot([], [], "o"))

    def update(self, result):
        params, story = result.params, result.story
        step, colour = params.step, COLOURS["batch" if params.batch_norm else "none"]
        self.heading.set_text(verdict(result))
        slopes = ACTIVATIONS[params.activation][1](
            ACTIVATIONS[params.activation][0]((EDGES[1:] + EDGES[:-1]) / 2)
        )
        passing = slopes >= 0.1 * STEEPEST[params.activation]
        for i, heights in enumerate(story.histograms[step]):
            base = np.full(len(heights), i + 1.0)
            self.flat[i].set_data(base - 0.85 * heights, EDGES, base)
            self.passing[i].set_data(base - 0.85 * heights * passing, EDGES, base)
            self.passing[i].set_facecolor(colour)
            self.cells[i].set_data(_tints(story.live[step, i], colour)[None])
            self.between[i].set_text(f"{story.between[step, i]:.2g}")
        self.curve.set(data=(np.arange(story.end + 1), story.losses[: story.end + 1]), color=colour)
        at = min(step, story.end)
        self.dot.set(data=([at], [min(story.losses[at], 3)]), color=colour)


def _tints(live: np.ndarray, colour: str) -> np.ndarray:
    """(units, 3): the norm's colour where a unit passes every gradient, paler where few, black where none."""
    share = 0.15 + 0.85 * live[:, None]
    return np.where(live[:, None] == 0, 0.0, 1 - share * (1 - np.array(to_rgb(colour))))


class InsideExplorer(LivePlot):
    label = "Inside a net while it learns"
    Params = Params
    View = InsideView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.9
    controls: ClassVar = {
        "activation": choice("activation", ["ReLU", "tanh", "sigmoid"]),
        "rate": steps("learning rate", [0.1, 0.3, 1.0, 3.0]),
        "scale": steps("initial scale", [0.5, 1.0, 2.0, 4.0]),
        "batch_norm": switch("batch norm"),
        "step": player("step", LAST, interval=120),
    }
