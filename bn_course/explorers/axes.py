"""A cube of cells: which of them share a mean and a variance. (lessons 05 and 11)

The browser computes and draws it (`axes.js`); this is the oracle of its tests and its still picture.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_rgb

from bn_course.live import BrowserPlot, View, choice, slider, steps
from bn_course.live.plot import module_text
from bn_course.live.style import INK, MUTED, WIDTH

NORMS = {
    "batch": "each channel",
    "layer": "each image",
    "pointwise layer": "each position of each image",
    "instance": "each channel of each image",
    "group": "each group of channels of each image",
}

# The picture, in CSS pixels: the cube above, the memory below it.
CUBE = (100 * WIDTH, 330.0)
LEFT, RIGHT, TOP, BOTTOM = 74.0, 10.0, 24.0, 24.0
LARGEST = 34.0  # edge of a cell
# A sheet seen obliquely, in cells: a step along H goes down and to the left.
LEAN, FALL, THICK, GAP, APART = 0.42, 0.5, 0.26, 0.36, 0.9

HUES = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7")  # Okabe & Ito
TONES = (0.0, 0.32, 0.54, 0.7)  # how much white is mixed in, for the images of one hue


@dataclass(frozen=True)
class Params:
    N: int = 3
    C: int = 4
    H: int = 3
    W: int = 3
    layout: str = "NCHW"
    norm: str = "batch"
    num_groups: int = 2
    cell: tuple[int, int, int, int] | None = None  # (n, c, h, w), whose peers are shown

    def __post_init__(self):
        if self.norm not in NORMS:
            raise ValueError(f"norm is {self.norm!r}; it needs to be one of {', '.join(NORMS)}")
        if self.norm == "group" and self.C % self.num_groups:
            raise ValueError(
                f"{self.num_groups} groups do not divide {self.C} channels: "
                "every group needs as many channels"
            )

    @property
    def shape(self) -> tuple[int, int, int, int]:
        return self.N, self.C, self.H, self.W

    @property
    def selected(self) -> tuple[int, int, int, int] | None:
        """`cell`, where the cube has such a cell: a slider may have made it smaller."""
        inside = self.cell and all(0 <= i < n for i, n in zip(self.cell, self.shape, strict=True))
        return tuple(self.cell) if inside else None


@dataclass(frozen=True)
class Result:
    """What the cube shows. Arrays are indexed [n, c, h, w] in both layouts."""

    params: Params
    statistic: np.ndarray  # which statistic a cell belongs to
    address: np.ndarray  # where a cell lies in memory
    hue: np.ndarray
    tone: np.ndarray
    corner: np.ndarray  # (N, C, H, W, 2), of the cell's upper face, in pixels
    unit: float  # a cell's edge, in pixels
    mean_shape: tuple[int, ...]
    numpy: str  # the expression that gives the means

    @property
    def count(self) -> int:
        """How many statistics there are."""
        return int(np.prod(self.mean_shape))

    @cached_property
    def peers(self) -> np.ndarray:
        """Which cells share the selected cell's statistic; all of them where none is selected."""
        if self.params.selected is None:
            return np.full(self.params.shape, True)
        return self.statistic == self.statistic[self.params.selected]

    @property
    def runs(self) -> int:
        """In how many pieces the cells of one statistic lie in memory: as many for each."""
        addresses = np.sort(self.address[self.statistic == 0])
        return 1 + int((np.diff(addresses) > 1).sum())


