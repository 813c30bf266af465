"""The loss over two weights, with and without batch norm, and the path of a descent on each. (lesson 08)

The browser computes and draws it (`rays.js`); this is the oracle of its tests and its still picture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from bn_course.explorers.transform import number
from bn_course.live import COLOURS, BrowserPlot, View, log_slider, player, slider, steps, title
from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.live.style import INK

LAST = 40  # steps of descent
EXAMPLES = 64
HALF = 3.0  # both planes show −3 … 3
BOWL = [0.6 * k for k in range(1, 10)]  # level lines: distances from the minimum where C is the identity
RAYS = [0.1 * k for k in range(1, 10)]  # level lines: shares of the way from the least loss to the largest
LOST = 100.0  # a length from which on a descent counts as lost

Point = tuple[float, float]


@dataclass(frozen=True)
class Params:
    w1: float = -1.2
    w2: float = 0.2
    rate: float = 1.0
    decay: float = 0.0
    step: int = 2

    def __post_init__(self):
        if self.w1 == 0 and self.w2 == 0:
            raise ValueError("w = (0, 0) gives every example the same output, and its deviation 0")


@dataclass(frozen=True)
class Result:
    """Both descents from w = (w1, w2), entry 0 the start; `none` without batch norm, `batch` with it."""

    params: Params
    none: list[Point]  # LAST + 1
    batch: list[Point]  # LAST + 1
    losses: tuple[float, float]  # at the step shown, without and with batch norm
    slope: Point  # ∇L with batch norm at the step shown
    lengths: tuple[float, float, float]  # ‖w‖ with batch norm: at the start, at the step shown, and after it
    turn: float  # of the next step with batch norm, degrees


def examples() -> tuple[np.ndarray, np.ndarray]:
    """Inputs (64, 2) of mean 0, and targets (64,) of mean 0 and deviation 1; the same on every machine."""
    rng = np.random.default_rng(8)
    x = np.round(rng.normal(size=(EXAMPLES, 2)), 4) * [1.0, 0.7]
    x -= x.mean(axis=0)
    t = x @ [0.8, 0.9] + 0.3 * np.round(rng.normal(size=EXAMPLES), 4)
    return x, (t - t.mean()) / t.std()


def moments() -> dict[str, list]:
    """What the loss needs of the examples: C = xᵀx/N (c11, c12, c22), xᵀt/N, and what drawing needs.

    `best` is the bowl's minimum C⁻¹xᵀt/N, `fit` the largest correlation of x·w and t, and `back` = C^(−1/2)
    takes circles to ellipses of equal loss. Rounded, so that every machine and the browser agree.
    """
    x, t = examples()
    C, c = x.T @ x / EXAMPLES, x.T @ t / EXAMPLES
    values, vectors = np.linalg.eigh(C)
    back = vectors / np.sqrt(values) @ vectors.T
    best = back @ back @ c
    rounded = {"C": C[np.triu_indices(2)], "c": c, "best": best, "back": back, "fit": np.sqrt(c @ best)}
    return {name: np.round(value, 6).tolist() for name, value in rounded.items()}


DATA = moments()


def loss_and_slope(w: Point, batch_norm: bool) -> tuple[float, Point]:
    """L = mean (ŷ − t)²/2 over the examples, and ∇L.

    Without batch norm ŷ = x·w and L = wᵀCw/2 − c·w + 1/2. With it ŷ = x·w/s where s² = wᵀCw (x has mean
    0, and there is no ε), so L = 1 − c·w/s: the direction of w decides alone.
    """
    c11, c12, c22 = DATA["C"]
    c1, c2 = DATA["c"]
    u1, u2 = c11 * w[0] + c12 * w[1], c12 * w[0] + c22 * w[1]  # Cw
    square, along = w[0] * u1 + w[1] * u2, c1 * w[0] + c2 * w[1]
    if not batch_norm:
        return square / 2 - along + 0.5, (u1 - c1, u2 - c2)
    s = math.sqrt(square)
    share = along / square
    return 1 - along / s, ((share * u1 - c1) / s, (share * u2 - c2) / s)


def descend(params: Params, batch_norm: bool) -> list[Point]:
    """w ← (1 − ηλ)w − η∇L, LAST times; a descent that is lost stays where it was lost."""
    path = [(params.w1, params.w2)]
    for _ in range(LAST):
        w = path[-1]
        if math.sqrt(w[0] * w[0] + w[1] * w[1]) < LOST:
            slope = loss_and_slope(w, batch_norm)[1]
            w = tuple((1 - params.rate * params.decay) * w[i] - params.rate * slope[i] for i in (0, 1))
        path.append(w)
    return path


def compute(params: Params) -> Result:
    none, batch = (descend(params, norm) for norm in (False, True))
    at, step = batch[params.step], params.step
    loss, slope = loss_and_slope(at, True)
    shrunk = 1 - params.rate * params.decay
    after = tuple(shrunk * at[i] - params.rate * slope[i] for i in (0, 1))
    across = math.hypot(*slope) * params.rate
    return Result(
        params,
        none,
        batch,
        (loss_and_slope(none[step], False)[0], loss),
        slope,
        (math.hypot(*batch[0]), math.hypot(*at), math.hypot(*after)),
        math.degrees(math.atan2(across, shrunk * math.hypot(*at))),
    )


def sentence(result: Result) -> str:
    """What these settings show: the figure's title."""
    start, now, after = result.lengths
    if result.params.decay and now < start and after > 1.1 * now:
        return "Decay drew w in so far that a step turns it too much, and throws it out"
    if math.hypot(*result.none[result.params.step]) >= LOST and now >= start:
        return "Too large a rate for the bowl; on the rays w grows long and turns less"
    if result.params.decay and now < start:
        return "Decay draws w in along its ray: the same loss, and larger turns to come"
    if result.params.decay:
        return "Each turn lengthens w, and decay draws it in again"
    return "With batch norm each step stands at right angles to w, and lengthens it"


