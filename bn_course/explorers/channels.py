"""What a norm does to the channels of a trained network, for three squares of a photograph. (lessons 05, 11)

The network's filters and the squares are stored beside this file; `tools/channels.py` made them.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np
from matplotlib.collections import LineCollection

from bn_course import norms
from bn_course.live import COLOURS, LivePlot, View, choice, slider, steps
from bn_course.live.style import INK

SHOWN = 4  # channels at once
LISTED = 16  # channels that can be chosen: all of layer 1, half of layer 2
GROUP = 2  # channels in a group of group norm
RANGE = 3.0  # deviations from grey to black and to white
GREYS = 8  # shades from grey to either: a frame has to be small
PICTURES = ("#222222", "#0072B2", "#E69F00")  # a colour for each square

SENTENCES = {
    "batch": "Batch norm: one scale a channel; a square that answers more still does",
    "layer": "Layer norm: one scale a square; its louder channels stay louder",
    "group": "Group norm: one scale for two channels; the louder stays louder",
    "instance": "Instance norm: a scale each; every channel is as loud in every square",
}


@dataclass(frozen=True)
class Params:
    norm: str = "batch"
    layer: int = 1
    first: int = 1  # of the channels shown, counted from 1
    contrast: float = 1.0
    brightness: float = 0.0

    def __post_init__(self):
        if self.norm not in SENTENCES:
            raise ValueError(f"norm is {self.norm!r}; it needs to be one of {', '.join(SENTENCES)}")


@dataclass(frozen=True)
class Result:
    params: Params
    pictures: np.ndarray  # (3, H, W), grey, 0 is black and 1 white
    x: np.ndarray  # (3, SHOWN, H, W): what the norm meets in the channels shown
    y: np.ndarray  # the same, normalised with γ = 1 and β = 0
    scale: float  # root mean square of all that the norm meets, over pictures and channels

    @property
    def energies(self) -> tuple[np.ndarray, np.ndarray]:
        """Deviations over the positions, before (in units of `scale`) and after, each (3, SHOWN)."""
        return self.x.std((2, 3)) / self.scale, self.y.std((2, 3))


@lru_cache
def stored() -> dict:
    """The trained filters (arrays), running statistics, γ and β, and the squares, (3, 44, 44), 0 … 1."""
    found = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    bytes_ = np.frombuffer(base64.b64decode(found["pictures"]), dtype=np.uint8)
    arrays = {name: np.array(v) for name, v in found.items() if name not in ("pictures", "names")}
    return {**arrays, "names": found["names"], "pictures": bytes_.reshape(3, 44, 44) / 255}


def convolve(x: np.ndarray, filters: np.ndarray, stride: int = 1) -> np.ndarray:
    """3×3 convolution with a frame of zeros: (N, C, H, W), (D, C, 3, 3) → (N, D, H/stride, W/stride)."""
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(2, 3))
    return np.einsum("nchwij,dcij->ndhw", windows[:, :, ::stride, ::stride], filters, optimize=True)


@lru_cache(maxsize=32)
def channels(layer: int, contrast: float, brightness: float) -> tuple[np.ndarray, np.ndarray]:
    """The squares, the first in another light, and what the batch norm of this layer meets."""
    net = stored()
    pictures = net["pictures"].copy()
    pictures[0] = np.clip(0.5 + contrast * (pictures[0] - 0.5) + brightness, 0, 1)
    usual = net["pictures"]
    x = convolve(((pictures - usual.mean()) / usual.std())[:, None], net["first"])
    if layer == 2:
        along = (1, -1, 1, 1)
        gamma, beta, mean, var = (net[name].reshape(along) for name in ("gamma", "beta", "mean", "var"))
        x = convolve(np.maximum(gamma * (x - mean) / np.sqrt(var + 1e-5) + beta, 0), net["second"], stride=2)
    return pictures, x


def compute(params: Params) -> Result:
    """The norm sees all channels of the layer; four of them are shown."""
    pictures, x = channels(params.layer, params.contrast, params.brightness)
    one, zero = np.ones(x.shape[1]), np.zeros(x.shape[1])
    y = {
        "batch": lambda: norms.batch_norm(x, one, zero),
        "layer": lambda: norms.group_norm(x, one, zero, 1),
        "group": lambda: norms.group_norm(x, one, zero, x.shape[1] // GROUP),
        "instance": lambda: norms.instance_norm(x, one, zero),
    }[params.norm]()
    seen = slice(params.first - 1, params.first - 1 + SHOWN)
    return Result(params, pictures, x[:, seen], y[:, seen], float(np.sqrt((x**2).mean())))


def describe(result: Result) -> str:
    """The alternative text."""
    params, names = result.params, stored()["names"]
    said = [
        f"{name} {', '.join(f'{value:.1f}' for value in row)}"
        for name, row in zip(names, result.energies[1] + 0.0, strict=True)
    ]
    return (
        f"Three squares of a portrait, {', '.join(names)}, and channels {params.first} to "
        f"{params.first + SHOWN - 1} of layer {params.layer} of a trained network, before and after "
        f"{params.norm} norm; the first square with contrast {params.contrast:g} and brightness "
        f"{params.brightness:+g}. {SENTENCES[params.norm]}. Deviations afterwards: {'; '.join(said)}."
    )


# The pictures lie on one sheet, in pixels of theirs, each 1.5 CSS pixels wide.
SIDE, STEP, DOT = 44, 48, 1.5
COLUMNS = [14, *(72 + STEP * i for i in range(SHOWN)), *(272 + STEP * i for i in range(SHOWN))]
SHEET = (2 * STEP + SIDE, COLUMNS[-1] + SIDE)
TOP, WIDTH, HEIGHT, BARS = 56, 700, 412, 100  # CSS pixels
HIGHEST = 2.6  # deviation that a bar shows


def sheet(result: Result) -> np.ndarray:
    """Squares, channels before and after, −1 black to 1 white, in GREYS shades each way; white between."""
    found = np.ones(SHEET)
    cells = np.concatenate([result.x / result.scale, result.y], axis=1) / RANGE
    fine = SIDE // cells.shape[-1]
    cells = cells.repeat(fine, axis=2).repeat(fine, axis=3)
    cells = np.concatenate([2 * result.pictures[:, None] - 1, cells], axis=1)
    for row, column in np.ndindex(3, 1 + 2 * SHOWN):
        top, left = row * STEP, COLUMNS[column]
        found[top : top + SIDE, left : left + SIDE] = cells[row, column]
    return np.round(GREYS * np.clip(found[:, COLUMNS[0] :], -1, 1)) / GREYS


def as_pixels(sheet: np.ndarray) -> np.ndarray:
    """The same in grey bytes, (…, 4): Matplotlib enlarges them in a fraction of the time of real numbers."""
    grey = np.round(127.5 * (sheet + 1)).astype(np.uint8)
    return np.stack([grey, grey, grey, np.full_like(grey, 255)], axis=-1)


class ChannelsView(View):
    """Squares, their channels before and after the norm, framed by what shares statistics; deviations."""

    def __init__(self, fig):
        super().__init__(fig)
        fig.set_layout_engine("none")  # the axes fill the figure
        ax = fig.add_axes((0, 0, 1, 1))
        extent = (COLUMNS[0] * DOT, SHEET[1] * DOT, TOP + SHEET[0] * DOT, TOP)
        blank = np.zeros((SHEET[0], SHEET[1] - COLUMNS[0], 4), np.uint8)
        self.sheet = self.moving(ax.imshow(blank, extent=extent, zorder=0, interpolation="nearest"))
        ax.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0), aspect="auto")
        ax.axis("off")
        self.heading = self.moving(ax.text(12, 18, "", weight="bold", size=12, color=INK))
        ax.text(COLUMNS[0] * DOT, TOP - 10, "square", size=10, color=INK)
        places = [COLUMNS[column] * DOT for column in (1, 1 + SHOWN)]
        self.heads = self.moving([ax.text(x, TOP - 10, "", size=10, color=INK) for x in places])
        for row, name in enumerate(stored()["names"]):
            y = TOP + (row * STEP + SIDE / 2) * DOT
            middle = {"ha": "center", "va": "center", "size": 9}
            ax.text(10, y, name, rotation=90, color=PICTURES[row], **middle)
        self.frames = self.moving(ax.add_collection(LineCollection([], linewidths=2.2)))
        self.bars = [self._bars(fig, x) for x in places]

    def _bars(self, fig, left):
        """Below the columns: a bar for each channel of each square."""
        across = (SHOWN * STEP - (STEP - SIDE)) * DOT
        ax = fig.add_axes((left / WIDTH, 24 / HEIGHT, across / WIDTH, BARS / HEIGHT))
        ax.set(xlim=(-0.5, SHOWN - 0.5), ylim=(0, HIGHEST), xticks=[], yticks=[0, 1, 2])
        ax.set_xlabel("deviation over a square’s positions", fontsize=9)
        nothing = np.zeros(SHOWN)
        options = {"lw": 9.5, "capstyle": "butt"}
        return [self.moving(ax.vlines(nothing, 0, nothing, color=colour, **options)) for colour in PICTURES]

    def update(self, result):
        params = result.params
        self.heading.set_text(SENTENCES[params.norm])
        self.sheet.set_data(as_pixels(sheet(result)))
        shown = f"channels {params.first} to {params.first + SHOWN - 1}"
        for text, when in zip(self.heads, ("before", "after"), strict=True):
            text.set_text(f"{shown} {when} the norm")
        for bars, energies in zip(self.bars, result.energies, strict=True):
            for row, lines in enumerate(bars):
                x = np.arange(SHOWN) + 0.2 * (row - 1)
                ends = np.stack([np.zeros(SHOWN), np.minimum(energies[row], HIGHEST)], axis=1)
                lines.set_segments(np.stack([np.stack([x, x], axis=1), ends], axis=2))
        self.frames.set_segments(frames(params.norm))
        self.frames.set_color(COLOURS[params.norm])


def frames(norm: str) -> list[np.ndarray]:
    """A closed line, (5, 2), round each set of the cells before that share a mean and a variance."""
    across, down = {"batch": (1, 3), "layer": (SHOWN, 1), "group": (GROUP, 1), "instance": (1, 1)}[norm]
    width, height = ((n * STEP - (STEP - SIDE) + 2) * DOT for n in (across, down))
    square = np.array([(0, 0), (width, 0), (width, height), (0, height), (0, 0)])
    corners = [(COLUMNS[1 + c] - 1, r * STEP - 1) for r in range(0, 3, down) for c in range(0, SHOWN, across)]
    return [square + DOT * np.array(corner) + (0, TOP) for corner in corners]


class ChannelsExplorer(LivePlot):
    label = "A trained network’s channels through each norm"
    Params = Params
    View = ChannelsView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = HEIGHT / 100
    controls: ClassVar = {
        "norm": choice("norm", list(SENTENCES)),
        "layer": choice("layer", [1, 2]),
        "first": steps("channels", {f"{i} to {i + SHOWN - 1}": i for i in range(1, LISTED, SHOWN)}),
        "contrast": slider("flag: contrast", 0.2, 1.6, 0.2),
        "brightness": slider("flag: brightness", -0.4, 0.4, 0.1),
    }
