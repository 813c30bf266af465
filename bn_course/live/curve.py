"""A curve over several runs, some of which came to no end."""

import numpy as np
from matplotlib.axes import Axes


def curve(ax: Axes, x, runs, low, high, colour: str, ends: tuple[float, float], **look) -> None:
    """Mean and interval of the runs at each x; where some run has no value, its runs one by one.

    runs: (seeds, len(x)), NaN where a run diverged; low, high: (len(x),), the interval of the mean.
    The band ends at `ends`, beyond which no value can lie. A dot is a run that has a value where
    another has none, and a cross, at the lower end, one that has none. `look` goes to the line.
    """
    x, runs = np.asarray(x), np.asarray(runs)
    whole = ~np.isnan(runs).any(0)
    ax.plot(x[whole], runs[:, whole].mean(0), color=colour, **look)
    low, high = (np.clip(bound, *ends)[whole] for bound in (low, high))
    ax.fill_between(x[whole], low, high, color=colour, alpha=0.2, lw=0)
    places = np.broadcast_to(x, runs.shape)[:, ~whole].ravel()
    values = runs[:, ~whole].ravel()
    ax.plot(places, values, ".", color=colour, ms=5)
    lost = places[np.isnan(values)]
    if lost.size:  # an empty line that is not clipped would take room from its neighbours
        ax.plot(lost, np.full(len(lost), ends[0]), "x", color=colour, ms=6, clip_on=False)
