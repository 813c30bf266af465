"""Artists that are built once and moved afterwards, over a picture of everything that stands still.

Drawing a figure of four panels anew takes about 100 ms, most of it for axes and labels that did
not change. So the artists that move are drawn over a cached picture of the rest. Matplotlib calls
them animated; whatever else is touched (a limit, a tick) makes the figure stale, and the cache is
then made anew, so a view is always right and nearly always fast. The browser has that picture too,
and a frame holds only what differs from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.artist import Artist
from matplotlib.figure import Figure

from bn_course.live.png import Encoder, pixels_of, still
from bn_course.live.style import CSS_DPI, SCALE


class View:
    """Base of every view. A subclass builds its artists in `__init__` and moves them in `update`.

    `self.moving(artist)` registers what `update` will move and returns it; it takes a list or a
    bar container too. Titles that follow the state are moving artists: `moving(ax.set_title(""))`.
    What moves is drawn by zorder, above all that stands still.
    """

    def __init__(self, fig: Figure):
        self.fig = fig
        self._moving: list[Artist] = []
        self._background = None
        self._encode = Encoder()
        self.background = b""  # PNG of what stands still, under the last frame

    def update(self, result: Any) -> None:
        """Move the artists to where `result` puts them."""
        raise NotImplementedError

    def pick(self, x: float, y: float) -> dict[str, Any]:
        """The parameters that a click selects; (x, y) is in pixels of the figure's canvas.

        `ax.transData.inverted().transform((x, y))` gives data coordinates. Whatever a click
        does, a control must do too, for readers who use the keyboard.
        """
        return {}

    def moving(self, artists):
        """Register an artist, or a container of them, that `update` moves; returns it."""
        for artist in artists if isinstance(artists, Iterable) else [artists]:
            artist.set_animated(True)
            self._moving.append(artist)
        return artists

    def png(self, result: Any, scale: int = 2) -> bytes:
        """A frame, to be laid over `self.background`: `scale` pixels to each CSS pixel, in few colours."""
        self._draw(result, scale)
        return self._encode(self.fig.canvas, self._still_pixels)

    def still(self, result: Any) -> bytes:
        """The picture that a notebook stores: two pixels to the CSS pixel."""
        self._draw(result, SCALE)
        return still(self.fig.canvas)

    def _draw(self, result: Any, scale: int) -> None:
        if self.fig.dpi != CSS_DPI * scale:
            self.fig.set_dpi(CSS_DPI * scale)
            self._background = None
        self.update(result)
        canvas = self.fig.canvas
        if self._background is None or self.fig.stale:
            canvas.draw()
            self.fig.set_layout_engine("none")  # laid out once: nothing jumps while a slider moves
            self._background = canvas.copy_from_bbox(self.fig.bbox)
            self._still_pixels = pixels_of(canvas).copy()
            self.background = still(canvas, compress_level=3)
            self.fig.stale = False
        else:
            canvas.restore_region(self._background)
        for artist in sorted(self._moving, key=Artist.get_zorder):
            self.fig.draw_artist(artist)
