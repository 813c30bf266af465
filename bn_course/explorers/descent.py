"""Contours of least squares and the path of gradient descent, raw inputs and prepared. (lesson 01)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from matplotlib.transforms import Affine2D

from bn_course.live import COLOURS, LivePlot, View, choice, player, slider, steps, title
from bn_course.live.style import MUTED
from bn_course.norms import standardize

STEPS = 60
EXAMPLES = 200
START = np.array([-0.8, 0.6])  # w − w* at the start, in both problems
LEVELS = np.array([0.2, 0.4, 0.6, 0.8, 1.0, 1.4, 2.0]) ** 2  # of the loss at the start
TARGET = 1e-6  # of the loss at the start
LONGEST = 10**6


@dataclass(frozen=True)
class Params:
    scale: float = 10.0
    mean: float = 1.0
    correlation: float = 0.0
    prepared: str = "standardised"
    share: float = 0.5
    step: int = STEPS
    seed: int = 0


@dataclass(frozen=True)
class Problem:
    """Least squares f(w) = ‖xw − t‖²/(2N) with t = x·w*, and gradient descent on it."""

    x: np.ndarray  # (N, 2)
    hessian: np.ndarray  # (2, 2), xᵀx/N
    limit: float  # 2/λmax
    condition: float  # λmax/λmin
    path: np.ndarray  # (STEPS + 1, 2), w − w*
    loss: np.ndarray  # (STEPS + 1,), as a share of the first
    steps_needed: int | None  # until the loss is a millionth; None when it never is


@dataclass(frozen=True)
class Result:
    params: Params
    raw: Problem
    prepared: Problem


def compute(params: Params) -> Result:
    """Both problems, with the same share of each one's own largest stable learning rate."""
    x = inputs(params.scale, params.mean, params.correlation, params.seed)
    ready = PREPARATIONS[params.prepared](x)
    return Result(params, solve(x, params.share), solve(ready, params.share))


@lru_cache(maxsize=64)
def inputs(scale: float, mean: float, correlation: float, seed: int) -> np.ndarray:
    """Two features of deviations 1 and `scale`, `mean` in units of those, correlated exactly so."""
    z = whiten(np.random.default_rng(seed).normal(size=(EXAMPLES, 2)))
    mixed = np.column_stack([z[:, 0], correlation * z[:, 0] + np.sqrt(1 - correlation**2) * z[:, 1]])
    return (mixed + mean) * [1.0, scale]


def whiten(x: np.ndarray) -> np.ndarray:
    """(x − μ)·C^(−1/2), C the covariance of x: every feature has variance 1, every two covariance 0."""
    centred = x - x.mean(axis=0)
    variances, directions = np.linalg.eigh(centred.T @ centred / len(x))
    return centred @ (directions / np.sqrt(variances)) @ directions.T


PREPARATIONS = {
    "divided by σ": lambda x: x / x.std(axis=0),
    "centred": lambda x: x - x.mean(axis=0),
    "standardised": lambda x: standardize(x, 0, eps=0),
    "whitened": whiten,
}


def solve(x: np.ndarray, share: float) -> Problem:
    """Descend from START with `share` of the largest stable learning rate."""
    hessian = x.T @ x / len(x)
    curvatures, directions = np.linalg.eigh(hessian)
    factors = 1 - share * 2 * curvatures / curvatures[-1]  # of the error along each direction, a step
    parts = directions.T @ START * factors ** np.arange(STEPS + 1)[:, None]
    weights = curvatures * (directions.T @ START) ** 2
    weights = weights / weights.sum()

    def loss(step):
        return weights @ factors ** (2 * step)

    return Problem(
        x,
        hessian,
        2 / curvatures[-1],
        curvatures[-1] / curvatures[0],
        parts @ directions.T,
        np.array([loss(step) for step in range(STEPS + 1)]),
        _first_step(loss) if abs(factors).max() < 1 else None,
    )


def _first_step(loss) -> int | None:
    """The first step at which a falling loss is below TARGET, found by halving."""
    low, high = 0, LONGEST
    if loss(high) > TARGET:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if loss(middle) <= TARGET else (middle, high)
    return high


def contours(hessian: np.ndarray) -> list[np.ndarray]:
    """The curves ½eᵀHe = level · ½e₀ᵀHe₀, each (2, 121): e = V·Λ^(−1/2)·r·(cos θ, sin θ)."""
    curvatures, directions = np.linalg.eigh(hessian)
    angle = np.linspace(0, 2 * np.pi, 121)
    circle = np.stack([np.cos(angle), np.sin(angle)])
    shape = directions / np.sqrt(curvatures) * np.sqrt(START @ hessian @ START)
    return [np.sqrt(level) * shape @ circle for level in LEVELS]


def verdict(problem: Problem, share: float) -> str:
    """How long it takes, in words."""
    if share > 1:
        return "diverges"
    if problem.steps_needed is None:
        return "does not settle"
    return f"{problem.steps_needed:,} step{'s' if problem.steps_needed > 1 else ''}".replace(",", " ")


def describe(result: Result) -> str:
    """The alternative text."""
    share, kind = result.params.share, result.params.prepared
    return (
        "Contours of a least-squares loss and the path of gradient descent at "
        f"{share:g} of the largest stable learning rate. Until the loss is a millionth: raw inputs "
        f"(condition number {result.raw.condition:.3g}), {verdict(result.raw, share)}; {kind} "
        f"(condition number {result.prepared.condition:.3g}), {verdict(result.prepared, share)}."
    )


