"""Where x̂ can be: at right angles to 1, √N from the middle. (lessons 02, 03 and 10)

The browser computes and draws it (`sphere.js`); this is the oracle of its tests and its still picture.
A batch of N numbers is one arrow of N entries; `oblique.py` puts it on the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import ClassVar

import numpy as np
from matplotlib.patches import FancyArrowPatch

from bn_course.explorers.oblique import circle, depth, on_page
from bn_course.explorers.transform import number
from bn_course.live import COLOURS, BrowserPlot, View, choice, slider, steps
from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.live.style import INK, MUTED
from bn_course.norms import standardize, standardize_backward, statistics

HERE = Path(__file__)

SHELLS = {2: "two points, √2 from the middle", 3: "a circle of radius √3", 4: "a sphere of radius 2"}
ROOTS = {1: "1", 2: "√2", 3: "√3", 4: "2"}

CONTROLS = {
    "N": choice("batch size N", [2, 3, 4]),
    "shift": slider("add to all", -1.5, 1.5, 0.1),
    "scale": slider("times all", 0.1, 2.0, 0.1),
    "eps": steps("ε", [0, 0.01, 0.1, 0.3, 1, 3, 10]),
    "x1": slider("example 1", -6.0, 6.0, 0.1),
    "x2": slider("example 2", -6.0, 6.0, 0.1),
    "x3": slider("example 3", -6.0, 6.0, 0.1),
    "x4": slider("example 4", -6.0, 6.0, 0.1),
    "turn": slider("turn (degrees)", 0, 350, 10),
}


@dataclass(frozen=True)
class Params:
    """A batch x = shift + scale · (x1, …), and from where one looks."""

    N: int = 4
    shift: float = 0.0
    scale: float = 1.0
    eps: float = 0.0
    x1: float = 0.8
    x2: float = 2.0
    x3: float = -1.6
    x4: float = 0.4
    turn: int = 60
    gradient: bool = False  # whether a loss L = x̂₁ sends its gradient back


@dataclass(frozen=True)
class Result:
    params: Params
    x: np.ndarray  # (N,)
    mean: float
    var: float
    x_hat: np.ndarray  # (N,)
    dx_hat: np.ndarray  # (N,): 1 for the first example, 0 for the others
    left: np.ndarray  # (N,): √(σ² + ε)·dx, what is left of dx̂
    dx: np.ndarray  # (N,)
    places: dict[str, np.ndarray]  # on the page, (2,) or (N, 2), in radii of the shell
    behind: bool  # whether x̂ lies on the far side of the sphere

    @property
    def shrink(self) -> float:
        """|x̂| / √N: √(σ²/(σ² + ε)), 1 for ε = 0."""
        return math.sqrt(self.var / (self.var + self.params.eps))

    @property
    def farthest(self) -> int:
        """Which example is farthest from the mean, from 0."""
        return int(np.argmax(abs(self.x_hat)))


def compute(params: Params) -> Result:
    """x̂ and dx by the course's own functions; raises ValueError for 0/0."""
    N = params.N
    x = params.shift + params.scale * np.array([params.x1, params.x2, params.x3, params.x4][:N])
    if params.eps == 0 and np.ptp(x) == 0:
        raise ValueError(f"All {N} are the same: with ε = 0, x̂ would be 0/0")
    mean, var = (float(value[0]) for value in statistics(x, axes=0))
    x_hat = standardize(x, axes=0, eps=params.eps)
    dx_hat = np.eye(N)[0]
    left = standardize_backward(dx_hat, x_hat, np.ones(1), axes=0)
    ends = {
        "x": x,
        "centred": x - mean,
        "x_hat": x_hat,
        "shell": (x - mean) / math.sqrt(var) if var else 0 * x,  # where ε = 0 would put x̂
        "one": np.full(N, 1.7) if N < 4 else np.zeros(N),
        "arrives": x_hat + dx_hat,
        "without_mean": x_hat + dx_hat - 1 / N,
        "leaves": x_hat + left,
        "farthest": farthest_points(N),
    }
    places = {name: on_page(end, params.turn) / math.sqrt(N) for name, end in ends.items()}
    behind = N == 4 and bool(depth(x_hat, params.turn) > 1e-9)
    return Result(
        params, x, mean, var, x_hat, dx_hat, left, left / math.sqrt(var + params.eps), places, behind
    )


def farthest_points(N: int) -> np.ndarray:
    """(N, N): the x̂ of batches in which one example differs and the others are equal.

    Row i has √(N − 1) at i and −1/√(N − 1) elsewhere: no x̂ᵢ is larger (Samuelson 1968).
    """
    return (N * np.eye(N) - 1) / math.sqrt(N - 1)


