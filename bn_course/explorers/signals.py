"""What becomes of a signal, and of its gradient, in a deep net at initialisation. (lesson 01)"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, choice, slider, steps, switch, title
from bn_course.live.style import INK, MUTED
from bn_course.norms import batch_norm, batch_norm_backward

EXAMPLES = 256
WIDTH = 64
DEEPEST = 20
EDGES = np.linspace(-3, 3, 61)
SMALLEST, LARGEST = 1e-9, 1e9  # what the second panel shows


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


# Each activation, and its derivative as a function of what came out.
ACTIVATIONS = {
    "ReLU": (lambda a: np.maximum(a, 0), lambda h: (h > 0).astype(float)),
    "tanh": (np.tanh, lambda h: 1 - h**2),
    "sigmoid": (sigmoid, lambda h: h * (1 - h)),
    "none": (lambda a: a, np.ones_like),
}
STEEPEST = {"ReLU": 1.0, "tanh": 1.0, "sigmoid": 0.25, "none": 1.0}  # slope


@dataclass(frozen=True)
class Params:
    depth: int = 10
    gain: float = 1.0
    activation: str = "ReLU"
    batch_norm: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Result:
    params: Params
    layers: list[np.ndarray]  # the input and the output of every layer, each (EXAMPLES, WIDTH)
    stds: np.ndarray  # (depth + 1,), over all entries, the input first
    between: np.ndarray  # (depth + 1,), over the examples within a feature, root mean square over features
    gradients: np.ndarray  # (depth + 1,), root mean square of ∂L/∂h, the input first, 1 at the output
    flat: float  # share of the last layer's entries where the slope is below a tenth of the steepest
    histograms: np.ndarray  # (depth + 1, bins), heights from 0 to 1; values beyond ±3 count at the ends


@lru_cache(maxsize=4)
def draws(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The input, a weight matrix of unit variance for each layer, and ∂L/∂h at the output."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(EXAMPLES, WIDTH))
    return x, rng.normal(size=(DEEPEST, WIDTH, WIDTH)), rng.normal(size=(EXAMPLES, WIDTH))


def compute(params: Params) -> Result:
    """Layers h ← activation(h @ W), entries of W with the deviation gain/√WIDTH; then the gradient back."""
    x, weights, upstream = draws(params.seed)
    weights = weights[: params.depth] * params.gain / np.sqrt(WIDTH)
    activate, slope = ACTIVATIONS[params.activation]
    ones, zeros = np.ones(WIDTH), np.zeros(WIDTH)
    layers, inputs = [x], []
    for weight in weights:
        inputs.append(layers[-1] @ weight)
        a = batch_norm(inputs[-1], ones, zeros) if params.batch_norm else inputs[-1]
        layers.append(activate(a))
    gradient = upstream / np.sqrt((upstream**2).mean())
    gradients = [1.0]
    for weight, a, h in zip(weights[::-1], inputs[::-1], layers[:0:-1], strict=True):
        da = gradient * slope(h)
        da = batch_norm_backward(da, a, ones)[0] if params.batch_norm else da
        gradient = da @ weight.T
        gradients.append(np.sqrt((gradient**2).mean()))
    return Result(
        params,
        layers,
        np.array([h.std() for h in layers]),
        np.array([np.sqrt(h.var(axis=0).mean()) for h in layers]),
        np.array(gradients[::-1]),
        float((slope(layers[-1]) < 0.1 * STEEPEST[params.activation]).mean()),
        np.array([_histogram(h) for h in layers]),
    )


def _histogram(h: np.ndarray) -> np.ndarray:
    """Bars relative to the second highest; the highest is cut there, or ReLU's zeros would dwarf the rest."""
    counts = np.histogram(np.clip(h, EDGES[0], EDGES[-1]), EDGES)[0]
    second, highest = np.sort(counts)[-2:]
    return np.minimum(counts / (second or highest), 1.0)


