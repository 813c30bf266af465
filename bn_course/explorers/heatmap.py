"""Learning rate × initial scale × depth: where training works, with and without batch norm. (lesson 07)

It draws what `bn-course measure rate_scale_depth` stored: every run was really made.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import ClassVar

import numpy as np
from matplotlib.patches import Rectangle

from bn_course.experiments import evidence
from bn_course.live import COLOURS, LivePlot, View, choice, steps, title
from bn_course.live.style import INK

DEPTHS = (2, 5, 10)
SCALES = (0.01, 0.1, 0.3, 1.0, 3.0, 10.0)
RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
ARMS = {"none": "without norm", "batch": "batch norm"}
SHORT = {"none": "No norm", "batch": "Batch norm"}
WORKS = 90  # per cent


@dataclass(frozen=True)
class Params:
    rate: float = 0.1
    scale: float = 0.1
    depth: int = 5


@dataclass(frozen=True)
class Result:
    """Validation accuracy in per cent, means over the seeds unless said; the arms are the keys."""

    params: Params
    steps: np.ndarray  # (looks,)
    ends: dict[str, np.ndarray]  # (scales, rates), at the last look
    curves: dict[str, np.ndarray]  # (looks,), of the chosen cell
    seeds: dict[str, np.ndarray]  # (seeds, looks), the same, of each seed
    cell: tuple[int, int]  # row and column of the chosen cell

    @property
    def share(self) -> dict[str, float]:
        """The share of cells that work, for each arm."""
        return {arm: float((end >= WORKS).mean()) for arm, end in self.ends.items()}


@lru_cache(maxsize=1)
def measured() -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The steps, and for each arm accuracies (seeds, depths, scales, rates, looks).

    Raises ValueError where the evidence is missing or was made on another grid.
    """
    values = evidence("rate_scale_depth").values
    grid = tuple(tuple(values[name][0]) for name in ("depths", "scales", "rates"))
    if grid != (DEPTHS, SCALES, RATES):
        raise ValueError("evidence/rate_scale_depth.json was measured on another grid than this figure draws")
    return values["steps"][0], {arm: values[arm] for arm in ARMS}


def compute(params: Params) -> Result:
    """Look up the grid of one depth, and the curves of one cell of it."""
    steps, accuracies = measured()
    depth, row, column = DEPTHS.index(params.depth), SCALES.index(params.scale), RATES.index(params.rate)
    seeds = {arm: values[:, depth, row, column] for arm, values in accuracies.items()}
    return Result(
        params,
        steps,
        {arm: values[:, depth, :, :, -1].mean(0) for arm, values in accuracies.items()},
        {arm: runs.mean(0) for arm, runs in seeds.items()},
        seeds,
        (row, column),
    )


def describe(result: Result) -> str:
    """The alternative text."""
    p, share = result.params, result.share
    none, batch = (f"{result.curves[arm][-1]:.0f} %" for arm in ARMS)
    return (
        f"{p.depth} layers: {100 * share['none']:.0f} % of the settings reach {WORKS} % without norm and "
        f"{100 * share['batch']:.0f} % with batch norm. At learning rate {p.rate:g} and initial "
        f"scale {p.scale:g} times He's, {none} without and {batch} with batch norm after "
        f"{result.steps[-1]:.0f} steps."
    )