def sentence(result: Result) -> str:
    """What these settings show: the figure's title."""
    p, N = result.params, result.params.N
    if result.shrink < 0.95:
        return f"ε pulls x̂ inside: it keeps {number(100 * result.shrink, 0)} % of the radius"
    if p.eps > 0:
        return f"x goes anywhere; x̂ stays just short of {SHELLS[N]}"
    if N == 2:
        if p.gradient:
            return "Two points have no direction between them: dx is zero"
        return "Two points are all there is: x̂ keeps one bit, which of the two is larger"
    example = result.farthest + 1
    if abs(result.x_hat).max() > math.sqrt(N - 1) - 1e-9:
        lost = ": a pull at it comes to nothing" if p.gradient and example == 1 else ""
        return f"Example {example} is as far out as it can get, at {ROOTS[N - 1]}{lost}"
    if p.gradient:
        along = {3: "circle", 4: "sphere"}[N]
        return f"dx lies along the {along}: no part of it along 1, none along x̂"
    return f"x goes anywhere; x̂ stays on {SHELLS[N]}"


def facts(result: Result) -> list[str]:
    """The two lengths that are limited."""
    N = result.params.N
    length, limit = (number(v) for v in (np.linalg.norm(result.x_hat), math.sqrt(N)))
    farthest, bound = (number(v) for v in (abs(result.x_hat).max(), math.sqrt(N - 1)))
    return [
        f"length of x̂: {length} of √{N} = {limit}",
        f"largest |x̂|: {farthest} of √({N} − 1) = {bound}",
    ]


def table(result: Result) -> list[list[str]]:
    """The numbers beside the picture, with a head row; dx̂ and dx where there is a gradient."""
    columns = {"x": result.x, "x̂": result.x_hat}
    if result.params.gradient:
        columns |= {"dx̂": result.dx_hat, "dx": result.dx}
    rows = [["example", *columns]]
    rows += [[str(i + 1), *map(number, row)] for i, row in enumerate(zip(*columns.values(), strict=True))]
    rows.append(["mean", *(number(column.mean()) for column in columns.values())])
    rows.append(["deviation", number(math.sqrt(result.var)), number(result.shrink)])
    if result.params.gradient:
        rows[-1] += ["", ""]
        rows.append(["Σ · x̂", "", *(number(c @ result.x_hat) for c in list(columns.values())[1:])])
    return rows


def describe(result: Result) -> str:
    """The figure in words, for readers who do not see it."""
    N = result.params.N
    entries = {name: ", ".join(map(number, getattr(result, name))) for name in ("x", "x_hat", "dx")}
    text = (
        f"{sentence(result)}. A batch of {N}, x = {entries['x']}, has mean {number(result.mean)} and "
        f"deviation {number(math.sqrt(result.var))}; x̂ = {entries['x_hat']}. {'; '.join(facts(result))}."
    )
    if result.params.gradient:
        text += (
            f" The gradient dx̂ pulls at example 1 alone; dx = {entries['dx']}, its sum is "
            f"{number(result.dx.sum())} and that of dx·x̂ {number(result.dx @ result.x_hat)}."
        )
    return text


SPHERE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 97)), np.sin(np.linspace(0, 2 * np.pi, 97))], axis=-1)