def describe(result: Result) -> str:
    """The figure in words, for readers who do not see it."""
    params, step = result.params, result.params.step
    places = [f"({number(w[0], 1)}, {number(w[1], 1)})" for w in (result.none[step], result.batch[step])]
    if math.hypot(*result.none[step]) >= LOST:
        places[0] = "far outside"
    start, now, _ = result.lengths
    return (
        f"The loss over two weights: a bowl without normalisation, and with batch norm the same all along "
        f"each ray from 0. {sentence(result)}. From ({number(params.w1, 1)}, {number(params.w2, 1)}) at rate "
        f"{params.rate:g} with decay {params.decay:g}, w is at step {step} {places[0]} in the bowl and "
        f"{places[1]} on the rays, where its length went from {number(start)} to {number(now)}, the loss is "
        f"{number(result.losses[1])} and the next step turns w by {number(result.turn, 1)}°."
    )


def arithmetic(result: Result) -> list[list[str]]:
    """The next step with batch norm: [what, in symbols, in numbers, result]."""
    params, (_, now, after) = result.params, result.lengths
    length, slope = number(now), number(math.hypot(*result.slope), 3)
    rate = f"{params.rate:g}"
    shrunk = number(1 - params.rate * params.decay, 3)
    return [
        [f"Before step {params.step + 1}", "‖w‖", "", length],
        ["Effective rate", "η / ‖w‖²", f"{rate} / {length}²", number(params.rate / now**2, 3)],
        [
            "Its turn",
            "arctan(η‖∇L‖ / (1 − ηλ)‖w‖)",
            f"arctan({rate} · {slope} / {shrunk} · {length})",
            f"{number(result.turn, 1)}°",
        ],
        ["After it", "‖w‖", "", number(after)],
    ]


def ellipse(radius: float) -> np.ndarray:
    """A closed curve of equal loss in the bowl, (73, 2): half of the radius squared above its least."""
    angles = np.radians(np.arange(0, 361, 5))
    return DATA["best"] + radius * np.stack([np.cos(angles), np.sin(angles)], 1) @ DATA["back"]