class HeatmapView(View):
    def __init__(self, fig):
        super().__init__(fig)
        maps, curves = fig.subfigures(1, 2, width_ratios=[1.75, 1])
        axes = maps.subplots(1, 2, sharey=True)
        self.axes = dict(zip(ARMS, axes, strict=True))
        self.depth = None
        self.images, self.frames, self.titles, self.numbers = {}, {}, {}, {}
        for arm, ax in self.axes.items():
            self._map(ax, arm)
        axes[0].set_ylabel("initial scale (× He’s standard deviation)")
        self._curves(curves.subplots())

    def _map(self, ax, arm):
        rows, columns = shape = (len(SCALES), len(RATES))
        edges = (np.arange(columns + 1) - 0.5, np.arange(rows + 1) - 0.5)
        self.images[arm] = ax.pcolormesh(*edges, np.zeros(shape), cmap="cividis", vmin=10, vmax=100)
        self.numbers[arm] = [
            [ax.text(x, y, "", ha="center", va="center", fontsize=7.5) for x in range(columns)]
            for y in range(rows)
        ]
        frame = Rectangle((0, 0), 1, 1, fill=False, edgecolor=COLOURS["none"], linewidth=2.5, zorder=5)
        self.frames[arm] = self.moving(ax.add_patch(frame))
        ax.grid(visible=False)
        ax.set_xticks(range(len(RATES)), [f"{rate:g}".lstrip("0") for rate in RATES], fontsize=8)
        ax.set_yticks(range(len(SCALES)), [f"{scale:g}" for scale in SCALES])
        ax.set_xlabel("learning rate")
        self.titles[arm] = self.moving(title(ax, ""))

    def _curves(self, ax):
        last = measured()[0][-1]
        ax.set(xlim=(0, last), ylim=(0, 103), xlabel="step", ylabel="validation accuracy (%)")
        self.seeds, self.lines = {}, {}
        for arm in ARMS:
            count = len(measured()[1][arm])
            self.seeds[arm] = self.moving(
                [ax.plot([], [], color=COLOURS[arm], lw=0.8, alpha=0.4)[0] for _ in range(count)]
            )
            (self.lines[arm],) = self.moving(ax.plot([], [], color=COLOURS[arm], lw=2.2))
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 2}
        for height, arm in zip((56, 50), ARMS, strict=True):
            place = {"ha": "right", "va": "center", "fontsize": 8.5, "bbox": box, "zorder": 9}
            self.moving(ax.text(0.97 * last, height, ARMS[arm], color=COLOURS[arm], **place))
        self.cell_title = self.moving(title(ax, ""))

    def update(self, result):
        row, column = result.cell
        if result.params.depth != self.depth:
            self._update_maps(result)
        for arm in ARMS:
            self.frames[arm].set_bounds(column - 0.5, row - 0.5, 1, 1)
            self.titles[arm].set_text(f"{SHORT[arm]}: {100 * result.share[arm]:.0f} % work")
            self.lines[arm].set_data(result.steps, result.curves[arm])
            for line, run in zip(self.seeds[arm], result.seeds[arm], strict=True):
                line.set_data(result.steps, run)
        self.cell_title.set_text(f"Rate {result.params.rate:g}, scale {result.params.scale:g}")

    def _update_maps(self, result):
        """Two maps of 84 numbers stand still until the depth changes."""
        self.depth = result.params.depth
        for arm, end in result.ends.items():
            self.images[arm].set_array(end)
            for text, value in zip(chain(*self.numbers[arm]), end.ravel(), strict=True):
                text.set(text=f"{value:.0f}", color="white" if value < 60 else INK)

    def pick(self, x, y):
        """The cell that was clicked, in either map."""
        for ax in self.axes.values():
            if ax.bbox.contains(x, y):
                column, row = np.rint(ax.transData.inverted().transform((x, y))).astype(int)
                row, column = np.clip(row, 0, len(SCALES) - 1), np.clip(column, 0, len(RATES) - 1)
                return {"rate": RATES[column], "scale": SCALES[row]}
        return {}


class HeatmapExplorer(LivePlot):
    label = "Learning rate, initial scale and depth"
    Params = Params
    View = HeatmapView
    compute = staticmethod(compute)
    describe = staticmethod(describe)
    height = 3.6
    controls: ClassVar = {
        "rate": steps("learning rate", list(RATES)),
        "scale": steps("initial scale (× He’s)", list(SCALES)),
        "depth": choice("hidden layers", list(DEPTHS)),
    }
