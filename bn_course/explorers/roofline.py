"""How long batch norm must take: bytes over bandwidth, beside what was measured. (lesson 06)"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np

from bn_course import course
from bn_course.live import COLOURS, LivePlot, View, choice, steps, title
from bn_course.live.style import INK, MUTED

SHAPES = ((64, 128), (256, 1024), (8192, 512), (32, 64, 32, 32), (64, 256, 14, 14))
WIDTHS = {"float64": 8, "float32": 4, "bfloat16": 2}  # bytes a number

# How often the tensor crosses the bus in one forward and one backward pass. For the first, a test counts the
# reads and writes of every operation of `contestants.composed`: 12 forwards, 33 in what autograd adds.
CROSSINGS = {"each operation by itself": 45, "fused, two passes": 8, "fused, read once": 5}
# From a slow laptop's memory to the newest GPUs'; 31 is the copy on the machine of the dots, 4800 an H200.
BANDWIDTHS = [5, 10, 20, 31, 50, 100, 200, 400, 900, 1600, 3350, 4800, 8000]
SHADES = (MUTED, INK, "#56B4E9")  # none of them a norm's colour
MEASURED = (
    "torch operations",
    "autograd Function",
    "NumPy",
    "nn.BatchNorm",
    "nn.BatchNorm, channels last",
    "torch.compile",
)


@dataclass(frozen=True)
class Params:
    shape: tuple[int, ...] = (64, 256, 14, 14)
    dtype: str = "float32"
    bandwidth: float = 31.0  # GB/s

    def __post_init__(self):
        if self.shape not in SHAPES:
            raise ValueError(f"nothing was measured at {self.shape}; there are {SHAPES}")


@dataclass(frozen=True)
class Result:
    params: Params
    megabytes: np.ndarray  # (3,) of each way of CROSSINGS
    floors: np.ndarray  # (3,) ms
    measured: np.ndarray  # (6,) ms of each of MEASURED on the stored CPU, NaN where it did not run
    device: str


@lru_cache
def _record() -> dict:
    path = course.folder("evidence") / "norms_cpu.json"
    return json.loads(path.read_text(encoding="utf-8"))


def compute(params: Params) -> Result:
    tensor = math.prod(params.shape) * WIDTHS[params.dtype]  # bytes
    moved = tensor * np.array(list(CROSSINGS.values()))
    row = next(row for row in _record()["rows"] if tuple(row["shape"]) == params.shape)
    same = params.dtype == row["dtype"]
    seconds = [row["seconds"].get(name, np.nan) if same else np.nan for name in MEASURED]
    floors = moved / (params.bandwidth * 1e9) * 1e3
    return Result(params, moved / 1e6, floors, np.array(seconds) * 1e3, _record()["device"])


def describe(result: Result) -> str:
    p = result.params
    shape = " × ".join(map(str, p.shape))
    ways = "; ".join(
        f"{way}: {_significant(mb)} MB, {_significant(ms)} ms"
        for way, mb, ms in zip(CROSSINGS, result.megabytes, result.floors, strict=True)
    )
    return f"{shape} in {p.dtype}, forwards and backwards, at {p.bandwidth:g} GB/s at least: {ways}."


class RooflineView(View):
    def __init__(self, fig):
        super().__init__(fig)
        bytes_ax, time_ax = fig.subplots(1, 2, width_ratios=(2, 3))
        ways = list(CROSSINGS)
        counts = list(CROSSINGS.values())
        bytes_ax.set(xlim=(0, 66), ylim=(2.6, -0.6), xlabel="bytes moved (in tensors of x's size)")
        bytes_ax.set_yticks(range(3), [way.replace(", ", ",\n").replace(" by ", "\nby ") for way in ways])
        self.title = self.moving(title(bytes_ax, ""))
        bytes_ax.barh(range(3), counts, color=SHADES)
        places = [(count + 1, i) for i, count in enumerate(counts)]
        self.amounts = [self.moving(bytes_ax.text(*at, "", va="center", color=INK)) for at in places]
        time_ax.set(
            xscale="log", xlim=(1e-3, 1e3), ylim=(5.7, -0.7), xlabel="milliseconds (dots: CPU, float32)"
        )
        time_ax.set_yticks(range(6), [name.replace(", ", ",\n") for name in MEASURED])
        title(time_ax, "Lines: the least. Dots: measured")
        (self.dots,) = self.moving(time_ax.plot([], [], "o", color=COLOURS["batch"], markersize=7))
        self.lines = [self.moving(time_ax.axvline(1, color=colour, lw=1.5)) for colour in SHADES]

    def update(self, result):
        p = result.params
        self.title.set_text(f"{' × '.join(map(str, p.shape))}, {p.dtype}")
        for text, mb, line, ms in zip(self.amounts, result.megabytes, self.lines, result.floors, strict=True):
            text.set_text(f"{_significant(mb)} MB")
            line.set_xdata([ms, ms])
        self.dots.set_data(result.measured, np.arange(6))


def _significant(value: float) -> str:
    """Two digits, as a person would write them: 0.13, 4.2, 130."""
    return f"{float(f'{value:.2g}'):g}"


class RooflineExplorer(LivePlot):
    label = "The memory's speed limit"
    Params = Params
    View = RooflineView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.4
    controls: ClassVar = {
        "shape": steps("shape of x", {" × ".join(map(str, shape)): shape for shape in SHAPES}),
        "dtype": choice("type", list(WIDTHS)),
        "bandwidth": steps("bandwidth (GB/s)", BANDWIDTHS),
    }
