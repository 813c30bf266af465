"""Views: moving artists over a cached picture give what drawing everything anew would give."""

import io

import numpy as np
import pytest
from PIL import Image

from bn_course.live import View, figure, title
from bn_course.live.png import TOLERANCE, opaque


class WaveView(View):
    """A line, a title and bars that follow the state, on axes whose limits may follow it too.

    None touches a spine: what moves lies over what stands still, whatever its zorder.
    """

    def __init__(self, fig):
        super().__init__(fig)
        self.ax, other = fig.subplots(1, 2)
        self.ax.set(xlim=(0, 1), ylim=(-2, 2), xlabel="x", ylabel="height")
        other.set(xlim=(-1, 3), ylim=(0, 2))
        self.sentence = self.moving(title(self.ax, ""))
        (self.line,) = self.moving(self.ax.plot([], []))
        self.bars = self.moving(other.bar([0, 1, 2], [0, 0, 0], bottom=0.1))

    def update(self, result):
        height, limit = result
        x = np.linspace(0.1, 0.9, 50)
        self.sentence.set_text(f"Height {height:g}")
        self.line.set_data(x, height * np.sin(9 * x))
        for bar, share in zip(self.bars, (0.5, 1.0, 1.5), strict=True):
            bar.set_height(height * share)
        if self.ax.get_ylim()[1] != limit:
            self.ax.set_ylim(-limit, limit)


STATES = [(0.5, 2), (1.0, 2), (1.2, 4), (0.1, 4), (0.7, 2), (0.5, 2)]


@pytest.fixture
def view():
    return WaveView(figure(height=2))


def canvas_pixels(view):
    return np.array(view.fig.canvas.buffer_rgba())


def drawn_whole(view):
    """Everything drawn by matplotlib itself, in one go."""
    for artist in view._moving:
        artist.set_animated(False)
    view.fig.canvas.draw()
    whole = canvas_pixels(view)
    for artist in view._moving:
        artist.set_animated(True)
    view.fig.stale = True
    return whole


@pytest.mark.parametrize("scale", [1, 2])
def test_cached_frames_equal_whole_drawings(view, scale):
    for state in STATES:
        view.png(state, scale)
        cached = canvas_pixels(view)
        assert cached.shape == (200 * scale, 700 * scale, 4)
        np.testing.assert_array_equal(cached, drawn_whole(view), err_msg=str(state))


def test_a_frame_depends_on_its_state_and_not_on_those_before(view):
    fresh = WaveView(figure(height=2))
    fresh.still(STATES[0])  # both are laid out on the same state
    for state in STATES:
        view.still(state)
    assert view.still(STATES[-1]) == fresh.still(STATES[-1])
    assert view.still(STATES[1]) != view.still(STATES[-1])


def test_changing_the_scale_and_back_changes_nothing(view):
    one = view.still(STATES[0])
    view.png(STATES[0], 1)
    small = canvas_pixels(view)
    assert small.shape == (200, 700, 4)
    assert view.still(STATES[0]) == one
    view.png(STATES[0], 1)
    np.testing.assert_array_equal(canvas_pixels(view), small)


def test_what_stands_still_is_drawn_once(view, monkeypatch):
    draws = []
    draw = view.fig.canvas.draw
    monkeypatch.setattr(view.fig.canvas, "draw", lambda: draws.append(1) or draw())
    for height in np.linspace(0, 1, 9):
        view.png((height, 2))
    assert len(draws) == 1
    view.png((1.0, 4))  # a limit moved
    assert len(draws) == 2


def test_axes_do_not_jump_when_a_state_needs_more_room(view):
    view.png((0.5, 2))
    place = view.ax.get_position().bounds
    view.png((0.5, 20000))  # longer tick labels
    assert view.ax.get_position().bounds == place


def test_still_has_two_pixels_to_the_css_pixel_and_looks_as_it_was_drawn(view):
    image = Image.open(io.BytesIO(view.still(STATES[0]))).convert("RGB")
    assert image.size == (1400, 400)
    drawn = np.asarray(opaque(view.fig.canvas)).astype(int)
    assert abs(np.asarray(image) - drawn).max() <= TOLERANCE


def test_moving_takes_one_artist_or_several_and_returns_them():
    view = View(figure())
    ax = view.fig.subplots()
    line, bars, many = ax.plot([0])[0], ax.bar([0, 1], [1, 2]), ax.plot([[0, 1], [1, 2]])
    for artists in (line, bars, many):
        assert view.moving(artists) is artists
    assert all(artist.get_animated() for artist in [line, *bars, *many])


def test_moving_artists_lie_in_the_order_of_their_zorder():
    view = View(figure(height=1))
    ax = view.fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 1), ylim=(0, 1))
    view.fig.set_layout_engine("none")
    view.moving(ax.axhspan(0, 1, color="red", zorder=5))
    view.moving(ax.axhspan(0, 1, color="blue", zorder=4))
    view.update = lambda result: None
    view.still(None)
    assert canvas_pixels(view)[100, 700].tolist() == [255, 0, 0, 255]


def test_an_artist_that_hides_is_gone_from_the_next_frame(view):
    shown = view.still(STATES[0])
    view.line.set_visible(False)
    hidden = view.still(STATES[0])
    np.testing.assert_array_equal(canvas_pixels(view), drawn_whole(view))
    assert hidden != shown
    view.line.set_visible(True)
    assert view.still(STATES[0]) == shown


def test_a_view_without_clicks_picks_nothing(view):
    assert view.pick(10, 10) == {}


def test_a_subclass_has_to_say_how_it_moves():
    with pytest.raises(NotImplementedError):
        View(figure()).png(None)
