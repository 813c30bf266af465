"""Explorers that draw in a page's web worker: Python without Jupyter draws, and the page shows.

The page keeps what Jupyter's widgets would: `begin` gives a figure's whole state, and `move` and `pick`
give what they changed of it, ready to be sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bn_course.explorers import load
from bn_course.live import LivePlot

STATE = ("at", "scale", "background", "png", "alt", "alert", "_label", "_controls", "_start", "_width")

_figures: dict[int, LivePlot] = {}


def begin(key: int, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """Make the explorer `name` and call it `key` from now on; raises why it cannot be drawn."""
    figure = _figures[key] = load(name)(**params)
    if figure.error:
        raise figure.error
    return {trait: getattr(figure, trait) for trait in STATE}


def move(key: int, state: dict[str, Any]) -> dict[str, Any]:
    """Set `at`, the place of each control, or `scale`, the pixels to each of the page's."""
    return _changed(_figures[key], lambda figure: [setattr(figure, *item) for item in state.items()])


def pick(key: int, x: float, y: float) -> dict[str, Any]:
    """A click at (x, y), in fractions of the picture from its top left."""
    return _changed(_figures[key], lambda figure: figure._picked(figure, {"pick": [x, y]}, []))


def _changed(figure: LivePlot, act: Callable[[LivePlot], Any]) -> dict[str, Any]:
    """What `act` changed of the figure's state."""
    changed = {}

    def note(change: Any) -> None:
        changed[change.name] = change.new

    figure.observe(note, list(STATE))
    try:
        act(figure)
    finally:
        figure.unobserve(note, list(STATE))
    return changed