def compute(params: Params) -> Result:
    """Closed form: index arithmetic alone."""
    N, C, H, W = params.shape
    n, c, h, w = np.indices(params.shape)
    groups = params.num_groups if params.norm == "group" else 1
    group = c * groups // C
    zero = np.zeros_like(n)
    place = h * W + w  # of the positions of an image; the next image repeats their colours
    statistic, hue, tone, mean_shape = {
        "batch": (c, c, zero, (C,)),
        "layer": (n, n, zero, (N,)),
        "pointwise layer": ((n * H + h) * W + w, place % len(HUES), place // len(HUES), (N, H, W)),
        "instance": (n * C + c, c, n, (N, C)),
        "group": (n * groups + group, group, n, (N, groups)),
    }[params.norm]
    first = params.layout == "NCHW"
    address = ((n * C + c) * H + h) * W + w if first else ((n * H + h) * W + w) * C + c
    corner, unit = _corners(params)
    return Result(params, statistic, address, hue, tone, corner, unit, mean_shape, _expression(params))


def _expression(params: Params) -> str:
    N, C, H, W = params.shape
    first = params.layout == "NCHW"
    if params.norm == "group":
        groups = params.num_groups
        size = C // groups
        shape = (N, groups, size, H, W) if first else (N, H, W, groups, size)
        return f"x.reshape{shape}.mean(axis={(2, 3, 4) if first else (1, 2, 4)})"
    averaged = {"batch": "NHW", "layer": "CHW", "pointwise layer": "C", "instance": "HW"}[params.norm]
    axes = tuple(i for i, letter in enumerate(params.layout) if letter in averaged)
    return f"x.mean(axis={axes})"


def _corners(params: Params) -> tuple[np.ndarray, float]:
    N, C, H, W = params.shape
    across = W + LEAN * H + APART
    down = FALL * H + THICK + GAP
    room = CUBE[0] - LEFT - RIGHT, CUBE[1] - TOP - BOTTOM
    unit = min(room[0] / (N * across - APART), room[1] / (C * down - GAP), LARGEST)
    x0 = LEFT + (room[0] - unit * (N * across - APART)) / 2
    y0 = TOP + (room[1] - unit * (C * down - GAP)) / 2
    n, c, h, w = np.indices(params.shape)
    x = x0 + unit * (n * across + LEAN * (H - h) + w)
    y = y0 + unit * (c * down + FALL * h)
    return np.stack([x, y], axis=-1), unit


def index(params: Params) -> str:
    """The selected cell as one writes it in NumPy."""
    where = dict(zip("NCHW", params.selected, strict=True))
    return f"x[{', '.join(str(where[letter]) for letter in params.layout)}]"


def peers_index(params: Params) -> str:
    """The selected cell's peers as one writes them in NumPy."""
    n, c, h, w = params.selected
    size = params.C // (params.num_groups if params.norm == "group" else 1)
    low = c // size * size
    channels = str(c) if size == 1 else f"{low}:{low + size}"
    kept = {
        "batch": {"C": str(c)},
        "layer": {"N": str(n)},
        "pointwise layer": {"N": str(n), "H": str(h), "W": str(w)},
        "instance": {"N": str(n), "C": str(c)},
        "group": {"N": str(n), "C": ":" if size == params.C else channels},
    }[params.norm]
    return f"x[{', '.join(kept.get(letter, ':') for letter in params.layout)}]"


def facts(result: Result) -> list[tuple[str, str]]:
    """What stands beside the cube: a term and what is to be said of it."""
    params = result.params
    each = result.statistic.size // result.count
    whose = NORMS[params.norm]
    length = each // result.runs
    shape = str(result.mean_shape)
    said = [
        ("mean and variance", f"one for {whose}: shape {shape}, {_number(each, 'value')} each"),
        ("in NumPy", result.numpy),
        ("γ and β", f"one for each channel: shape ({params.C},)"),
        (
            "in memory",
            f"{_number(each, 'value')} in {_number(result.runs, 'piece')} of {length}",
        ),
    ]
    if params.selected:
        said += [
            ("this cell", f"{index(params)}, at address {result.address[params.selected]}"),
            ("its peers", f"{peers_index(params)}, {_number(each, 'cell')}"),
        ]
    return said


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def describe(result: Result) -> str:
    params = result.params
    N, C, H, W = params.shape
    each = result.statistic.size // result.count
    text = (
        f"A cube of cells: {_number(N, 'image')} of {_number(C, 'channel')}, {H} by {W}, stored as "
        f"{params.layout}. Under {params.norm} norm the cells of {NORMS[params.norm]} share a colour, a mean "
        f"and a variance: {_number(result.count, 'statistic')} of {_number(each, 'value')} each."
    )
    if params.selected:
        text += f" The cell {index(params)} has the peers {peers_index(params)}."
    return text


def faces(result: Result) -> list[tuple[np.ndarray, tuple[int, int, int, int], float]]:
    """The visible faces, back to front: corners, the cell, and how much darker than its hue."""
    _, _, H, W = result.params.shape
    right, front, below = np.array([[1, 0], [-LEAN, FALL], [0, THICK]]) * result.unit
    found = []
    for cell in np.ndindex(result.params.shape):
        p = result.corner[cell]
        found.append((np.array([p, p + right, p + right + front, p + front]), cell, 0.0))
        if cell[2] == H - 1:
            q = p + front
            found.append((np.array([q, q + right, q + right + below, q + below]), cell, 0.18))
        if cell[3] == W - 1:
            q = p + right
            found.append((np.array([q, q + front, q + front + below, q + below]), cell, 0.32))
    return found


class AxesView(View):
    """The cube, and below it the same cells in the order of memory."""

    HEAD, MEMORY = 48.0, 54.0  # pixels above the cube, and below it

    def __init__(self, fig):
        super().__init__(fig)
        fig.set_layout_engine("none")  # the axes fill the figure
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, CUBE[0]), ylim=(self.HEAD + CUBE[1] + self.MEMORY, 0))
        ax.axis("off")
        self.cube = self.moving(ax.add_collection(PolyCollection([], edgecolor="white")))
        self.memory = self.moving(ax.add_collection(PolyCollection([], edgecolor="white")))
        self.chosen = self.moving(ax.plot([], [], color=INK, linewidth=2)[0])
        self.title = self.moving(ax.text(12, 20, "", weight="bold", size=10.5, color=INK))
        self.caption = self.moving(ax.text(12, 40, "", size=9, color=MUTED))
        small = {"size": 8.5, "color": MUTED}
        self.images = self.moving([ax.text(0, 0, "", ha="center", **small) for _ in range(4)])
        self.channels = self.moving([ax.text(0, 0, "", ha="right", va="center", **small) for _ in range(6)])
        self.order = self.moving(ax.text(12, self.HEAD + CUBE[1] + 12, "", va="center", **small))

    def update(self, result):
        params, said = result.params, dict(facts(result))
        self.title.set_text(f"One mean and one variance for {NORMS[params.norm]}")
        each = result.statistic.size // result.count
        self.caption.set_text(
            f"{result.count} of each, of {_number(each, 'value')}   ·   {result.numpy}   ·   "
            f"γ and β: {params.C} of each"
        )
        self._place_cells(result)
        self._place_memory(result)
        self._place_labels(result)
        self.order.set_text(f"memory, {params.layout}: {said['in memory']}")

    def _place_cells(self, result):
        shift = np.array([0, self.HEAD])
        visible = faces(result)
        self.cube.set_verts([corners + shift for corners, _, _ in visible])
        self.cube.set_facecolor([_colour(result, cell, shade) for _, cell, shade in visible])
        self.cube.set_linewidth(0.8)
        chosen = [corners for corners, cell, _ in visible if cell == result.params.selected]
        outline = np.vstack([*chosen[:1], chosen[0][:1]]) + shift if chosen else np.empty((0, 2))
        self.chosen.set_data(*outline.T)

    def _place_memory(self, result):
        width = (CUBE[0] - 24) / result.address.size
        low, high = self.HEAD + CUBE[1] + 22, self.HEAD + CUBE[1] + 46
        cells = list(np.ndindex(result.params.shape))
        left = [12 + width * result.address[cell] for cell in cells]
        self.memory.set_verts([[(x, low), (x + width, low), (x + width, high), (x, high)] for x in left])
        self.memory.set_facecolor([_colour(result, cell, 0) for cell in cells])
        self.memory.set_linewidth(min(0.8, width / 8))

    def _place_labels(self, result):
        N, C, _, W = result.params.shape
        down, unit = self.HEAD, result.unit
        for n, label in enumerate(self.images):
            x, y = result.corner[min(n, N - 1), -1, -1, 0] + [W * unit / 2, unit + down]
            label.set(position=(x, y + 10), text=f"image {n}", visible=n < N)
        for c, label in enumerate(self.channels):
            x, y = result.corner[0, min(c, C - 1), -1, 0]
            label.set(position=(x - 14, y + down), text=f"channel {c}", visible=c < C)