class SphereView(View):
    """The picture of a reader without a kernel: the shell at the left, the numbers at the right."""

    def __init__(self, fig):
        super().__init__(fig)
        fig.set_layout_engine("none")
        self.heading = self.moving(fig.text(0.015, 0.94, "", weight="bold", fontsize=12))
        ax = fig.add_axes((0, 0, 0.55, 0.92))
        ax.set(xlim=(-1.7, 1.7), ylim=(-1.2, 1.75))
        ax.axis("off")
        orange, blue = COLOURS["none"], COLOURS["batch"]
        self.disc = self.moving(ax.fill([], [], color=blue, alpha=0.07, lw=0)[0])
        styles = {
            "one": {"color": MUTED, "lw": 1},
            "edges": {"color": blue, "lw": 0.8, "alpha": 0.45},
            "ring": {"color": blue, "lw": 1.2, "alpha": 0.7},
            "rim": {"color": blue, "lw": 1.8},
            "thread": {"color": orange, "lw": 1.2, "ls": "--"},
            "ray": {"color": MUTED, "lw": 0.9},
            "legs": {"color": INK, "lw": 1, "ls": ":"},
            "shell": {"color": blue, "marker": "o", "mfc": "none", "ms": 8, "ls": ""},
            "x": {"color": orange, "marker": "o", "ms": 9, "ls": ""},
            "x_hat": {"color": blue, "marker": "o", "ms": 9, "ls": ""},
        }
        self.lines = {name: self.moving(ax.plot([], [], **style)[0]) for name, style in styles.items()}
        arrow = {"arrowstyle": "-|>", "mutation_scale": 13, "shrinkA": 0, "shrinkB": 0, "color": INK}
        self.arrows = {
            name: self.moving(ax.add_patch(FancyArrowPatch((0, 0), (1, 1), lw=lw, **arrow)))
            for name, lw in (("arrives", 1.1), ("leaves", 2.6))
        }
        self.labels = self.moving([ax.text(0, 0, "", ha="center", va="center", size=9.5) for _ in range(9)])
        small = {"va": "top", "linespacing": 1.7}
        self.columns = self.moving([fig.text(0, 0.8, "", ha="right", size=10, **small) for _ in range(5)])
        self.facts = self.moving(fig.text(0.6, 0.26, "", size=9.5, color=MUTED, **small))

    def update(self, result):
        at, N = result.places, result.params.N
        self.heading.set_text(sentence(result))
        ring = circle(N)
        rim = SPHERE if N == 4 else ring
        simplex = [at["farthest"][[i, j]] for i in range(N) for j in range(i)]
        gap = np.full((1, 2), np.nan)
        drawn = {
            "one": [at["one"], -at["one"]],
            "edges": np.vstack([np.vstack([edge, gap]) for edge in simplex]),
            "ring": ring,
            "rim": at["farthest"] if N == 2 else rim,
            "thread": [at["x"], at["centred"], at["x_hat"]],
            "ray": [0 * at["shell"], at["shell"]],
            "legs": [at[k] for k in ("arrives", "without_mean", "leaves")] if result.params.gradient else gap,
            "shell": [at["shell"]] if result.params.eps else gap,
            "x": [inside(at["x"])],
            "x_hat": [at["x_hat"]],
        }
        for name, points in drawn.items():
            self.lines[name].set_data(*np.transpose(points))
        self.lines["rim"].set(marker="o" if N == 2 else "", ls="" if N == 2 else "-")
        outside = bool((inside(at["x"]) != at["x"]).any())
        self.lines["x"].set_markerfacecolor("white" if outside else COLOURS["none"])
        self.lines["x_hat"].set_markerfacecolor("white" if result.behind else COLOURS["batch"])
        self.disc.set_xy(rim)
        for name, patch in self.arrows.items():
            patch.set_positions(tuple(at["x_hat"]), tuple(at[name]))
            patch.set_visible(result.params.gradient and np.linalg.norm(at[name] - at["x_hat"]) > 0.02)
        self._write(result)

    def _write(self, result):
        nothing = ("", (0, 0), INK)
        for text, (words, place, colour) in zip_longest(self.labels, labels(result), fillvalue=nothing):
            text.set(text=words, position=place, color=colour)
        columns = list(zip_longest(*table(result), fillvalue=""))
        for k, text in enumerate(self.columns):
            text.set_text("\n".join(columns[k]) if k < len(columns) else "")
            text.set_x(0.68 + k * (0.31 / (len(columns) - 1)))
        self.facts.set_text("\n".join(facts(result)))


def inside(place: np.ndarray) -> np.ndarray:
    """Where something is shown that may lie outside the picture."""
    return np.clip(place, [-1.6, -1.1], [1.6, 1.5])


def labels(result: Result) -> list[tuple[str, np.ndarray, str]]:
    """What is written into the picture: words, where, in which colour."""
    at, N = result.places, result.params.N
    blue, orange = COLOURS["batch"], COLOURS["none"]
    lift = (0, 0.15 if N == 2 else 0)
    found = [(f"x{'₁₂₃₄'[i]}", 1.15 * place + lift, blue) for i, place in enumerate(at["farthest"])]
    found.append(("x", np.add(inside(at["x"]), (0, 0.16)), orange))
    found.append(("x̂", at["x_hat"] - (0, 0.17), blue))
    if N < 4:
        found.append(("1 (all up)", at["one"] + (0.32, 0), MUTED))
    if result.params.gradient:
        apart = at["arrives"] - at["leaves"]
        apart = 0.13 * apart / np.linalg.norm(apart)
        found.append(("dx̂", at["arrives"] + apart, INK))
        if np.linalg.norm(at["leaves"] - at["x_hat"]) > 0.02:
            found.append(("dx", at["leaves"] - apart, INK))
    return found


class SphereExplorer(BrowserPlot):
    """A batch, and the shell on which its x̂ lies. `SphereExplorer(gradient=True)` sends a gradient back."""

    label = "The sphere on which x̂ lies"
    Params = Params
    View = SphereView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.7
    controls: ClassVar = CONTROLS
    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS + HERE.with_suffix(".css").read_text(encoding="utf-8")

    def shared(self):
        return {"gradient": self._given.gradient}
