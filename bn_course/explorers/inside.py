"""Inside a net while it learns: what enters each activation, and which units are dead. (lessons 01, 07)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar, NamedTuple

import numpy as np
from matplotlib.colors import to_rgb

from bn_course.explorers.signals import ACTIVATIONS, STEEPEST
from bn_course.live import COLOURS, LivePlot, View, choice, player, steps, switch, title
from bn_course.live.style import INK, MUTED
from bn_course.norms import batch_norm, batch_norm_backward

LAST = 60  # training steps
EXAMPLES, BATCH = 256, 64
INPUTS, WIDTH, DEPTH, CLASSES = 8, 32, 6, 4
EDGES = np.linspace(-5, 5, 51)
HUGE = 1e6  # a pre-activation from which on a run counts as diverged
DIGITS = 7  # of a parameter: rounded at each step, so that every machine walks the same way
FLAT = "#B8B8B8"


@dataclass(frozen=True)
class Params:
    activation: str = "ReLU"
    rate: float = 1.0
    scale: float = 1.0  # 1: deviation √(2/n) of the weights with ReLU, √(1/n) with the others
    batch_norm: bool = False
    step: int = 30
    seed: int = 0


class Net(NamedTuple):
    """Hidden layers h ← activation(a), a = γ·standardised(hW) + β with batch norm, hW + β without."""

    weights: list[np.ndarray]  # DEPTH + 1, the last gives the scores
    gammas: list[np.ndarray]  # DEPTH
    betas: list[np.ndarray]  # DEPTH + 1


@dataclass(frozen=True)
class Story:
    """What is seen of all EXAMPLES before each step; after `end` a diverged run stays as it was."""

    losses: np.ndarray  # (LAST + 1,), cross-entropy, nats
    histograms: np.ndarray  # (LAST + 1, DEPTH, bins), heights 0 … 1; values beyond ±5 count at the ends
    live: np.ndarray  # (LAST + 1, DEPTH, WIDTH), share of the examples for which a unit is not flat
    between: np.ndarray  # (LAST + 1, DEPTH), deviation over the examples, root mean square over the units
    end: int  # the last step that was finite


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


def examples() -> tuple[np.ndarray, np.ndarray]:
    """Inputs (256, 8), and one of four classes for each, by another net; the same on every machine."""
    rng = np.random.default_rng(0)
    x = np.round(rng.normal(size=(EXAMPLES, INPUTS)), 4)
    hidden, out = rng.normal(size=(INPUTS, 24)) / np.sqrt(INPUTS), rng.normal(size=(24, CLASSES))
    return x, (np.tanh(2 * x @ hidden) @ out).argmax(axis=1)


def begin(activation: str, scale: float, seed: int) -> Net:
    rng = np.random.default_rng(seed)
    sizes = [INPUTS] + [WIDTH] * DEPTH + [CLASSES]
    gain = scale * np.sqrt(2 if activation == "ReLU" else 1)
    weights = [np.round(gain / np.sqrt(n) * rng.normal(size=(n, m)), DIGITS) for n, m in pairwise(sizes)]
    return Net(weights, [np.ones(WIDTH)] * DEPTH, [np.zeros(size) for size in sizes[1:]])


def forward(net: Net, x: np.ndarray, activation: str, normed: bool):
    """Sums (N, WIDTH), pre-activations and outputs of each hidden layer (the input first), and scores."""
    sums, pre, outputs = [], [], [x]
    for weight, gamma, beta in zip(net.weights, net.gammas, net.betas, strict=False):
        sums.append(outputs[-1] @ weight)
        pre.append(batch_norm(sums[-1], gamma, beta) if normed else sums[-1] + beta)
        outputs.append(ACTIVATIONS[activation][0](pre[-1]))
    return sums, pre, outputs, outputs[-1] @ net.weights[-1] + net.betas[-1]


def loss_and_error(scores: np.ndarray, classes: np.ndarray) -> tuple[float, np.ndarray]:
    """Mean cross-entropy in nats, and its gradient at the scores (N, CLASSES)."""
    scores = scores - scores.max(axis=1, keepdims=True)
    logs = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    own = np.eye(CLASSES)[classes]
    return float(-(own * logs).sum() / len(own)), (np.exp(logs) - own) / len(own)


def gradients(net: Net, x: np.ndarray, classes: np.ndarray, activation: str, normed: bool) -> Net:
    """∂loss/∂ every parameter, arranged as they are."""
    sums, _, outputs, scores = forward(net, x, activation, normed)
    error = loss_and_error(scores, classes)[1]
    weights, gammas, betas = [outputs[-1].T @ error], [], [error.sum(axis=0)]
    for layer in range(DEPTH - 1, -1, -1):
        error = error @ net.weights[layer + 1].T * ACTIVATIONS[activation][1](outputs[layer + 1])
        dgamma, dbeta = np.zeros(WIDTH), error.sum(axis=0)
        if normed:
            error, dgamma, dbeta = batch_norm_backward(error, sums[layer], net.gammas[layer])
        weights.append(outputs[layer].T @ error)
        gammas.append(dgamma)
        betas.append(dbeta)
    return Net(weights[::-1], gammas[::-1], betas[::-1])


@lru_cache(maxsize=64)
def train(activation: str, rate: float, scale: float, normed: bool, seed: int) -> Story:
    """Plain SGD on batches of 64, and a look at all examples before each step."""
    (x, classes), net, looks = examples(), begin(activation, scale, seed), []
    rng = np.random.default_rng(seed)
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(LAST + 1):
            _, pre, outputs, scores = forward(net, x, activation, normed)
            if not np.abs(pre).max() < HUGE:
                break
            loss = loss_and_error(scores, classes)[0]
            looks.append(
                (
                    loss,
                    *zip(
                        *(_look(a, h, activation) for a, h in zip(pre, outputs[1:], strict=True)), strict=True
                    ),
                )
            )
            rows = rng.permutation(EXAMPLES)[:BATCH]
            slopes = gradients(net, x[rows], classes[rows], activation, normed)
            net = Net(
                *(
                    [np.round(p - rate * g, DIGITS) for p, g in zip(*pair, strict=True)]
                    for pair in zip(net, slopes, strict=True)
                )
            )
    end = len(looks) - 1
    looks += looks[-1:] * (LAST - end)
    return Story(*(np.array(part) for part in zip(*looks, strict=True)), end)


def _look(a: np.ndarray, h: np.ndarray, activation: str):
    """Of one layer: its histogram, the live share of each unit, the deviation between the examples."""
    counts = np.histogram(np.clip(a, EDGES[0], EDGES[-1]), EDGES)[0]
    heights = np.minimum(counts / max(1, counts[1:-1].max()), 1)
    slopes = ACTIVATIONS[activation][1](h)
    live = (slopes >= 0.1 * STEEPEST[activation]).mean(axis=0)
    return heights, live, np.sqrt(a.var(axis=0).mean())


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
        title(losses, "Loss (dotted: guess)")
        losses.axhline(np.log(CLASSES), color=MUTED, lw=1, ls=":")
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
