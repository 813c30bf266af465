"""A trained network in other light, with statistics of the source, of the batch, or adapted. (lesson 13)"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar, NamedTuple

import numpy as np

from bn_course.live import COLOURS, LivePlot, View, slider, steps, switch, title
from bn_course.live.style import INK, MUTED

SAMPLES = 3  # digits that are shown
WAYS = ("source", "batch", "adapted")
NAMES = ("of the source", "of each test batch", "adapted")
MEANS, DEVIATIONS = (-6, 6), (0.05, 8)  # what the panel of units shows; beyond lies on its edge


@dataclass(frozen=True)
class Params:
    contrast: float = 0.3
    brightness: float = 0.0
    noise: float = 0.0
    inverted: bool = False
    count: int = 64
    seed: int = 0


@dataclass(frozen=True)
class Result:
    params: Params
    images: np.ndarray  # (SAMPLES, 8, 8), as the network meets them
    accuracy: dict[str, float]  # in per cent, with the statistics of each of WAYS
    # For "source" and "adapted": mean and deviation of x̂ of each unit of the first layer, (2, units).
    units: dict[str, np.ndarray]


class Norm(NamedTuple):
    """One linear layer and the batch norm behind it."""

    weight: np.ndarray  # (out, in)
    gamma: np.ndarray
    beta: np.ndarray
    mean: np.ndarray
    var: np.ndarray
    eps: float


class Network(NamedTuple):
    norms: tuple[Norm, ...]
    weight: np.ndarray
    bias: np.ndarray


def compute(params: Params) -> Result:
    """Change the digits, and let the network name them with three kinds of statistics."""
    network, (target, _), (test, labels) = trained(params.seed), *pictures()
    rng = np.random.default_rng(params.seed)
    seen = changed(test, params, rng)
    own = changed(target[: params.count], params, rng)
    adapted = statistics_of(network, own)
    scores = {
        "source": forward(network, seen),
        "batch": np.concatenate([forward(network, part, None) for part in batches(seen, params.count)]),
        "adapted": forward(network, seen, adapted),
    }
    right = {way: 100 * float(np.mean(score.argmax(1) == labels)) for way, score in scores.items()}
    first = network.norms[0]
    z = seen @ first.weight.T
    stored = {"source": (first.mean, first.var), "adapted": adapted[0]}
    units = {}
    for way, (mean, var) in stored.items():
        x_hat = (z - mean) / np.sqrt(var + first.eps)
        units[way] = np.array([x_hat.mean(0), x_hat.std(0)])
    return Result(params, seen[:SAMPLES].reshape(-1, 8, 8), right, units)


def changed(x: np.ndarray, params: Params, rng: np.random.Generator) -> np.ndarray:
    """Digits (N, 64) as another camera would take them; the darkest pixel is the zero of light."""
    dark, light = (edge(pictures()[0][0]) for edge in (np.min, np.max))
    x = dark + light - x if params.inverted else x
    x = dark + params.contrast * (x - dark) + params.brightness
    return x + params.noise * rng.normal(size=x.shape)


def batches(x: np.ndarray, size: int) -> list[np.ndarray]:
    """Consecutive batches; a last, smaller one goes to the one before it."""
    return np.split(x, range(size, len(x) - size + 1, size))


STORED = object()


def forward(network: Network, x: np.ndarray, statistics=STORED) -> np.ndarray:
    """Scores (N, classes), with stored statistics, given ones, or, where None, those of the batch x."""
    for number, norm in enumerate(network.norms):
        z = x @ norm.weight.T
        if statistics is STORED:
            mean, var = norm.mean, norm.var
        else:
            mean, var = (z.mean(0), z.var(0)) if statistics is None else statistics[number]
        x = np.maximum(norm.gamma * (z - mean) / np.sqrt(var + norm.eps) + norm.beta, 0)
    return x @ network.weight.T + network.bias


def statistics_of(network: Network, x: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Mean and variance of each norm's input for the batch x, the layers below normalised likewise."""
    found = []
    for norm in network.norms:
        z = x @ norm.weight.T
        found.append((z.mean(0), z.var(0)))
        x_hat = (z - found[-1][0]) / np.sqrt(found[-1][1] + norm.eps)
        x = np.maximum(norm.gamma * x_hat + norm.beta, 0)
    return found


@lru_cache
def pictures():
    """(images, labels) of the training part and of the test part, float64."""
    from bn_course.nets import digits

    data = digits()
    return tuple((part.x.double().numpy(), part.y.numpy()) for part in (data.train, data.test))


