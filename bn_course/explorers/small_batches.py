"""What the size of the batch does to the error of five norms, and to one example's output. (lesson 10)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.experiments import evidence
from bn_course.live import COLOURS, LivePlot, View, choice, player, slider, steps, title
from bn_course.live.style import INK, MUTED
from bn_course.norms import statistics

BATCHES = 200
FEATURES, GROUP = 16, 4  # of the example; features in a group of group norm
R_MAX, D_MAX, EPS = 3.0, 5.0, 1e-5
SIZES = (64, 32, 16, 8, 4, 2)
NORMS = {
    "batch": "batch norm",
    "renorm": "batch renormalisation",
    "layer": "layer norm",
    "group": "group norm",
    "none": "no norm",
}
HUES = {**COLOURS, "renorm": "#56B4E9"}


@dataclass(frozen=True)
class Params:
    batch_size: int = 4
    norm: str = "batch"
    example: float = 1.0  # the tracked feature of the example, in deviations above the mean
    batches: int = BATCHES
    seed: int = 0


@dataclass(frozen=True)
class Result:
    params: Params
    error: float  # per cent, mean over the seeds of the evidence
    training: np.ndarray  # (batches,), the example's output in each batch, in training mode
    inference: float  # its output at inference, with the true mean 0 and variance 1

    @property
    def spread(self) -> float:
        return float(self.training.std()) if len(self.training) else 0.0


def compute(params: Params) -> Result:
    """The evidence at this size, and the example among fresh neighbours in each batch."""
    errors = measured()[params.norm]
    x = draws(params.seed)[:, : params.batch_size].copy()  # (BATCHES, N)
    x[:, 0] = params.example
    training, inference = _outputs(params, x)
    error = float(errors[SIZES.index(params.batch_size)])
    return Result(params, error, training[: params.batches], inference)


def _outputs(params: Params, x: np.ndarray) -> tuple[np.ndarray, float]:
    """In training, a number a batch, and at inference; γ = 1, β = 0, running mean 0 and variance 1."""
    always = np.ones(len(x))
    if params.norm in ("batch", "renorm"):
        mean, var = (s[:, 0] for s in statistics(x, (1,)))
        std, running_std = np.sqrt(var + EPS), np.sqrt(1 + EPS)
        y = (x[:, 0] - mean) / std
        if params.norm == "renorm":
            y = y * np.clip(std / running_std, 1 / R_MAX, R_MAX) + np.clip(mean / running_std, -D_MAX, D_MAX)
        return y, params.example / running_std
    row = np.r_[params.example, draws(params.seed)[0, 1:FEATURES]]  # the example's own features
    if params.norm == "none":
        return always * params.example, params.example
    own = row if params.norm == "layer" else row[:GROUP]
    y = (params.example - own.mean()) / np.sqrt(own.var() + EPS)
    return always * y, float(y)


@lru_cache(maxsize=8)
def draws(seed: int) -> np.ndarray:
    """(BATCHES, 64) standard normal numbers; a smaller batch is the beginning of a larger one."""
    return np.random.default_rng(seed).normal(size=(BATCHES, max(SIZES)))


@lru_cache(maxsize=1)
def measured() -> dict[str, np.ndarray]:
    """Test error at each of SIZES, by norm; with `_low` and `_high`, its interval.

    Raises ValueError where the evidence is missing or has other sizes.
    """
    stored = evidence("error_against_batch_size")
    if tuple(stored.mean["sizes"]) != SIZES:
        raise ValueError(f"the evidence has batch sizes {stored.mean['sizes']}; {SIZES} were expected")
    bands = {f"{norm}_low": stored.low[norm] for norm in NORMS}
    bands |= {f"{norm}_high": stored.high[norm] for norm in NORMS}
    return bands | {norm: stored.mean[norm] for norm in NORMS}


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    who = f"With batches of {p.batch_size}, an MLP with {NORMS[p.norm]}"
    text = f"{who} has {result.error:.1f} % errors on test data. "
    if p.batches == 0:
        return text + "No batch has been drawn yet."
    return text + (
        f"In {p.batches} batches an example at {p.example:g} comes out at {result.training.mean():.2f} on "
        f"average, with deviation {result.spread:.2f}; inference gives {result.inference:.2f}."
    )


class SmallBatchesView(View):
    def __init__(self, fig):
        super().__init__(fig)
        left, right = fig.subplots(1, 2)
        self._draw_evidence(left)
        right.set(xlim=(-4.3, 4.3), ylim=(0, 1), yticks=[], xlabel="the example's output (dimensionless)")
        self.here = self.moving(left.axvline(2, color=MUTED, lw=1, ls=(0, (4, 2))))
        (self.point,) = self.moving(left.plot([], [], "o", ms=9, zorder=5))
        (self.dots,) = self.moving(right.plot([], [], "o", ms=4, alpha=0.45, mew=0))
        self.line = self.moving(right.axvline(0, color=INK, lw=1.4))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
        self.label = self.moving(
            right.text(0, 0.95, "", color=INK, va="center", ha="center", bbox=box, zorder=9)
        )
        self.titles = [self.moving(title(ax, "")) for ax in (left, right)]
        self._heights = np.random.default_rng(1).uniform(0.05, 0.85, BATCHES)

    def _draw_evidence(self, ax):
        ax.set(xscale="log", yscale="log", xlim=(80, 1.6), ylim=(1.5, 100))
        ax.set(xlabel="examples a batch, of one value each", ylabel="test error of an MLP (%)")
        ax.set_xticks(SIZES, labels=map(str, SIZES))
        ax.set_yticks([2, 5, 10, 20, 50, 100], labels=["2", "5", "10", "20", "50", "100"])
        ax.minorticks_off()
        errors = measured()
        for norm in NORMS:
            low = np.maximum(errors[f"{norm}_low"], 0.1)
            ax.fill_between(SIZES, low, errors[f"{norm}_high"], color=HUES[norm], alpha=0.15, lw=0)
            ax.plot(SIZES, errors[norm], color=HUES[norm])
        for row, (norm, name) in enumerate(NORMS.items()):
            ax.text(0.03, 0.95 - 0.075 * row, name, color=HUES[norm], transform=ax.transAxes, va="center")

    def update(self, result):
        p, hue = result.params, HUES[result.params.norm]
        self.here.set_xdata([p.batch_size] * 2)
        self.point.set_data([p.batch_size], [result.error])
        self.point.set_color(hue)
        self.dots.set_data(result.training, self._heights[: p.batches])
        self.dots.set_color(hue)
        self.line.set_xdata([result.inference] * 2)
        self.label.set_position((np.clip(result.inference, -3, 3), 0.95))
        self.label.set_text(f"inference: {result.inference:.2f}")
        self.titles[0].set_text(f"{result.error:.1f} % wrong with {p.batch_size} a batch")
        self.titles[1].set_text(f"One example in {p.batches} of them: ± {result.spread:.2f}")


class SmallBatchesExplorer(LivePlot):
    label = "Small batches"
    Params = Params
    View = SmallBatchesView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.6
    controls: ClassVar = {
        "batch_size": steps("examples a batch", SIZES),
        "norm": choice("norm", {name: norm for norm, name in NORMS.items()}),
        "example": slider("the example (deviations)", -3.0, 3.0, 0.5),
        "batches": player("batches drawn", BATCHES, interval=60),
    }