class DescentView(View):
    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplot_mosaic(
            [["raw-x", "raw-w", "loss"], ["prepared-x", "prepared-w", "loss"]], width_ratios=[1, 1, 1.25]
        )
        self.rows = [_Row(self, axes, "raw"), _Row(self, axes, "prepared")]
        ax = axes["loss"]
        ax.set(xlim=(0, STEPS), ylim=(1e-8, 1e3), yscale="log", xlabel="step", ylabel="loss / first loss")
        title(ax, "Loss, step by step")
        (self.raw_loss,) = self.moving(ax.plot([], [], color=COLOURS["none"], label="raw"))
        (self.prepared_loss,) = self.moving(ax.plot([], [], color=COLOURS["batch"], label="prepared"))
        self.dots = [
            self.moving(ax.plot([], [], "o", color=c)[0]) for c in (COLOURS["none"], COLOURS["batch"])
        ]
        ax.legend(loc="lower left")

    def update(self, result):
        params = result.params
        every = np.arange(STEPS + 1)
        problems = (result.raw, result.prepared)
        for row, problem, name in zip(self.rows, problems, ("raw", params.prepared), strict=True):
            row.update(problem, name, params)
        for line, dot, problem in zip((self.raw_loss, self.prepared_loss), self.dots, problems, strict=True):
            line.set_data(every, np.clip(problem.loss, 1e-12, 1e9))
            dot.set_data([params.step], [np.clip(problem.loss[params.step], 1e-12, 1e9)])


class _Row:
    """The inputs of one problem, and its contours with the path."""

    def __init__(self, view: DescentView, axes, name: str):
        colour = COLOURS["none"] if name == "raw" else COLOURS["batch"]
        self._build_cloud(view, axes[f"{name}-x"], colour)
        ax = axes[f"{name}-w"]
        ax.set(aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), xlabel="error of weight 1")
        ax.set_ylabel("error of weight 2")
        ax.grid(False)
        self.verdict = view.moving(title(ax, ""))
        (self.contours,) = view.moving(ax.plot([], [], color=MUTED, linewidth=0.7, alpha=0.8))
        (self.path,) = view.moving(ax.plot([], [], "-o", color=colour, linewidth=1.2, markersize=2.5))
        (self.here,) = view.moving(ax.plot([], [], "o", color=colour, markersize=6))

    def _build_cloud(self, view: DescentView, ax, colour: str) -> None:
        """Its axes stand still; the numbers on them move, and the points are drawn to that scale."""
        ax.axhline(0, color=MUTED, linewidth=0.8)
        ax.axvline(0, color=MUTED, linewidth=0.8)
        ax.set(aspect="equal", xlim=(-1, 1), ylim=(-1, 1), xticks=[-0.5, 0, 0.5], yticks=[-0.5, 0, 0.5])
        ax.set(xticklabels=["", "0", ""], yticklabels=["−00", "0", ""])  # room for two digits
        ax.get_yticklabels()[0].set_alpha(0)
        ax.set(xlabel="feature 1", ylabel="feature 2")
        self.name = view.moving(title(ax, ""))
        style = {"textcoords": "offset points", "fontsize": 9, "annotation_clip": False}
        below = {"xytext": (0, -5.5), "ha": "center", "va": "top", **style}
        beside = {"xytext": (-5.5, 0), "ha": "right", "va": "center_baseline", **style}
        self.numbers = {
            side: view.moving(
                [ax.annotate("", (side / 2, -1), **below), ax.annotate("", (-1, side / 2), **beside)]
            )
            for side in (-1, 1)
        }
        self.scale = Affine2D()
        (self.points,) = view.moving(ax.plot([], [], "s", color=colour, ms=1.44, mew=0, aa=False))
        self.points.set_transform(self.scale + ax.transData)

    def update(self, problem: Problem, name: str, params: Params) -> None:
        reach = 2.0 ** np.ceil(np.log2(abs(problem.x).max()))
        self.scale.clear().scale(1 / reach)
        for side, numbers in self.numbers.items():
            for number in numbers:
                number.set_text(f"{side * reach / 2:g}".replace("-", "−"))
        self.points.set_data(*problem.x.T)
        self.name.set_text(name[:1].upper() + name[1:])
        self.verdict.set_text(f"κ = {problem.condition:.3g}: {verdict(problem, params.share)}")
        gap = np.full((2, 1), np.nan)
        self.contours.set_data(*np.hstack([np.hstack([c, gap]) for c in contours(problem.hessian)]))
        path = np.clip(problem.path[: params.step + 1], -1e6, 1e6)
        self.path.set_data(*path.T)
        self.here.set_data(*path[-1:].T)


class DescentExplorer(LivePlot):
    label = "Contours and the path of gradient descent"
    Params = Params
    View = DescentView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.6
    controls: ClassVar = {
        "scale": steps("deviation of feature 2 (feature 1: 1)", [1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0]),
        "mean": slider("mean of each feature, in its deviations", 0.0, 3.0, 0.25),
        "correlation": slider("correlation of the features", -0.9, 0.9, 0.1),
        "prepared": choice("second row", list(PREPARATIONS)),
        "share": slider("learning rate, as a share of the largest stable one", 0.05, 1.1, 0.05),
        "step": player("step", STEPS),
    }
