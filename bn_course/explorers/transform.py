"""What batch normalisation does to one feature of a mini-batch, entry by entry. (lesson 02)

The browser computes and draws it (`transform.js`); this file is the oracle that it is tested
against, and the picture for readers without a kernel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, BrowserPlot, View, log_slider, slider, steps, title
from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.norms import standardize, statistics

HERE = Path(__file__)
BATCHES, LARGEST = 8, 128
SPAN = 10.0  # every row shows −10 … 10
BELL = np.linspace(-3.5, 3.5, 71)

CONTROLS = {
    "mu": slider("input mean μ", -4.0, 4.0, 0.1),
    "sigma": slider("input standard deviation σ", 0.1, 2.5, 0.1),
    "gamma": slider("scale γ", -3.0, 3.0, 0.1),
    "beta": slider("shift β", -4.0, 4.0, 0.1),
    "eps": log_slider("ε", 1e-5, 10, 2),
    "size": steps("batch size N", [2, 4, 8, 16, 32, 64, 128]),
    "batch": steps("which batch", range(1, BATCHES + 1)),
    "tracked": steps("entry followed", range(1, LARGEST + 1)),
}


@dataclass(frozen=True)
class Params:
    """Where a batch is drawn from, what batch norm is told, and which entry is followed."""

    mu: float = 2.0
    sigma: float = 1.5
    gamma: float = 1.0
    beta: float = 0.0
    eps: float = 1e-5
    size: int = 32
    batch: int = 1  # which of the eight batches, counted from 1
    tracked: int = 5  # which entry, counted from 1; past the end it starts over


@dataclass(frozen=True)
class Result:
    params: Params
    x: np.ndarray  # (N,)
    mean: float
    var: float  # population variance of this batch
    x_hat: np.ndarray  # (N,)
    y: np.ndarray  # (N,)
    means: np.ndarray  # (8,) the mean of each batch of this size
    tracked: int  # counted from 0

    @property
    def shrink(self) -> float:
        """Deviation of x̂: σ/√(σ² + ε), 1 as long as ε is small beside the variance."""
        return float(np.sqrt(self.var / (self.var + self.params.eps)))


def draws() -> np.ndarray:
    """Standard normal draws, (8, 128); rounded, so that every machine and the browser agree."""
    return np.round(np.random.default_rng(2).normal(size=(BATCHES, LARGEST)), 4)


DRAWS = draws()


def compute(params: Params) -> Result:
    """x = μ + σz, then x̂ = (x − μ_B)/√(σ_B² + ε) and y = γx̂ + β, with the batch's μ_B and σ_B²."""
    batches = params.mu + params.sigma * DRAWS[:, : params.size]
    x = batches[params.batch - 1]
    mean, var = statistics(x, axes=0)
    x_hat = standardize(x, axes=0, eps=params.eps)
    return Result(
        params=params,
        x=x,
        mean=mean.item(),
        var=var.item(),
        x_hat=x_hat,
        y=params.gamma * x_hat + params.beta,
        means=batches.mean(axis=1),
        tracked=(params.tracked - 1) % params.size,
    )


def number(value: float, digits: int = 2) -> str:
    """Fixed decimals, halves away from zero, a true minus, no negative zero."""
    text = f"{value + math.copysign(1e-9, value):.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def sentence(result: Result) -> str:
    """What these settings show: the figure's title."""
    params, deviation = result.params, np.sqrt(result.var)
    if result.shrink < 0.95:
        share = number(100 * result.shrink, 0)
        return f"ε is large beside this variance: x̂ keeps only {share} % of its spread"
    if params.gamma == 0:
        return "With γ = 0 every entry comes out as β: the batch is forgotten"
    if params.size == 2:
        return "Two entries always become −1 and +1: all that is left is which is larger"
    off = abs(result.mean - params.mu) / params.sigma
    if off > 0.2 or abs(deviation / params.sigma - 1) > 0.2:
        return f"Statistics of {params.size} entries wander: compare the batch with its source"
    return "Whatever μ and σ are, the output has mean β and standard deviation |γ|"


def describe(result: Result) -> str:
    """The figure in words, for readers who do not see it."""
    at, params = result.tracked, result.params
    return (
        f"{sentence(result)}. Of {params.size} entries, x has mean {number(result.mean)} and "
        f"standard deviation {number(np.sqrt(result.var))}; x̂ has mean 0.00 and standard deviation "
        f"{number(result.shrink)}; y has mean {number(params.beta)} and standard deviation "
        f"{number(abs(params.gamma) * result.shrink)}. Entry {at + 1} goes from "
        f"{number(result.x[at])} to {number(result.x_hat[at])} to {number(result.y[at])}."
    )