def _colour(result: Result, cell: tuple[int, ...], shade: float) -> np.ndarray:
    hue = np.array(to_rgb(HUES[result.hue[cell]]))
    tone = TONES[result.tone[cell]]
    colour = ((1 - tone) * hue + tone) * (1 - shade)
    return colour if result.peers[cell] else 0.2 * colour + 0.8


class AxesExplorer(BrowserPlot):
    """Batch norm's cube. Fields without a control stay as given: `AxesExplorer(norm="layer")`."""

    label = "Which cells share a mean and a variance"
    Params = Params
    View = AxesView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = (AxesView.HEAD + CUBE[1] + AxesView.MEMORY) / 100
    controls: ClassVar = {
        "N": slider("N, images", 1, 4, 1),
        "C": slider("C, channels", 1, 6, 1),
        "H": slider("H, height", 1, 4, 1),
        "W": slider("W, width", 1, 4, 1),
        "layout": choice("layout in memory", ["NCHW", "NHWC"]),
    }

    _esm = module_text(Path(__file__).with_suffix(".js"))
    _css = str(BrowserPlot._css) + Path(__file__).with_suffix(".css").read_text(encoding="utf-8")

    def __init__(self, **params):
        super().__init__(**params)
        fixed = asdict(self._given)
        self.data = {name: value for name, value in fixed.items() if name not in self.controls}


@dataclass(frozen=True)
class NormParams(Params):
    C: int = 6
    norm: str = "group"


class NormAxesExplorer(AxesExplorer):
    """The same cube for every norm, with group norm's number of groups. (lesson 11)"""

    Params = NormParams
    label = "Which cells share a mean and a variance, norm by norm"
    controls: ClassVar = {
        **AxesExplorer.controls,
        "C": steps("C, channels", [2, 4, 6]),
        "norm": choice("norm", list(NORMS)),
        "num_groups": steps("groups (group norm)", [1, 2, 3, 6]),
    }
