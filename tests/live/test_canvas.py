"""The canvas: text that is remembered looks as text that is drawn."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bn_course.live import canvas, subplots, title


def written(make):
    """Pixels of a figure with text of every kind, on a canvas of class `make`."""
    fig, ax = subplots(height=2)
    make(fig)
    title(ax, "Mean 0.12, and γ̂ = −3.4·10⁻⁵")
    ax.set(xlabel="step $t^2$", ylabel="turned by 90°", xlim=(0, 1), ylim=(0, 1))
    ax.text(0.503, 0.5, "two lines,\nthe second long", ha="center", color="#888888")
    ax.text(0.1, 0.8, "half there", alpha=0.5)
    ax.text(0.95, 0.3, "cut off by the axes", clip_on=True)
    fig.canvas.draw()
    return np.array(fig.canvas.buffer_rgba()).astype(int)


def test_text_is_drawn_as_matplotlib_draws_it_the_first_time_and_again():
    expected = written(FigureCanvasAgg)
    for _ in range(2):
        assert abs(written(canvas.Canvas) - expected).max() <= 1


def test_a_line_that_comes_again_is_not_drawn_again(monkeypatch):
    fig, ax = subplots(height=2)
    text = title(ax, "A sentence that no other test has")
    fig.canvas.draw()
    drawn = []
    monkeypatch.setattr(canvas.RendererAgg, "draw_text", lambda *_, **__: drawn.append(1))
    fig.draw_artist(text)
    assert drawn == []
    text.set_text("Another sentence that no other test has")
    fig.draw_artist(text)
    assert drawn == [1]


@pytest.mark.parametrize("change", [{"color": "red"}, {"fontsize": 12}, {"weight": "normal"}, {"x": 0.123}])
def test_a_line_that_looks_different_is_another(change):
    fig, ax = subplots(height=2)
    text = title(ax, "The same words")
    fig.canvas.draw()
    before = np.array(fig.canvas.buffer_rgba())
    text.set(**change)
    fig.canvas.draw()
    assert (np.array(fig.canvas.buffer_rgba()) != before).any()


def test_another_size_of_figure_gets_another_renderer():
    fig, _ = subplots(height=2)
    first = fig.canvas.get_renderer()
    assert fig.canvas.get_renderer() is first
    fig.set_dpi(100)
    assert fig.canvas.get_renderer() is not first
    assert fig.canvas.get_renderer().width == 700
