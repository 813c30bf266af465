"""Agg, with lines of text that are drawn once: letters cost more than all else in a figure.

FreeType takes 40 µs for a letter, 2 ms for a title. A line that comes again, at the same place within
a pixel, is laid down as the picture it was.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg


class Renderer(RendererAgg):
    """Agg's renderer, which remembers lines of text."""

    def get_text_width_height_descent(self, s, prop, ismath):
        # docstring inherited
        return _size(s, prop.copy(), self.dpi, ismath)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        # docstring inherited
        if angle or gc.get_alpha() != 1 or gc.get_clip_rectangle() or gc.get_clip_path()[0]:
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        column, row = math.floor(x), math.floor(self.height - y)
        part = (x - column, self.height - y - row)  # of a pixel
        margin, picture = _line(s, prop.copy(), self.dpi, ismath, gc.get_rgb(), *part)
        self.draw_image(gc, column - margin, row - margin, picture)


class Canvas(FigureCanvasAgg):
    """Agg's canvas, drawn on by a `Renderer`."""

    _drawn_on = None

    def get_renderer(self):
        # docstring inherited
        wanted = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._drawn_on != wanted:
            self._drawn_on = wanted
            self.renderer = Renderer(*wanted)
        return self.renderer


@lru_cache(2048)
def _size(s, prop, dpi, ismath):
    return RendererAgg(1, 1, dpi).get_text_width_height_descent(s, prop, ismath)


@lru_cache(512)
def _line(s, prop, dpi, ismath, colour, x, y):
    """The margin about a line that starts at (x, y), and its RGBA picture, from the bottom up."""
    width, height, _ = _size(s, prop, dpi, ismath)
    margin = math.ceil(height)  # for what hangs below the baseline, or over the ends
    paper = RendererAgg(math.ceil(width) + 2 * margin, math.ceil(height) + 2 * margin, dpi)
    gc = paper.new_gc()
    gc.set_foreground(colour, isRGBA=True)
    paper.draw_text(gc, margin + x, paper.height - margin - y, s, prop, 0, ismath)
    return margin, np.array(paper.buffer_rgba())[::-1]