def wedge(share: float) -> np.ndarray:
    """Where the loss with batch norm is more than this share of the way up, from 0 to far outside, (50, 2).

    Its two edges are rays of equal loss.
    """
    down = np.linalg.solve(DATA["back"], DATA["best"])
    middle, half = math.atan2(down[1], down[0]), math.acos(1 - 2 * share)
    angles = np.linspace(middle + half, middle + 2 * math.pi - half, 49)
    arc = 9 * HALF * np.stack([np.cos(angles), np.sin(angles)], 1) @ DATA["back"]
    return np.insert(arc, 0, 0, axis=0)


class RaysView(View):
    """Two planes of weights: at the left the bowl, at the right the rays; paths, and the step that comes."""

    def __init__(self, fig):
        super().__init__(fig)
        self.heading = self.moving(fig.suptitle(" ", x=0.015, ha="left", weight="bold", fontsize=12))
        axes = fig.subplots(1, 2)
        self.paths, self.starts, self.ends = [], [], []
        for ax, norm, name in zip(
            axes, ("none", "batch"), ("Without: a bowl", "Batch norm: rays"), strict=True
        ):
            ticks = [-3, -2, -1, 0, 1, 2, 3]
            ax.set(xlim=(-HALF, HALF), ylim=(-HALF, HALF), aspect="equal", xticks=ticks, yticks=ticks)
            ax.set(xlabel="w₁", ylabel="w₂")
            ax.grid(visible=False)
            title(ax, name)
            self._ground(ax, norm)
            self.paths.append(self.moving(ax.plot([], [], "o-", color=INK, ms=3, lw=1.2)[0]))
            self.starts.append(self.moving(ax.plot([], [], "o", mfc="white", mec=INK, ms=9)[0]))
            self.ends.append(self.moving(ax.plot([], [], "o", color=INK, ms=7)[0]))
        dashes = {"color": INK, "lw": 1, "ls": (0, (3, 3))}
        self.ring = self.moving(axes[1].plot([], [], **dashes)[0])
        self.arm = self.moving(axes[1].plot([], [], color=INK, lw=2)[0])
        self.next = self.moving(axes[1].plot([], [], color=COLOURS["none"], lw=2.4)[0])

    def _ground(self, ax, norm):
        """Level lines, and a shade over what lies above each."""
        far = 3 * HALF * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]])
        lines = [ellipse(radius) for radius in BOWL] if norm == "none" else [wedge(share) for share in RAYS]
        for line in lines:
            above = np.concatenate([far, line[::-1], far[:1]]) if norm == "none" else line
            ax.fill(*above.T, color=COLOURS[norm], alpha=0.09, lw=0)
            ax.plot(*line.T, color=COLOURS[norm], alpha=0.6, lw=0.7)

    def update(self, result):
        step = result.params.step
        self.heading.set_text(sentence(result))
        for i, path in enumerate((result.none, result.batch)):
            self.paths[i].set_data(*np.transpose(path[: step + 1]))
            self.starts[i].set_data(*np.transpose(path[:1]))
            self.ends[i].set_data(*np.transpose(path[step : step + 1]))
        at = np.array(result.batch[step])
        across = at - result.params.rate * np.array(result.slope)
        after = across - result.params.rate * result.params.decay * at
        around = np.radians(np.arange(0, 361, 5))
        self.ring.set_data(*(result.lengths[1] * np.stack([np.cos(around), np.sin(around)])))
        self.arm.set_data(*np.transpose([(0, 0), at]))
        self.next.set_data(*np.transpose([at, across, after]))


class RaysExplorer(BrowserPlot):
    """Descent over two weights, to be dragged: in a bowl, and on batch norm's rays."""

    label = "The loss over two weights"
    Params = Params
    View = RaysView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.0
    controls: ClassVar = {
        "w1": slider("start w₁", -2.8, 2.8, 0.1),
        "w2": slider("start w₂", -2.8, 2.8, 0.1),
        "rate": log_slider("learning rate η", 0.1, 10, 4),
        "decay": steps("weight decay λ", [0.0, 0.005, 0.01, 0.02, 0.05]),
        "step": player("step", LAST, interval=250),
    }
    _esm = module_text(Path(__file__).with_suffix(".js"))
    _css = SHELL_CSS + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

    def shared(self):
        return DATA