def arithmetic(result: Result) -> list[str]:
    """The followed entry's four steps; each is computed from the numbers shown, to be redone."""
    params = result.params
    x, mean, var = (round(v, 4) for v in (float(result.x[result.tracked]), result.mean, result.var))
    centred = round(x - mean, 4)
    x_hat = round(centred / float(np.sqrt(var + params.eps)), 3)
    y = params.gamma * x_hat + params.beta
    eps = CONTROLS["eps"].text(params.eps)
    return [
        f"x = {number(x, 4)}",
        f"x − mean = {number(x, 4)} − {bracketed(number(mean, 4))} = {number(centred, 4)}",
        f"x̂ = (x − mean) / √(var + ε) = {number(centred, 4)} / √({number(var, 4)} + {eps}) "
        f"= {number(x_hat, 3)}",
        f"y = γ x̂ + β = {number(params.gamma, 1)} · {bracketed(number(x_hat, 3))} + "
        f"{bracketed(number(params.beta, 1))} = {number(y, 3)}",
    ]


def bracketed(text: str) -> str:
    """A negative number after an operator stands in brackets."""
    return f"({text})" if text.startswith("−") else text


class TransformView(View):
    """Three rows, one scale: input, standardised, output; the tracked entry runs through them."""

    def __init__(self, fig):
        super().__init__(fig)
        self.heading = self.moving(fig.suptitle(" ", x=0.015, ha="left", weight="bold", fontsize=12))
        self.steps = self.moving(fig.supxlabel("\n\n", x=0.015, ha="left", fontsize=10, color="#222222"))
        self.axes = fig.subplots(3, 1, sharex=True)
        self.height = 0.15 + 0.55 * (np.arange(LARGEST) * 0.618034 % 1)  # an entry keeps its height
        self.titles, self.bells, self.dots, self.lines, self.spans, self.rings = ([] for _ in range(6))
        for ax, colour in zip(self.axes, (COLOURS["none"], *2 * (COLOURS["batch"],)), strict=True):
            ax.set(xlim=(-SPAN, SPAN), ylim=(0, 1.1), xticks=np.arange(-10, 11, 2), yticks=[])
            ax.spines["left"].set_visible(False)
            self.titles.append(self.moving(title(ax, " ")))
            self.titles[-1].set(weight="normal")
            self.bells.append(self.moving(ax.plot([], [], color=colour, alpha=0.45, lw=1.2)[0]))
            style = {"color": colour, "alpha": 0.75, "ms": 4, "mew": 0}
            self.dots.append(self.moving(ax.plot([], [], "o", **style)[0]))
            self.lines.append(self.moving(ax.axvline(0, color=colour, lw=2)))
            self.spans.append(self.moving(ax.plot([], [], "|-", color=colour, lw=2, ms=8)[0]))
            self.rings.append(self.moving(ax.plot([], [], "o", mfc="none", mec="#222222", ms=9)[0]))
        note = "curve: where x is drawn from · △ eight batch means"
        self.axes[0].set_title(note, loc="right", fontsize=8, weight="normal", color="#6B6B6B")
        self.others = self.moving(
            self.axes[0].plot([], [], "^", color=COLOURS["none"], ms=5, mfc="none", clip_on=False)[0]
        )

    def update(self, result: Result) -> None:
        params, deviation = result.params, np.sqrt(result.var)
        self.heading.set_text(sentence(result))
        self.steps.set_text("\n".join(arithmetic(result)[1:]))
        rows = [
            (result.x, result.mean, deviation, params.mu, params.sigma, "Input x"),
            (result.x_hat, 0.0, result.shrink, 0.0, 1.0, "Standardised x̂"),
            (
                result.y,
                params.beta,
                abs(params.gamma) * result.shrink,
                params.beta,
                abs(params.gamma),
                "Output y",
            ),
        ]
        height = self.height[: params.size]
        for row, (values, mean, spread, centre, width, name) in enumerate(rows):
            found = f"batch mean {number(mean)}, standard deviation {number(spread)}"
            self.titles[row].set_text(f"{name}: {found}")
            self.bells[row].set_data(centre + width * BELL, np.exp(-(BELL**2) / 2))
            self.dots[row].set_data(values, height)
            self.lines[row].set_xdata([mean, mean])
            self.spans[row].set_data([mean - spread, mean + spread], [0.9, 0.9])
            self.rings[row].set_data([values[result.tracked]], [height[result.tracked]])
        self.others.set_data(result.means, np.zeros(BATCHES))


class TransformExplorer(BrowserPlot):
    """A mini-batch before and after batch norm, with one entry's arithmetic spelled out."""

    label = "Batch normalisation, entry by entry"
    Params = Params
    View = TransformView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 5.2
    controls: ClassVar = CONTROLS
    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS + HERE.with_suffix(".css").read_text(encoding="utf-8")

    def shared(self):
        return {"draws": DRAWS.tolist()}
