"""Running estimates chase a signal; what the layer says in training and at inference. (lesson 04)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, player, steps, title
from bn_course.live.style import INK, MUTED

STEPS = 300
LARGEST = 256
MOMENTA = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.6, 0.9, 0.99, 1.0)
BATCH, RUNNING = MUTED, COLOURS["batch"]  # whose statistics: this batch's, or the running ones
FAINT = "#B5B5B5"  # BATCH, at half strength
DOTS = {"marker": "s", "ms": 1.44, "mew": 0, "aa": False, "ls": ""}  # two pixels wide: many, in small frames


@dataclass(frozen=True)
class Params:
    momentum: float = 0.1
    batch_size: int = 8
    signal: str = "jumps"
    step: int = STEPS
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """At each training step, for one feature; the running statistics are those after the step."""

    params: Params
    mean: np.ndarray  # (STEPS,), of the signal; `var` likewise
    var: np.ndarray
    batch_mean: np.ndarray  # (STEPS,), of the batch; its variance is the sample's, ÷(N − 1)
    batch_var: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray
    training: np.ndarray  # (STEPS,), the output for an example one σ above the mean, in this batch
    inference: np.ndarray  # (STEPS,), the same with the running statistics

    @property
    def start_left(self) -> float:
        """The weight that the start, mean 0 and variance 1, still has at the step shown."""
        return (1 - self.params.momentum) ** self.params.step


def compute(params: Params) -> Result:
    """Draw the batches and follow the running estimates, PyTorch's convention."""
    mean, var = SIGNALS[params.signal]()
    x = draws(params.seed)[:, : params.batch_size] * np.sqrt(var)[:, None] + mean[:, None]
    batch_mean, batch_var = x.mean(axis=1), x.var(axis=1, ddof=1)
    running_mean = follow(batch_mean, params.momentum, start=0.0)
    running_var = follow(batch_var, params.momentum, start=1.0)
    example = mean + np.sqrt(var)
    x[:, 0] = example
    return Result(
        params,
        mean,
        var,
        batch_mean,
        batch_var,
        running_mean,
        running_var,
        (example - x.mean(axis=1)) / np.sqrt(x.var(axis=1) + 1e-5),
        (example - running_mean) / np.sqrt(running_var + 1e-5),
    )


def follow(values: np.ndarray, momentum: float, start: float) -> np.ndarray:
    """new = (1 − momentum) · old + momentum · value, at every value."""
    path = np.empty(len(values))
    old = start
    for i, value in enumerate(values):
        old = path[i] = (1 - momentum) * old + momentum * value
    return path


@lru_cache(maxsize=8)
def draws(seed: int) -> np.ndarray:
    """(STEPS, LARGEST) standard normal numbers; a smaller batch is the beginning of a larger one."""
    return np.random.default_rng(seed).normal(size=(STEPS, LARGEST))


def _still():
    return np.full(STEPS, 3.0), np.full(STEPS, 4.0)


def _drifts():
    """As features do while the weights below them learn: fast at first, then slower."""
    progress = 1 - np.exp(-np.arange(STEPS) / 80)
    return 4 * progress, 1 + 4 * progress


def _jumps():
    late = np.arange(STEPS) >= 150
    return np.where(late, 4.0, 1.0), np.where(late, 1.0, 4.0)


SIGNALS = {"stands still": _still, "drifts": _drifts, "jumps": _jumps}


def describe(result: Result) -> str:
    """The alternative text."""
    p, last = result.params, max(result.params.step - 1, 0)
    if p.step == 0:
        return "Before the first training step the running mean is 0 and the running variance 1."
    return (
        f"After {p.step} steps with momentum {p.momentum:g} and batches of {p.batch_size}: running mean "
        f"{result.running_mean[last]:.2f} (true {result.mean[last]:.2f}), running variance "
        f"{result.running_var[last]:.2f} (true {result.var[last]:.2f}). For an example one deviation above "
        f"the mean, training gives {result.training[last]:.2f} and inference {result.inference[last]:.2f}."
    )


class RunningView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplot_mosaic([["mean", "var"], ["out", "out"]], height_ratios=[1, 1.05])
        self.lines = {}
        self._panel(axes["mean"], "mean", "feature’s mean", (-1.5, 6.5))
        self._panel(axes["var"], "var", "feature’s variance", (-0.4, 9))
        out = axes["out"]
        out.set(xlim=(0, STEPS), ylim=(-2.2, 5.4), xlabel="training step")
        out.set_ylabel("output, in\nstandard deviations")
        out.axhline(1, color=INK, lw=1.2, ls=(0, (4, 2)))
        self._line(out, "training", color=BATCH, **DOTS)
        self._line(out, "inference", color=RUNNING, lw=1.4)
        for x, text, colour in (
            (4, "training: this batch", BATCH),
            (84, "inference: running statistics", RUNNING),
            (196, "what it should be: 1 (dashed)", INK),
        ):
            out.text(x, 4.85, text, color=colour, va="center")
        self.titles = {name: self.moving(title(axes[name], "")) for name in axes}

    def _panel(self, ax, name, label, limits):
        ax.set(xlim=(0, STEPS), ylim=limits, xlabel="training step", ylabel=label)
        self._line(ax, f"batch_{name}", color=FAINT, **DOTS)
        self._line(ax, name, color=INK, lw=1.2, ls=(0, (4, 2)))
        self._line(ax, f"running_{name}", color=RUNNING, lw=1.4)

    def _line(self, ax, name, **style):
        (self.lines[name],) = self.moving(ax.plot([], [], **style))

    def update(self, result):
        step = result.params.step
        for name, line in self.lines.items():
            line.set_data(np.arange(1, step + 1), getattr(result, name)[:step])
        self.titles["mean"].set_text(f"The start still counts {_percent(result.start_left)}")
        span = 1 / result.params.momentum
        length = f"{span:.0f} step" if span > 5 else f"{span:.2g} step"
        self.titles["var"].set_text(f"Memory: about {length}{'s' if span > 1 else ''}")
        self.titles["out"].set_text(_verdict(result))


def _percent(share: float) -> str:
    return "under 0.1 %" if share < 1e-3 else f"{100 * share:.2g} %" if share < 0.995 else "all"


def _verdict(result: Result) -> str:
    """How far the two outputs are from 1, over the last fifty steps shown."""
    recent = slice(max(result.params.step - 50, 0), result.params.step)
    if result.params.step < 10:
        return "One example, one deviation above the mean"
    training, inference = (
        np.sqrt(np.mean((output[recent] - 1) ** 2)) for output in (result.training, result.inference)
    )
    return f"Typical error over the last 50 steps: training {training:.2f}, inference {inference:.2f}"


class RunningExplorer(LivePlot):
    label = "Running statistics"
    Params = Params
    View = RunningView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.5
    controls: ClassVar = {
        "momentum": steps("momentum", MOMENTA),
        "batch_size": steps("batch size", [2, 4, 8, 16, 32, 64, 128, 256]),
        "signal": choice("the feature", list(SIGNALS)),
        "step": player("steps", STEPS, interval=60),
    }
