"""The layers of a model in one picture: a sick one sticks out."""

import numpy as np
from matplotlib.ticker import LogLocator, NullLocator

from bn_course.live.style import COLOURS, INK, MUTED, subplots, title

FINE, ILL = COLOURS["batch"], COLOURS["none"]
BANDS = (0.0, 0.5), (0.5, 2.0)  # healthy, of some hundred examples: distance of the means, ratio
LEAST = 1e-3  # the smallest ratio that is drawn


def plot(seen):
    """Every layer in the order of the forward pass, a dot a channel, its line at the median.

    Above, how far the running mean is from the mean of the input; in the middle the ratio of the variances;
    below |γ|. Shaded is what the kit takes for healthy, of three channels in four. Orange: a layer with a
    warning. A layer without running statistics has |γ| alone.
    """
    layers = in_order(seen.layers)
    fig, axes = subplots(3, 1, height=5.2, sharex=True)
    dress(axes)
    for place, layer in enumerate(layers):
        values = layer.mean_distance, layer.var_ratio, layer.gammas
        for ax, channels in zip(axes, values, strict=True):
            _strip(ax, place, channels, ILL if layer.warnings else FINE)
    axes[-1].set_xticks(range(len(layers)), [layer.name for layer in layers], rotation=30, ha="right")
    axes[-1].set_xlim(-0.6, max(len(layers), 1) - 0.4)
    for tick, layer in zip(axes[-1].get_xticklabels(), layers, strict=True):
        tick.set(color=ILL if layer.warnings else INK, weight="bold" if layer.warnings else "normal")
    title(axes[0], sentence(layers))
    return fig


def in_order(layers: list) -> list:
    """As they were first called; those that never were are left out."""
    return sorted((layer for layer in layers if layer.order is not None), key=lambda layer: layer.order)


def sentence(layers: list) -> str:
    """What the picture says."""
    ill = [layer.name for layer in layers if layer.warnings]
    if not layers:
        return "No norm layer was called"
    if not ill:
        return f"{len(layers)} layer{'s' * (len(layers) > 1)}, none with a warning"
    names = ", ".join(ill[:4]) + (" and others" if len(ill) > 4 else "")
    return f"With a warning: {names}"


def dress(axes) -> None:
    """Labels, bands and scales of the three panels."""
    for ax, label in zip(axes, ("mean off, in σ", "variance, ×", "|γ|"), strict=True):
        ax.set_ylabel(label)
    for ax, band in zip(axes, BANDS, strict=False):
        ax.axhspan(*band, color=FINE, alpha=0.12, lw=0)
    axes[1].set_yscale("log")
    axes[1].yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes[1].yaxis.set_minor_locator(NullLocator())
    axes[1].yaxis.set_major_formatter("{x:g}")


def strip(place: int, channels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Where the dots of one layer are: sorted, side by side around `place`."""
    values = np.sort(channels[np.isfinite(channels)])
    return place + np.linspace(-0.3, 0.3, len(values)), np.maximum(values, LEAST)


def _strip(ax, place: int, channels: np.ndarray | None, colour: str) -> None:
    across, values = strip(place, np.empty(0) if channels is None else channels)
    if len(values):
        ax.plot(across, values, "o", ms=2.5, mew=0, color=colour, alpha=0.6)
        ax.plot([place - 0.36, place + 0.36], [np.median(values)] * 2, color=MUTED, lw=1.2)
