"""How figures look: one colour for each norm, opaque white, seven inches wide.

Nothing here touches `matplotlib.rcParams` for good: figures are built inside `in_style()`.
"""

from __future__ import annotations

from base64 import b64encode

import matplotlib
import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bn_course.live.canvas import Canvas
from bn_course.live.png import still

# Okabe & Ito's palette, distinct to colour-blind readers: https://jfly.uni-koeln.de/color/
COLOURS = {
    "none": "#D55E00",
    "batch": "#0072B2",
    "layer": "#009E73",
    "group": "#CC79A7",
    "instance": "#E69F00",
}
INK = "#222222"
MUTED = "#6B6B6B"

WIDTH = 7.0  # inches
CSS_DPI = 100  # CSS pixels to the inch: a figure is 700 wide on the page
SCALE = 2  # stored pixels to the CSS pixel, sharp on high-density screens

STYLE = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "white",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 10,
    "axes.prop_cycle": matplotlib.cycler(color=list(COLOURS.values())),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "figure.facecolor": "white",
    "font.size": 10,
    "grid.alpha": 0.5,
    "grid.color": "#DDDDDD",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "savefig.bbox": None,
    "savefig.facecolor": "white",
    "savefig.transparent": False,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 9,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 9,
}


def in_style():
    """A context with Matplotlib's defaults and STYLE, whatever style the reader has chosen."""
    return matplotlib.style.context(["default", STYLE])


def figure(height: float = 3.2, width: float = WIDTH) -> Figure:
    """An empty figure on an Agg canvas. pyplot never hears of it, so any thread may draw it."""
    with in_style():
        fig = Figure((width, height), dpi=CSS_DPI * SCALE, layout="constrained")
        Canvas(fig)
    return fig


def subplots(rows: int = 1, columns: int = 1, height: float = 3.2, **options):
    """`figure` with a grid of axes: returns (fig, axes) as `pyplot.subplots` does."""
    fig = figure(height)
    with in_style():
        return fig, fig.subplots(rows, columns, **options)


def title(ax: Axes, sentence: str):
    """What the figure says, as a sentence, at the left; returns the text artist."""
    with in_style():
        return ax.set_title(sentence, loc="left")


class Picture:
    """A figure with alternative text; what `show` returns."""

    def __init__(self, png: bytes, alt: str, width: int):
        self.png, self.alt, self.width = png, alt, width

    def _repr_mimebundle_(self, include=None, exclude=None):
        return picture_bundle(self.png, self.alt, self.width)

    def __repr__(self):
        return self.alt


def show(fig: Figure, alt: str) -> Picture:
    """Display `fig` as PNG with alternative text: `show(fig, "…")` as a cell's last line.

    Web pages that nbconvert makes take the alternative text from the output's metadata, where
    this puts it. JupyterLab has no place for it in an image, so the output's text/plain, which
    screen readers and text-only readers of the notebook file meet, is the same sentence.
    """
    if not alt.strip():
        raise ValueError("show: alt is empty; say what one would see")
    with in_style():
        fig.canvas.draw()
    return Picture(still(fig.canvas), alt, round(fig.get_figwidth() * CSS_DPI))


def picture_bundle(png: bytes, alt: str, width: int) -> tuple[dict, dict]:
    """Data and metadata of an output that shows `png`, `width` CSS pixels wide."""
    data = {"image/png": b64encode(png).decode("ascii"), "text/plain": alt}
    return data, {"image/png": {"alt": alt, "width": width}}
