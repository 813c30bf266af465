"""A gradient loses its parts along 1 and along x̂ on its way through standardisation. (lesson 03)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from matplotlib.patches import FancyArrowPatch

from bn_course.live import COLOURS, LivePlot, View, choice, slider, steps, title
from bn_course.live.style import INK, MUTED
from bn_course.norms import standardize_backward

STAGES = {"nothing": 0, "the mean": 1, "the mean and x̂": 2}
DRAWN = np.array([[0.0, 1.0], [1.0, 0.0], [0.8, 0.45]])  # where 1, x̂ and the rest point on the page


@dataclass(frozen=True)
class Params:
    shift: float = 1.0
    spread: float = 1.0
    rest: float = 1.0
    take_out: int = 0
    examples: int = 8
    ratio: float = 100.0  # σ/√ε
    seed: int = 44


@dataclass(frozen=True)
class Result:
    params: Params
    x_hat: np.ndarray  # (N,)
    stages: np.ndarray  # (3, N): dx̂, then without its mean, then without its part along x̂ too
    parts: np.ndarray  # (3, 3): each stage's parts along 1, x̂ and the rest, as root mean squares

    @property
    def shown(self) -> np.ndarray:
        """What the reader has left of dx̂, (N,)."""
        return self.stages[self.params.take_out]

    @property
    def share(self) -> float:
        """Length of what is shown, as a part of the length of dx̂; 0 where dx̂ is 0."""
        before = np.linalg.norm(self.stages[0])
        return float(np.linalg.norm(self.shown) / before) if before else 0.0

    @property
    def angle(self) -> float:
        """Degrees between dx̂ and what is shown; NaN where either is 0."""
        lengths = np.linalg.norm(self.shown) * np.linalg.norm(self.stages[0])
        if lengths < 1e-12:
            return float("nan")
        return float(np.degrees(np.arccos(np.clip(self.shown @ self.stages[0] / lengths, -1, 1))))


@lru_cache(maxsize=16)
def directions(examples: int, seed: int) -> np.ndarray:
    """(3, N): 1, a batch of mean 0 and variance 1, and a direction at right angles to both (0 for N = 2)."""
    draws = np.random.default_rng(seed).normal(size=(2, examples))
    found = [np.ones(examples)]
    for draw in draws[: examples - 1]:
        left = draw - sum(v * (draw @ v) / examples for v in found)
        found.append(left / np.sqrt((left**2).mean()))
    return np.array([*found, *np.zeros((3 - len(found), examples))])


def compute(params: Params) -> Result:
    """dx̂ is put together from three parts; σ = 1 once it is divided, so that only removal shows."""
    ones, batch, rest = directions(params.examples, params.seed)
    x_hat = batch * params.ratio / np.sqrt(params.ratio**2 + 1)
    dx_hat = params.shift * ones + params.spread * batch + params.rest * rest
    without_mean = dx_hat - dx_hat.mean()
    left = standardize_backward(dx_hat, x_hat, np.ones(1), axes=0)
    stages = np.array([dx_hat, without_mean, left])
    return Result(params, x_hat, stages, stages @ np.array([ones, batch, rest]).T / params.examples)


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    taken = next(text for text, stage in STAGES.items() if stage == p.take_out)
    shift, spread, rest = np.round(result.parts[p.take_out], 2) + 0.0
    return (
        f"A gradient over a batch of {p.examples}, with {taken} taken out. Its parts are {shift:g} along 1, "
        f"{spread:g} along x̂ and {rest:g} along the rest. {verdict(result)}."
    )


def verdict(result: Result) -> str:
    """How much is left, and at what angle."""
    if np.linalg.norm(result.stages[0]) < 1e-9:
        return "There is no gradient"
    if result.params.take_out == 0:
        return "Nothing is taken out yet"
    if result.share < 0.005:
        return "Nothing is left"
    return f"{result.share:.0%} of the length is left, at {result.angle:.0f}° to dx̂"


class GradientView(View):
    def __init__(self, fig):
        super().__init__(fig)
        space, plane = fig.subplots(1, 2, width_ratios=[1, 1.1])
        self._build_space(space)
        self._build_plane(plane)

    def _build_space(self, ax):
        ax.set(xlim=(-3.9, 3.9), ylim=(-3.4, 3.4), xticks=[], yticks=[])
        ax.set_aspect("equal", anchor="N")
        ax.grid(visible=False)
        for side in ax.spines.values():
            side.set_visible(False)
        title(ax, "dx̂ as one arrow, in perspective")
        names = {"1 (shift)": "center", "x̂ (spread)": "left", "the rest": "left"}
        for (dx, dy), (name, side) in zip(DRAWN * 2.4, names.items(), strict=True):
            ax.plot([-dx, dx], [-dy, dy], color=MUTED, linewidth=0.6)
            ax.annotate(name, (dx * 1.04, dy * 1.14), ha=side, va="center", color=MUTED, fontsize=9)
        (self.legs,) = self.moving(ax.plot([], [], ":", color=MUTED, linewidth=1.2))
        self.before = self.moving(_arrow(ax, COLOURS["none"]))
        self.after = self.moving(_arrow(ax, COLOURS["batch"]))

    def _build_plane(self, ax):
        ax.set(xlim=(-2.4, 2.4), ylim=(-9, 9), xlabel="x̂ (dimensionless)", ylabel="entry of the gradient")
        ax.axhline(0, color=MUTED, linewidth=0.8)
        self.verdict = self.moving(title(ax, ""))
        (self.line,) = self.moving(
            ax.plot([], [], "--", color=INK, linewidth=1.2, label="best straight line")
        )
        (self.old,) = self.moving(
            ax.plot([], [], "o", color=COLOURS["none"], markerfacecolor="white", label="dx̂")
        )
        (self.new,) = self.moving(ax.plot([], [], "o", color=COLOURS["batch"], label="what is left"))
        ax.legend(loc="upper left", ncols=3, fontsize=8, handletextpad=0.3, columnspacing=1)

    def update(self, result):
        stage = result.params.take_out
        shift, spread, rest = result.parts[0]
        corners = np.array([[0, 0, 0], [0, 0, rest], [0, spread, rest], [shift, spread, rest]])
        self.legs.set_data(*(corners @ DRAWN).T)
        for arrow, parts in ((self.before, result.parts[0]), (self.after, result.parts[stage])):
            arrow.set_positions((0, 0), tuple(parts @ DRAWN))
        self.after.set_visible(stage > 0 and result.share >= 0.005)
        ends = np.array([-2.3, 2.3])
        height, slope = result.parts[stage, :2]
        slope = slope * (result.params.ratio**2 + 1) ** 0.5 / result.params.ratio  # x̂ is a little short
        self.line.set_data(ends, height + slope * ends)
        self.old.set_data(result.x_hat, result.stages[0])
        self.new.set_data(result.x_hat, result.shown)
        self.new.set_visible(stage > 0)
        self.verdict.set_text(verdict(result))


def _arrow(ax, colour):
    arrow = FancyArrowPatch((0, 0), (1, 1), arrowstyle="-|>", mutation_scale=14, shrinkA=0, shrinkB=0)
    arrow.set(color=colour, linewidth=2)
    return ax.add_patch(arrow)


class GradientExplorer(LivePlot):
    label = "What is left of a gradient"
    Params = Params
    View = GradientView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.5
    controls: ClassVar = {
        "take_out": choice("take out", STAGES),
        "shift": slider("part of dx̂ along 1 (shift)", -2.0, 2.0, 0.25),
        "spread": slider("part of dx̂ along x̂ (spread)", -2.0, 2.0, 0.25),
        "rest": slider("the rest of dx̂", -2.0, 2.0, 0.25),
        "examples": steps("batch size N", [2, 3, 4, 8, 16]),
        "ratio": steps("deviation of x, in √ε", [0.1, 0.3, 1.0, 3.0, 10.0, 100.0]),
    }