def verdict(result: Result) -> str:
    """What became of the signal, in a few words."""
    if result.stds[-1] < 0.02:
        return "The signal vanishes"
    if result.stds[-1] > 50:
        return "The signal explodes"
    if result.params.activation in ("tanh", "sigmoid") and result.flat > 0.5:
        return f"The activation saturates, at {result.flat:.0%}"
    if result.between[-1] < 0.1 * result.stds[-1]:
        return "The examples become alike"
    return "The signal survives"


def describe(result: Result) -> str:
    """The alternative text."""
    p = result.params
    norm = "with batch norm" if p.batch_norm else "without normalisation"
    activation = "no activation" if p.activation == "none" else p.activation
    return (
        f"Histograms of {p.depth} layers with {activation}, initial scale {p.gain:.3g}, {norm}. "
        f"{verdict(result)}. At the last layer the deviation of all entries is {result.stds[-1]:.2g}, "
        f"and within a feature, between the examples, {result.between[-1]:.2g}; the gradient at the "
        f"input is {result.gradients[0]:.2g} times that at the output."
    )


class SignalsView(View):
    def __init__(self, fig):
        super().__init__(fig)
        rows, lines = fig.subplots(1, 2, width_ratios=[1, 1.15])
        rows.set(xlim=(-3, 3), ylim=(DEEPEST + 0.4, -1.2), yticks=[0, 5, 10, 15, 20])
        rows.set(xlabel="output, beyond ±3 at the ends (dimensionless)", ylabel="layer (0: the input)")
        rows.grid(axis="y", visible=False)
        self.verdict = self.moving(title(rows, ""))
        empty = np.zeros(len(EDGES) - 1)
        self.patches = [
            self.moving(rows.stairs(empty + i, EDGES, baseline=i, fill=True, alpha=0.85, linewidth=0))
            for i in range(DEEPEST + 1)
        ]
        lines.set(xlim=(0, DEEPEST), ylim=(SMALLEST, LARGEST), yscale="log", xticks=[0, 5, 10, 15, 20])
        lines.set(xlabel="layer (0: the input)", ylabel="size (dimensionless)")
        title(lines, "Signal forward, gradient back")
        (self.stds,) = self.moving(lines.plot([], [], "-o", markersize=3, label="deviation of all entries"))
        (self.between,) = self.moving(lines.plot([], [], ":", color=INK, label="deviation between examples"))
        (self.gradients,) = self.moving(lines.plot([], [], "--", color=MUTED, label="gradient (output: 1)"))
        (self.key, *_) = lines.legend(loc="upper left").get_lines()

    def update(self, result):
        colour = COLOURS["batch" if result.params.batch_norm else "none"]
        for i, patch in enumerate(self.patches):
            patch.set_visible(i <= result.params.depth)
            if i <= result.params.depth:
                patch.set_data(i - 0.9 * result.histograms[i], EDGES, np.full(len(EDGES) - 1, float(i)))
                patch.set_facecolor(colour if i else MUTED)
        every = np.arange(result.params.depth + 1)
        for line, values in (
            (self.stds, result.stds),
            (self.between, result.between),
            (self.gradients, result.gradients),
        ):
            line.set_data(every, np.clip(values, SMALLEST / 10, LARGEST * 10))
        self.stds.set_color(colour)
        if self.key.get_color() != colour:  # it stands still: what does is drawn anew
            self.key.set_color(colour)
        self.verdict.set_text(verdict(result))


class SignalsExplorer(LivePlot):
    label = "Signals through a deep net"
    Params = Params
    View = SignalsView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 4.4
    controls: ClassVar = {
        "depth": slider("layers", 1, DEEPEST, 1),
        "gain": steps(
            "initial scale (weights’ deviation × √width)",
            {
                "0.1": 0.1,
                "0.5": 0.5,
                "0.8": 0.8,
                "1 (Glorot)": 1.0,
                "1.2": 1.2,
                "√2 (He)": 2**0.5,
                "1.6": 1.6,
                "2": 2.0,
                "4": 4.0,
                "10": 10.0,
            },
        ),
        "activation": choice("activation", list(ACTIVATIONS)),
        "batch_norm": switch("batch norm before each activation"),
    }