@lru_cache(maxsize=4)
def trained(seed: int) -> Network:
    """A ReLU MLP 2×64 with batch norm, trained on the digits in float64 for 150 steps: 0.3 s."""
    import torch

    from bn_course.nets import Split, digits, initialise, mlp, seeded, train

    data = digits()
    parts = {name: Split(part.x.double(), part.y) for name, part in zip(_PARTS, data.parts, strict=True)}
    with seeded(seed):
        model = initialise(mlp([64, 64, 64, 10]), "he").double()
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    train(model, replace(data, **parts), optimiser, steps=150, every=150, seed=seed)
    *hidden, last = model.eval()
    norms = tuple(
        Norm(*(_array(t) for t in (linear.weight, n.weight, n.bias, n.running_mean, n.running_var)), n.eps)
        for linear, n in zip(hidden[::3], hidden[1::3], strict=True)
    )
    return Network(norms, _array(last.weight), _array(last.bias))


_PARTS = ("train", "validation", "test")


def _array(tensor) -> np.ndarray:
    return tensor.detach().numpy()


def describe(result: Result) -> str:
    """The alternative text."""
    p, right = result.params, result.accuracy
    return (
        f"Digits at {p.contrast:g} of the contrast, brightness {p.brightness:+g}, noise {p.noise:g}"
        f"{', inverted' if p.inverted else ''}. Named right with the statistics of the source: "
        f"{right['source']:.0f} %; of each batch of {p.count} test images: {right['batch']:.0f} %; adapted "
        f"to {p.count} images: {right['adapted']:.0f} %."
    )


class ShiftView(View):
    def __init__(self, fig):
        super().__init__(fig)
        grid = fig.add_gridspec(2, 4, height_ratios=[1, 1.35], width_ratios=[1, 1, 1, 1.5])
        dark, light = (edge(pictures()[0][0]) for edge in (np.min, np.max))
        self.images = []
        for column in range(SAMPLES):
            ax = fig.add_subplot(grid[0, column])
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
            ax.set_aspect("equal")
            ax.invert_yaxis()
            image = ax.pcolormesh(np.zeros((8, 8)), cmap="gray", vmin=dark - 1, vmax=light + 1)
            self.images.append(self.moving(image))
            if column == 0:
                title(ax, "What the network meets")
        bars = fig.add_subplot(grid[1, :3])
        bars.set(xlim=(0, 100), ylim=(2.6, -0.6), xlabel="named right, %", yticks=range(3))
        bars.set_yticklabels(NAMES)
        colours = (MUTED, "#56B4E9", COLOURS["batch"])
        self.bars = self.moving(bars.barh(range(3), [0, 0, 0], color=colours, height=0.6))
        self.labels = [self.moving(bars.text(0, i, "", va="center", fontsize=9)) for i in range(3)]
        self.title = self.moving(title(bars, ""))
        units = fig.add_subplot(grid[:, 3])
        units.set(xlim=MEANS, ylim=DEVIATIONS, yscale="log", xlabel="mean of x̂", ylabel="deviation of x̂")
        units.set(yticks=[0.1, 0.3, 1, 3], yticklabels=["0.1", "0.3", "1", "3"], xticks=[-5, 0, 5])
        units.minorticks_off()
        units.axhline(1, color=INK, lw=1, ls=":")
        units.axvline(0, color=INK, lw=1, ls=":")
        self.dots = {}
        for way, colour in (("source", MUTED), ("adapted", COLOURS["batch"])):
            (self.dots[way],) = self.moving(
                units.plot([], [], "o", color=colour, ms=3.5, alpha=0.7, clip_on=False)
            )
        for y, text, colour in ((0.135, "source", MUTED), (0.09, "adapted", COLOURS["batch"])):
            units.text(5.6, y, text, color=colour, ha="right", fontsize=9)
        title(units, "64 hidden units")

    def update(self, result):
        for image, picture in zip(self.images, result.images, strict=True):
            image.set_array(picture)
        for bar, label, way in zip(self.bars, self.labels, WAYS, strict=True):
            value = result.accuracy[way]
            bar.set_width(value)
            label.set(text=f"{value:.0f} %", x=value + 1.5 if value < 85 else value - 1.5)
            label.set(ha="left" if value < 85 else "right", color=INK if value < 85 else "white")
        for way, dots in self.dots.items():
            mean, deviation = result.units[way]
            dots.set_data(np.clip(mean, *MEANS), np.clip(deviation, *DEVIATIONS))
        self.title.set_text(_sentence(result))


def _sentence(result: Result) -> str:
    source, adapted = result.accuracy["source"], result.accuracy["adapted"]
    if source > 95:
        return "The source's statistics still do"
    if adapted > 95:
        return "Adapted statistics bring it back"
    gained = adapted - source
    return "Adapting helps in part" if gained > 5 else "Adapting does not help"


class ShiftExplorer(LivePlot):
    label = "Another camera"
    Params = Params
    View = ShiftView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    needs_torch = True
    height = 4.4
    controls: ClassVar = {
        "contrast": steps("contrast", [0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0]),
        "brightness": slider("brightness", -2.0, 2.0, 0.5),
        "noise": slider("noise", 0.0, 2.0, 0.25),
        "inverted": switch("inverted"),
        "count": steps("images for the statistics", [2, 4, 8, 16, 32, 64, 128, 256]),
    }
