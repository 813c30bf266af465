"""A tensor as a strip of sectors, coloured by how often a kernel fetched each. (lesson 06)"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from matplotlib.colors import ListedColormap

from bn_course import course
from bn_course.live import LivePlot, View, choice, steps, title
from bn_course.live.style import INK

SHAPE = (2, 2, 64)  # of x, (N, C, S) in float32: 1024 bytes, 32 sectors
SECTORS, ROW, SECTOR = 32, 16, 32  # sectors, sectors a row of the picture, bytes a sector
PROGRAMS = 4  # two channels, two parts of each
BEST = "x read once"
KERNELS = {  # name → the knobs of `stats_kernel`'s variant that make it
    BEST: {},
    "x read twice": {"PASSES": 2},
    "lanes far apart": {"LANES": "apart"},
    "every program reads all": {"WORK": "all"},
    "one program does all": {"WORK": "first"},
}
MOST = 4  # and more: the last colour
SHADES = ("white", "#9ECAE1", "#E69F00", "#D55E00", "#7A2E00")

Trace = tuple[tuple[int, tuple[int, ...]], ...]  # each fetch: its program, and the sectors of x


@dataclass(frozen=True)
class Params:
    kernel: str = "lanes far apart"
    finished: int = PROGRAMS
    yours: Trace | None = None

    def __post_init__(self):
        if self.kernel not in KERNELS:
            raise ValueError(f"there is no kernel {self.kernel!r}; there are {', '.join(KERNELS)}")


@dataclass(frozen=True)
class Result:
    """Two kernels that take the statistics of one x: how often each sector was fetched so far."""

    params: Params
    names: tuple[str, str]
    times: np.ndarray  # (2, SECTORS)

    @property
    def fetched(self) -> np.ndarray:
        """Bytes of each, (2,)."""
        return self.times.sum(1) * SECTOR


def compute(params: Params) -> Result:
    """Add up what the first programs have fetched."""
    kernels = stored() | ({} if params.yours is None else {"yours": params.yours})
    names = (params.kernel, BEST) if params.yours is None else ("yours", params.kernel)
    return Result(params, names, np.array([_times(kernels[name], params.finished) for name in names]))


def _times(trace: Trace, finished: int) -> np.ndarray:
    times = np.zeros(SECTORS, int)
    for program, sectors in trace:
        if program < finished:
            times[list(sectors)] += 1
    return times


@lru_cache
def stored() -> Mapping[str, Trace]:
    """The traces of KERNELS, which a test holds to the meter: they are there without Triton, too."""
    record = json.loads((course.folder("evidence") / "sectors.json").read_text(encoding="utf-8"))
    return {name: tuple((p, tuple(sectors)) for p, sectors in trace) for name, trace in record.items()}


def traced(kernel: Any) -> Trace:
    """What a `stats_kernel`, yours or ours, fetches of x. Needs Triton, and no GPU."""
    import torch

    from bn_course.gpu.meter import Meter

    n, channels, positions = SHAPE
    x = torch.arange(n * channels * positions, dtype=torch.float32).view(SHAPE)
    mean, m2 = torch.empty(2, 2, channels)
    sizes = channels, positions, n * positions, positions, *x.stride()
    launch = Meter().launch(kernel, (channels, 2), x, mean, m2, *sizes, BLOCK_M=32, BLOCK_C=1)
    return tuple((a.program, tuple(map(int, a.sectors))) for a in launch.of("x", "read"))


def describe(result: Result) -> str:
    """The alternative text."""
    told = "; ".join(
        f"{name}: {fetched} bytes in whole sectors, {int((times > 0).sum())} of {SECTORS} sectors touched, "
        f"none more than {times.max()} times"
        for name, times, fetched in zip(result.names, result.times, result.fetched, strict=True)
    )
    return f"x of {SECTORS * SECTOR} bytes after {result.params.finished} of {PROGRAMS} programs. {told}."


class SectorsView(View):
    def __init__(self, fig):
        super().__init__(fig)
        colours = ListedColormap(SHADES)
        self.strips, self.titles = [], []
        for ax in fig.subplots(2, 1):
            ax.set(xlim=(0, ROW), ylim=(2, 0), xticks=range(0, ROW + 1, 4), yticks=(0.5, 1.5))
            ax.set_yticklabels(["sectors 0–15", "16–31"])
            ax.grid(False)
            mesh = ax.pcolormesh(np.zeros((2, ROW)), cmap=colours, vmin=-0.5, vmax=MOST + 0.5, ec="#888888")
            self.strips.append(self.moving(mesh))
            self.titles.append(self.moving(title(ax, "")))
        ax.set_xlabel("\n")  # room for the key
        words = ("never fetched", "once", "twice", "3 times", "4 or more")
        for i, (shade, word) in enumerate(zip(SHADES, words, strict=True)):
            box = {"facecolor": shade, "edgecolor": "#888888", "pad": 3}
            dark = i >= MOST - 1
            ax.text(
                0.1 + 3.3 * i, 2.75, word, color="white" if dark else INK, bbox=box,
                va="center",
            )  # fmt: skip

    def update(self, result):
        rows = zip(self.strips, self.titles, result.names, result.times, result.fetched, strict=True)
        for strip, heading, name, times, fetched in rows:
            strip.set_array(np.minimum(times, MOST).reshape(2, ROW))
            heading.set_text(f"{name}: {fetched} bytes fetched")


class SectorsExplorer(LivePlot):
    label = "Sectors fetched, program by program"
    Params = Params
    View = SectorsView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.8
    controls: ClassVar = {
        "kernel": choice("kernel", list(KERNELS)),
        "finished": steps("programs that have run", range(PROGRAMS + 1)),
    }


def compare(kernel: Any) -> LivePlot:
    """Your `stats_kernel` above, the best below."""
    return SectorsExplorer(yours=traced(kernel), kernel=BEST)
