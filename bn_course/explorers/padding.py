"""Sequences of different lengths in one batch: how far padding moves mean and deviation. (lesson 12)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from matplotlib.colors import ListedColormap

from bn_course.live import COLOURS, LivePlot, View, choice, slider, steps, title
from bn_course.live.style import INK, MUTED

LONGEST, MOST = 64, 32  # steps, sequences
EDGES = np.linspace(-5, 5, 61)
SHARES = np.linspace(0, 0.98, 99)
MASKED, COUNTED = COLOURS["batch"], COLOURS["none"]
NOTHING, PADDING, VALID = 0, 1, 2


@dataclass(frozen=True)
class Params:
    lengths: str = "evenly spread"
    longest: int = 32
    filled: str = "its longest sequence"
    count: int = 16
    mean: float = 2.0
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """One feature of deviation 1; padding is counted as zeros. 'Wrong' is what comes of that."""

    params: Params
    lengths: np.ndarray  # (N,)
    steps: int  # T, padding included
    values: np.ndarray  # (M,), at the valid steps
    mean: float  # of the valid steps; `var` likewise
    var: float
    wrong_mean: float  # of all N·T steps
    wrong_var: float
    curve: np.ndarray  # (len(SHARES),), the error in theory at each share of padding

    @property
    def share(self) -> float:
        """p, the share of padding among all steps."""
        return 1 - self.lengths.sum() / (self.steps * len(self.lengths))

    @property
    def x_hat(self) -> np.ndarray:
        return (self.values - self.mean) / np.sqrt(self.var)

    @property
    def wrong_x_hat(self) -> np.ndarray:
        return (self.values - self.wrong_mean) / np.sqrt(self.wrong_var)

    @property
    def error(self) -> float:
        """Root mean square of the difference between the two."""
        return float(np.sqrt(np.mean((self.wrong_x_hat - self.x_hat) ** 2)))


def compute(params: Params) -> Result:
    """Draw the batch and take its statistics both ways."""
    lengths = LENGTHS[params.lengths](params.count, params.longest)
    width = LONGEST if params.filled == "64 steps" else int(lengths.max())
    values = draws(params.seed)[: lengths.sum()] + params.mean
    padded = np.concatenate([values, np.zeros(width * params.count - len(values))])
    return Result(
        params,
        lengths,
        width,
        values,
        float(values.mean()),
        float(values.var()),
        float(padded.mean()),
        float(padded.var()),
        expected_error(SHARES, params.mean),
    )


def expected_error(share, mean):
    """The error with very many steps of mean `mean` and deviation 1, a share of them padding.

    With μ' = (1 − p)μ and σ'² = (1 − p)(1 + pμ²), a value μ + z becomes (z + pμ)/σ' instead of z.
    """
    deviation = np.sqrt((1 - share) * (1 + share * mean**2))
    return np.hypot(1 / deviation - 1, share * mean / deviation)


@lru_cache(maxsize=8)
def draws(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=LONGEST * MOST)


def _alike(count, longest):
    return np.full(count, longest)


def _spread(count, longest):
    return np.linspace(longest, max(longest // 8, 1), count).round().astype(int)


def _one_long(count, longest):
    return np.array([longest] + [max(longest // 8, 1)] * (count - 1))


LENGTHS = {"all alike": _alike, "evenly spread": _spread, "one long, the rest short": _one_long}


def describe(result: Result) -> str:
    """The alternative text."""
    return (
        f"{len(result.lengths)} sequences of {result.lengths.min()} to {result.lengths.max()} steps, filled "
        f"up to {result.steps}: {100 * result.share:.0f} % is padding. Counted as zeros it turns the mean "
        f"from {result.mean:.2f} to {result.wrong_mean:.2f} and the deviation from {np.sqrt(result.var):.2f} "
        f"to {np.sqrt(result.wrong_var):.2f}; standardised values are off by {result.error:.2f}."
    )


class PaddingView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplot_mosaic([["batch", "values"], ["curve", "curve"]], height_ratios=[1.1, 1])
        self._batch(axes["batch"])
        self._values(axes["values"])
        self._curve(axes["curve"])
        self.titles = {name: self.moving(title(axes[name], "")) for name in axes}

    def _batch(self, ax):
        ax.set(xlim=(0, LONGEST), ylim=(MOST, 0), xlabel="time step", ylabel="sequence")
        ax.set_yticks([])
        ax.grid(False)
        colours = ListedColormap(["white", "#CFCFCF", MASKED])
        cells = np.zeros((MOST, LONGEST))
        self.cells = self.moving(ax.pcolormesh(cells, cmap=colours, vmin=0, vmax=2))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
        text = "blue: valid\ngrey: padding"
        self.moving(ax.text(63, 31, text, ha="right", va="bottom", bbox=box, zorder=9))

    def _values(self, ax):
        ax.set(xlim=(-5, 5), ylim=(0, 1.45), xlabel="x̂ at valid steps (dimensionless)", ylabel="density")
        ax.axvline(0, color=INK, lw=1, ls=(0, (4, 2)))
        self.right = self.moving(ax.stairs(np.zeros(60), EDGES, color=MASKED, fill=True, alpha=0.35))
        self.wrong = self.moving(ax.stairs(np.zeros(60), EDGES, color=COUNTED, lw=2))
        for height, text, colour in ((1.3, "padding left out", MASKED), (1.15, "padding counted", COUNTED)):
            self.moving(ax.text(-4.8, height, text, color=colour, va="center"))

    def _curve(self, ax):
        ax.set(xlim=(0, 1), ylim=(0, 4), xlabel="share p of padding", ylabel="error of x̂ (root mean square)")
        (self.line,) = self.moving(ax.plot([], [], color=MUTED))
        (self.here,) = self.moving(ax.plot([], [], "o", color=COUNTED, ms=8))

    def update(self, result):
        step = np.arange(LONGEST)
        rows = np.where(
            step < result.lengths[:, None], VALID, np.where(step < result.steps, PADDING, NOTHING)
        )
        self.cells.set_array(np.repeat(rows, MOST // len(rows), axis=0))
        width = EDGES[1] - EDGES[0]
        for stairs, x_hat in ((self.right, result.x_hat), (self.wrong, result.wrong_x_hat)):
            counts, _ = np.histogram(x_hat, EDGES)
            stairs.set_data(counts / (len(x_hat) * width))
        self.line.set_data(SHARES, result.curve)
        self.here.set_data([result.share], [min(result.error, 3.9)])
        self.titles["batch"].set_text(f"{100 * result.share:.0f} % of this batch is padding")
        self.titles["values"].set_text(
            f"σ {np.sqrt(result.var):.2f} → {np.sqrt(result.wrong_var):.2f}, "
            f"μ {result.mean:.2f} → {result.wrong_mean:.2f}"
        )
        self.titles["curve"].set_text(_verdict(result))


def _verdict(result: Result) -> str:
    if result.share == 0:
        return "Nothing is padding, and nothing goes wrong"
    return f"Counting padding puts x̂ off by {result.error:.2f} (root mean square)"


class PaddingExplorer(LivePlot):
    label = "Padding in the statistics"
    Params = Params
    View = PaddingView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.9
    controls: ClassVar = {
        "lengths": choice("lengths", list(LENGTHS)),
        "longest": slider("longest sequence", 8, 64, 8),
        "filled": choice("batch filled up to", ["its longest sequence", "64 steps"]),
        "count": steps("sequences", [2, 4, 8, 16, 32]),
        "mean": slider("mean of the feature, in deviations", -4.0, 4.0, 0.5),
    }
