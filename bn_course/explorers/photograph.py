"""The same picture through each norm: what of its light is left. (lesson 11)

The picture is drawn here, at three hours of a day, so that no photograph needs to be shipped.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course import norms
from bn_course.live import LivePlot, View, choice, slider, steps, title
from bn_course.live.style import INK, MUTED

HEIGHT, WIDTH = 72, 96  # pixels
HOURS = ("noon", "evening", "night")
CHANNELS = {"red": "#D55E00", "green": "#009E73", "blue": "#0072B2"}
SHOWN = 2.5  # deviations from grey to black and to white

LOST = {
    "batch": "Batch norm moves all three alike: what tells them apart is still there",
    "layer": "Layer norm takes each picture's brightness and contrast, and leaves its tint",
    "pointwise layer": "Pointwise layer norm takes light and shade, and leaves each pixel's hue",
    "instance": "Instance norm takes each picture's brightness, contrast and tint",
}


@dataclass(frozen=True)
class Params:
    norm: str = "group"
    num_groups: int = 3
    contrast: float = 1.0
    brightness: float = 0.0


@dataclass(frozen=True)
class Result:
    params: Params
    x: np.ndarray  # (3, 3, HEIGHT, WIDTH): hours, channels, rows, columns; 0 is black and 1 white
    y: np.ndarray  # the same, normalised

    @property
    def means(self) -> tuple[np.ndarray, np.ndarray]:
        """Of x and of y, for each picture and channel, (3, 3)."""
        return self.x.mean((2, 3)), self.y.mean((2, 3))

    @property
    def deviations(self) -> tuple[np.ndarray, np.ndarray]:
        return self.x.std((2, 3)), self.y.std((2, 3))


def compute(params: Params) -> Result:
    """The first picture's light is changed, then all three are normalised together, γ = 1 and β = 0.

    `group_norm` refuses two groups of three colours, in a sentence that the explorer shows.
    """
    x = scenes().copy()
    x[0] = 0.5 + params.contrast * (x[0] - 0.5) + params.brightness
    one, zero = np.ones(3), np.zeros(3)
    y = {
        "batch": lambda: norms.batch_norm(x, one, zero),
        "layer": lambda: norms.group_norm(x, one, zero, 1),
        "pointwise layer": lambda: norms.layer_norm(x.transpose(0, 2, 3, 1), one, zero).transpose(0, 3, 1, 2),
        "instance": lambda: norms.instance_norm(x, one, zero),
        "group": lambda: norms.group_norm(x, one, zero, params.num_groups),
    }[params.norm]()
    return Result(params, x, y)


@lru_cache
def scenes() -> np.ndarray:
    """A house by a lake at noon, in the evening and at night: (3, 3, HEIGHT, WIDTH), from 0 to 1."""
    light = np.array([(1.0, 1.0, 0.97), (0.85, 0.5, 0.33), (0.16, 0.2, 0.32)])
    top = np.array([(0.3, 0.55, 0.9), (0.3, 0.25, 0.5), (0.02, 0.03, 0.1)])
    horizon = np.array([(0.78, 0.9, 1.0), (1.0, 0.62, 0.3), (0.1, 0.12, 0.25)])
    disc = np.array([(1.0, 1.0, 0.85), (1.0, 0.75, 0.4), (0.45, 0.45, 0.4)])
    window = np.array([(0.25, 0.3, 0.35), (0.9, 0.7, 0.3), (0.45, 0.36, 0.15)])
    return np.stack([_scene(*colours) for colours in zip(light, top, horizon, disc, window, strict=True)])


def _scene(light, top, horizon, disc, window):
    """One hour: what stands on the ground reflects the light; sky, sun and window have their own."""
    v, u = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    grain = 1 + 0.12 * np.random.default_rng(0).normal(size=(HEIGHT, WIDTH))
    image = top + (horizon - top) * np.minimum(v / 0.62, 1)[..., None]
    image[(u - 0.78) ** 2 * (WIDTH / HEIGHT) ** 2 + (v - 0.18) ** 2 < 0.006] = disc

    def paint(where, reflectance):
        image[where] = (np.array(reflectance) * light * grain[..., None])[where]

    paint(v > 0.46 + 0.07 * np.sin(7 * u + 1) + 0.03 * np.sin(17 * u), (0.45, 0.55, 0.5))  # far hills
    paint(v > 0.6 + 0.05 * np.sin(4 * u + 2), (0.35, 0.6, 0.2))  # meadow
    paint((abs(u - 0.3) < 0.11) & (abs(v - 0.58) < 0.1), (0.9, 0.85, 0.75))  # house
    paint((abs(u - 0.3) < 0.9 * (v - 0.33)) & (v < 0.49), (0.75, 0.25, 0.15))  # roof
    image[(abs(abs(u - 0.3) - 0.055) < 0.028) & (abs(v - 0.57) < 0.04)] = window
    paint((abs(u - 0.66) < 0.012) & (v > 0.5) & (v < 0.7), (0.35, 0.22, 0.1))  # trunk
    paint(((u - 0.66) / 0.075) ** 2 + ((v - 0.44) / 0.13) ** 2 < 1, (0.2, 0.42, 0.12))  # crown
    shore = int(0.74 * HEIGHT)
    mirrored = image[2 * shore - HEIGHT : shore][::-1]  # the lake
    ripple = 0.75 + 0.1 * np.sin(90 * v + 12 * u)[shore:]
    image[shore:] = mirrored * ripple[..., None] * [0.85, 0.95, 1.0]
    return np.clip(image, 0, 1).transpose(2, 0, 1)


def describe(result: Result) -> str:
    params = result.params
    groups = f" of {params.num_groups}" if params.norm == "group" else ""
    spread = round(np.ptp(result.means[1].mean(1)), 2)
    return (
        f"A drawn house by a lake at noon, in the evening and at night, before and after {params.norm} "
        f"norm{groups}; at noon contrast {params.contrast:g} and brightness {params.brightness:+g}. "
        f"{_sentence(params)}. Afterwards the pictures' means differ by up to {spread + 0.0:.2f}."
    )


def _sentence(params: Params) -> str:
    if params.norm != "group":
        return LOST[params.norm]
    if params.num_groups == 1:
        return LOST["layer"].replace("Layer norm", "One group")
    return LOST["instance"].replace("Instance norm", "A group a channel")


def displayed(y: np.ndarray) -> np.ndarray:
    """x̂ as colours, (H, W, 3): 0 is grey, ±SHOWN white and black."""
    return np.clip(0.5 + y.transpose(1, 2, 0) / (2 * SHOWN), 0, 1)


class PhotographView(View):
    """Above what goes in, below what comes out; at the right the mean and deviation of each channel."""

    def __init__(self, fig):
        super().__init__(fig)
        axes = fig.subplots(2, 4, width_ratios=[1, 1, 1, 1.15])
        self.title = self.moving(fig.suptitle(" ", x=0.01, ha="left", weight="bold", fontsize=10.5))
        blank = np.zeros((HEIGHT, WIDTH, 3))
        self.pictures = []
        for row, name in zip(axes, ("in", "out"), strict=True):
            for ax, hour in zip(row, HOURS, strict=False):
                ax.set(xticks=[], yticks=[])
                if name == "in":
                    ax.set_title(hour, fontsize=9.5, color=MUTED, weight="normal", loc="left")
                for spine in ax.spines.values():
                    spine.set_visible(False)
                self.pictures.append(ax.imshow(blank, interpolation="nearest"))
            row[0].set_ylabel(name, color=INK)
        self.moving([self.pictures[0], *self.pictures[3:]])  # evening and night go in as they are
        self.dots = [self._statistics(ax) for ax in axes[:, 3]]
        axes[0, 3].set(ylim=(-0.45, 1.45), ylabel="pixel")
        axes[1, 3].set(ylim=(-3.2, 3.2), ylabel="x̂ (dimensionless)")
        title(axes[0, 3], "mean ± deviation").set(fontsize=9, weight="normal", color=MUTED)

    def _statistics(self, ax):
        """A dot and a bar for each channel of each picture; a channel a line and a set of bars."""
        ax.set(xlim=(-0.5, 2.5), xticks=range(3))
        ax.set_xticklabels(HOURS, fontsize=8.5)
        ax.grid(axis="x", visible=False)
        found = []
        for colour in CHANNELS.values():
            (dots,) = self.moving(ax.plot([], [], "o", ms=4, color=colour))
            found.append((dots, self.moving(ax.vlines([0, 1, 2], 0, 0, color=colour, lw=2))))
        return found

    def update(self, result):
        self.title.set_text(_sentence(result.params))
        shown = [np.clip(x.transpose(1, 2, 0), 0, 1) for x in result.x] + [displayed(y) for y in result.y]
        for picture, pixels in zip(self.pictures, shown, strict=True):
            if picture.get_animated() or not np.array_equal(picture.get_array(), pixels):
                picture.set_data(pixels)
        for dots, means, deviations in zip(self.dots, result.means, result.deviations, strict=True):
            for channel, (points, bars) in enumerate(dots):
                x, mean, half = np.arange(3) + 0.2 * (channel - 1), means[:, channel], deviations[:, channel]
                points.set_data(x, mean)
                bars.set_segments(np.stack([np.stack([x, mean - half], 1), np.stack([x, mean + half], 1)], 1))


class PhotographExplorer(LivePlot):
    label = "The same picture through each norm"
    Params = Params
    View = PhotographView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.6
    controls: ClassVar = {
        "norm": choice("norm", ["batch", "layer", "pointwise layer", "instance", "group"]),
        "num_groups": steps("groups (group norm)", [1, 2, 3]),
        "contrast": slider("contrast at noon", 0.2, 1.6, 0.2),
        "brightness": slider("brightness at noon", -0.4, 0.4, 0.1),
    }
