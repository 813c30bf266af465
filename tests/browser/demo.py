"""A small explorer with one control of each kind; the shell's tests drive it."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, player, slider, steps, switch, title


@dataclass(frozen=True)
class Params:
    rate: float = 0.5
    length: int = 40
    start: str = "near"
    noise: bool = False
    step: int = 20

    def __post_init__(self):
        if self.rate >= 2:
            raise ValueError(f"the learning rate must be below 2; it is {self.rate:g}")


@dataclass(frozen=True)
class Result:
    params: Params
    distance: np.ndarray  # (length,)


def compute(params):
    start = {"near": 0.5, "far": 1.0}[params.start]
    noise = 0.05 * np.random.default_rng(0).normal(size=params.length) * params.noise
    return Result(params, start * (1 - params.rate) ** np.arange(params.length) + noise)


def describe(result):
    return f"Distance from the minimum, step by step, at learning rate {result.params.rate:g}."


class DescentView(View):
    def __init__(self, fig):
        super().__init__(fig)
        self.axes = fig.subplots(1, 2)
        for ax in self.axes:
            ax.set(xlim=(0, 60), ylim=(-1.2, 1.2), xlabel="step", ylabel="distance")
        self.sentence = self.moving(title(self.axes[0], ""))
        colour = COLOURS["batch"]
        self.lines = self.moving([ax.plot([], [], color=colour)[0] for ax in self.axes])
        self.dot = self.moving(self.axes[0].plot([], [], "o", color=COLOURS["none"])[0])

    def update(self, result):
        step = min(result.params.step, len(result.distance) - 1)
        self.sentence.set_text(f"After {step} steps: {result.distance[step]:.3f}")
        for line in self.lines:
            line.set_data(np.arange(len(result.distance)), result.distance)
        self.dot.set_data([step], [result.distance[step]])

    def pick(self, x, y):
        step, _ = self.axes[0].transData.inverted().transform((x, y))
        return {"step": int(np.clip(round(step), 0, 40))}


class Descent(LivePlot):
    label = "Descent"
    Params = Params
    View = DescentView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    controls: ClassVar = {
        "rate": slider("learning rate", 0.1, 2.0, 0.1),
        "length": steps("steps", [10, 20, 40, 60]),
        "start": choice("start", ["near", "far"]),
        "noise": switch("gradient noise"),
        "step": player("step shown", 40, interval=20),
    }
