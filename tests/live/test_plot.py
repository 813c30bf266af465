"""The shell in Python: controls, errors, threads, and what an output carries."""

import base64
import io
import json
import threading

import numpy as np
import pytest
from demo import Descent, compute
from PIL import Image

from bn_course.live import BrowserPlot
from bn_course.live.plot import STATE_MIME
from bn_course.live.png import FARTHEST


class FixedView(Descent.View):
    """Not laid out, which takes half of a first drawing; test_view.py looks at layout."""

    def __init__(self, fig):
        fig.set_layout_engine("none")
        super().__init__(fig)


class Told(Descent):
    """`Descent` whose alternative text names the whole state that the picture shows."""

    View = FixedView

    @staticmethod
    def describe(result):
        return f"At rate {result.params.rate:g}, step {result.params.step}."


def pixels(shown):
    """RGB of a PNG, or of what the browser shows of an explorer: its frame over its background."""
    if isinstance(shown, bytes):
        return np.asarray(Image.open(io.BytesIO(shown)).convert("RGB")).astype(int)
    background, frame = (Image.open(io.BytesIO(png)).convert("RGBA") for png in (shown.background, shown.png))
    return np.asarray(Image.alpha_composite(background, frame).convert("RGB")).astype(int)


def differing(one, other):
    """How many pixels differ by more than the palette of a frame may change them."""
    return int((abs(pixels(one) - pixels(other)).max(axis=2) > FARTHEST).sum())


def fails_at(rate, error):
    """`Told` whose compute raises `error` at one rate."""

    def failing(params):
        if params.rate == pytest.approx(rate):
            raise error
        return compute(params)

    return type("Failing", (Told,), {"compute": staticmethod(failing)})


@pytest.fixture
def explorer():
    return Told()


@pytest.fixture
def messages(explorer, monkeypatch):
    """What the kernel sends to the browser: (state, buffers) of every update."""
    sent = []

    def send(data, buffers=(), **_):
        if data["method"] == "update":
            names = [path[0] for path in data["buffer_paths"]]
            sent.append({**data["state"], **dict(zip(names, map(bytes, buffers), strict=True))})

    monkeypatch.setattr(explorer.comm, "send", send)
    return sent


# Controls and parameters


def test_starts_with_defaults_drawn(explorer):
    assert explorer.params == explorer.result.params == Descent.Params()
    assert explorer.error is None
    assert explorer.alert == ""
    assert explorer.alt == "At rate 0.5, step 20."
    assert pixels(explorer).shape == (640, 1400, 3)


def test_both_ends_of_every_control_are_drawn_anew(explorer):
    for name, control in explorer.controls.items():
        frames = set()
        for value in [*control.corners(), control.values[-2]]:
            explorer.set(**{name: value})
            assert control.values[explorer.at[name]] == value
            if explorer.error is None:
                assert explorer.result.params == explorer.params
                frames.add(explorer.png)
        assert len(frames) > 1, name
        explorer.reset()


def test_parameters_are_exactly_the_controls_values(explorer):
    explorer.set(rate=0.1 + 0.2, length=10.0, noise=1)
    assert explorer.params == Descent.Params(rate=0.3, length=10, noise=True)
    assert type(explorer.params.length) is int
    assert explorer.params.noise is True


def test_keywords_set_the_start_and_reset_returns_there():
    explorer = Told(rate=1.5, step=3)
    first = explorer.view.still(explorer.result)
    explorer.set(rate=0.2, noise=True, start="far")
    explorer.reset()
    assert explorer.params == Descent.Params(rate=1.5, step=3)
    assert explorer.view.still(explorer.result) == first


def test_a_field_without_control_stays_as_given():
    controls = {name: control for name, control in Descent.controls.items() if name != "step"}
    explorer = type("Fixed", (Told,), {"controls": controls})(step=7)
    explorer.set(rate=1.0)
    assert explorer.alt == "At rate 1, step 7."
    with pytest.raises(ValueError, match=r"step: no such control; rate, length, start, noise$"):
        explorer.set(step=8)


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"rate": 0.55}, "'learning rate' cannot be 0.55; it takes 0.1, 0.2, 0.3, …, 2"),
        ({"start": "middle"}, "'start' cannot be 'middle'; it takes near, far"),
        ({"speed": 1}, "speed: no such control; rate, length, start, noise, step"),
    ],
)
def test_set_refuses_what_no_control_can_be_and_moves_nothing(explorer, params, sentence):
    frame = explorer.png
    with pytest.raises(ValueError, match=sentence):
        explorer.set(length=10, **params)
    assert explorer.params == Descent.Params()
    assert explorer.png == frame


def test_a_start_that_is_not_possible_is_refused_at_once():
    with pytest.raises(ValueError, match="must be below 2"):
        Descent(rate=2.0)
    with pytest.raises(ValueError, match="'steps' cannot be 11"):
        Descent(length=11)
    with pytest.raises(TypeError, match="speed"):
        Descent(speed=1)


def test_player_shows_each_step_and_keeps_within_its_history(explorer):
    for step in (0, 1, 39, 40):
        explorer.set(step=step)
        assert explorer.view.dot.get_xdata() == [min(step, 39)]
    with pytest.raises(ValueError, match="'step shown' cannot be 41"):
        explorer.set(step=41)


def test_alternative_text_and_title_follow_the_state(explorer):
    explorer.set(rate=1.5, step=2)
    assert explorer.alt == "At rate 1.5, step 2."
    assert explorer.view.sentence.get_text() == "After 2 steps: 0.125"


def test_explorers_do_not_share_state():
    one, other = Told(), Told()
    one.set(rate=1.0)
    assert other.alt == "At rate 0.5, step 20."


# What goes wrong


def test_a_refused_value_is_shown_and_gone_at_the_next_good_one(explorer):
    frame, alt = explorer.png, explorer.alt
    explorer.set(rate=2.0)
    assert type(explorer.error) is ValueError
    assert explorer.alert == "the learning rate must be below 2; it is 2"
    assert (explorer.png, explorer.alt) == (frame, alt)  # the last good figure stays
    assert explorer.result.params.rate == 0.5
    explorer.set(rate=1.9)
    assert explorer.error is None
    assert explorer.alert == ""
    assert explorer.alt == "At rate 1.9, step 20."


def test_reset_takes_a_refusal_away(explorer):
    explorer.set(rate=2.0)
    explorer.reset()
    assert explorer.error is None
    assert explorer.alert == ""


@pytest.mark.parametrize(
    ("error", "alert"),
    [
        (ValueError("needs two entries"), "needs two entries"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero"),
        (FloatingPointError("overflow"), "FloatingPointError: overflow"),
    ],
)
def test_an_exception_in_compute_is_shown(error, alert):
    explorer = fails_at(1.0, error)()
    explorer.set(rate=1.0)
    assert explorer.error is error
    assert explorer.alert == alert
    explorer.set(rate=0.9)
    assert explorer.error is None
    assert explorer.alert == ""


@pytest.mark.parametrize("place", ["update", "describe"])
def test_an_exception_while_drawing_is_shown_and_the_next_frame_is_whole(explorer, monkeypatch, place):
    def broken(*_):
        raise RuntimeError("half-way")

    with monkeypatch.context() as patch:
        patch.setattr(explorer.view if place == "update" else Told, place, broken)
        explorer.set(rate=0.6)
        assert explorer.alert == "RuntimeError: half-way"
        assert explorer.alt == "At rate 0.5, step 20."
    explorer.set(rate=0.7)
    assert explorer.alert == ""
    assert explorer.view.still(explorer.result) == Told(rate=0.7).view.still(explorer.result)


def test_a_state_that_no_control_has_is_shown_as_an_error(explorer):
    """From a browser with an older version of the page, say."""
    explorer.at = {**explorer.at, "rate": 99}
    assert explorer.alert.startswith("IndexError")
    explorer.reset()
    assert explorer.alert == ""


def test_an_explorer_that_fails_at_once_still_displays_its_message():
    explorer = fails_at(0.5, ZeroDivisionError("no data"))()
    assert explorer.result is None
    assert explorer.alert == "ZeroDivisionError: no data"
    data, _ = explorer._repr_mimebundle_()
    assert data["text/plain"] == "Descent"
    assert "image/png" not in data
    explorer.set(rate=0.6)
    assert "image/png" in explorer._repr_mimebundle_()[0]


def test_an_interrupt_is_not_swallowed_and_the_explorer_goes_on():
    explorer = fails_at(1.0, KeyboardInterrupt())()
    with pytest.raises(KeyboardInterrupt):
        explorer.set(rate=1.0)
    explorer.set(rate=1.1)
    assert explorer.alt == "At rate 1.1, step 20."


# The browser


def test_one_message_carries_picture_text_and_box(explorer, messages):
    explorer.set(rate=2.0)
    messages.clear()
    explorer.set(rate=1.0)
    frames = [message for message in messages if "png" in message]
    assert len(frames) == 1
    assert frames[0] == {"png": explorer.png, "alt": explorer.alt, "alert": ""}


def test_moves_from_the_browser_are_drawn_and_not_echoed(explorer, messages):
    explorer.set_state({"at": {**explorer.at, "rate": 9}})
    assert explorer.alt == "At rate 1, step 20."
    assert [sorted(message) for message in messages] == [["alt", "png"]]


def test_what_the_browser_draws_from_is_json(explorer):
    state = json.loads(json.dumps({name: getattr(explorer, name) for name in ("at", "_controls", "_start")}))
    assert [control["name"] for control in state["_controls"]] == list(Descent.controls)
    for control in state["_controls"]:
        index = state["at"][control["name"]]
        assert control["values"][index] == getattr(explorer.params, control["name"])
    assert explorer._label == "Descent"
    assert explorer._width == 700


def test_screens_of_one_pixel_to_the_css_pixel_get_small_frames(explorer):
    explorer.scale = 1
    assert pixels(explorer).shape == (320, 700, 3)
    explorer.set(rate=1.0)
    assert pixels(explorer).shape == (320, 700, 3)
    stored = base64.b64decode(explorer._repr_mimebundle_()[0]["image/png"])
    assert pixels(stored).shape == (640, 1400, 3)
    explorer.set(rate=1.1)  # storing a picture does not change what the screen gets
    assert pixels(explorer).shape == (320, 700, 3)


@pytest.mark.parametrize("scale", [1, 2])
def test_a_click_moves_the_control_under_it(explorer, scale):
    explorer.scale = scale
    ax = explorer.view.axes[0]
    x, y = ax.transData.transform((12, 0.3)) / explorer.view.fig.bbox.size
    explorer._handle_custom_msg({"pick": [x, 1 - y]}, [])
    assert explorer.params.step == 12


@pytest.mark.parametrize("scale", [1, 2])
def test_a_view_gets_a_click_in_pixels_from_the_bottom_left(explorer, monkeypatch, scale):
    clicks = []
    monkeypatch.setattr(explorer.view, "pick", lambda x, y: clicks.append((x, y)))
    explorer.scale = scale
    explorer._handle_custom_msg({"pick": [0.25, 0.125]}, [])  # from the top left
    assert clicks == [(175 * scale, 280 * scale)]


@pytest.mark.parametrize(
    ("picked", "alert"),
    [
        (ZeroDivisionError("no such place"), "ZeroDivisionError: no such place"),
        (lambda x, y: {"rate": 0.55}, "'learning rate' cannot be 0.55; it takes 0.1, 0.2, 0.3, …, 2"),
        (lambda x, y: {"speed": 1}, "speed: no such control; rate, length, start, noise, step"),
    ],
)
def test_a_click_that_fails_is_shown_and_gone_at_the_next_good_value(explorer, monkeypatch, picked, alert):
    def failing(x, y):
        raise picked

    monkeypatch.setattr(explorer.view, "pick", failing if isinstance(picked, Exception) else picked)
    explorer._handle_custom_msg({"pick": [0.5, 0.5]}, [])
    assert explorer.alert == alert
    assert isinstance(explorer.error, Exception)
    explorer.set(rate=0.6)
    assert explorer.error is None
    assert explorer.alert == ""


def test_a_click_that_picks_nothing_and_other_messages_change_nothing(explorer, monkeypatch):
    monkeypatch.setattr(explorer.view, "pick", lambda x, y: {})
    frame = explorer.png
    explorer._handle_custom_msg({"pick": [0.5, 0.5]}, [])
    explorer._handle_custom_msg({"other": 1}, [])
    assert explorer.png == frame
    assert explorer.params == Descent.Params()


# Outputs


def test_output_is_the_picture_of_the_state_with_its_text(explorer):
    explorer.set(rate=1.5)
    data, metadata = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert data["text/plain"] == metadata["image/png"]["alt"] == "At rate 1.5, step 20."
    stored = base64.b64decode(data["image/png"])
    assert differing(stored, explorer) == 0
    assert differing(stored, Told()) > 100


def test_output_is_the_same_on_every_run():
    def stored():
        data, metadata = Told(rate=1.5)._repr_mimebundle_()
        return data["image/png"], data["text/plain"], metadata

    assert stored() == stored()


def test_output_during_a_refusal_shows_the_last_good_state(explorer):
    explorer.set(rate=2.0)
    data, _ = explorer._repr_mimebundle_()
    assert data["text/plain"] == "At rate 0.5, step 20."
    assert differing(base64.b64decode(data["image/png"]), Told()) == 0


class Browser(BrowserPlot):
    label, Params, View, controls = "Descent", Told.Params, Told.View, Told.controls
    compute, describe = staticmethod(compute), staticmethod(Told.describe)

    def shared(self):
        return {"draws": [0.5, -1.0]}


def test_a_browser_plot_sends_state_and_no_frames():
    explorer = Browser()
    explorer.set(rate=1.5)
    assert explorer.png == b""
    assert explorer.error is None
    assert explorer.result.params.rate == 1.5
    explorer.set(rate=2.0)
    assert explorer.alert == "the learning rate must be below 2; it is 2"


def test_a_browser_plots_output_has_picture_text_and_state():
    explorer = Browser(rate=1.5)
    explorer.set(step=3)
    data, _ = explorer._repr_mimebundle_()
    assert data["text/plain"] == "At rate 1.5, step 3."
    assert differing(base64.b64decode(data["image/png"]), Told(rate=1.5, step=3)) == 0
    state = json.loads(json.dumps(data[STATE_MIME]))
    assert state["data"] == {"draws": [0.5, -1.0]}
    assert state["at"] == {**state["_start"], "step": 3}
    assert (state["module"], state["_label"], state["_width"]) == (
        __name__.rsplit(".", 1)[-1],
        "Descent",
        700,
    )
    assert state["_controls"] == explorer._controls


# Threads


@pytest.fixture
def slow():
    """An explorer whose compute waits at rate 1, and the events that say so and let it go on."""
    arrived, go = threading.Event(), threading.Event()

    def waiting(params):
        if params.rate == 1.0:
            arrived.set()
            assert go.wait(30)
        return compute(params)

    yield type("Slow", (Told,), {"compute": staticmethod(waiting)})(), arrived, go
    go.set()


def join(*threads):
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive(), "deadlock"


def test_changes_during_a_computation_leave_word_and_only_the_last_is_drawn(slow):
    explorer, arrived, go = slow
    drawn = []
    explorer.observe(lambda change: drawn.append(change.new), "alt")
    worker = threading.Thread(target=explorer.set, kwargs={"rate": 1.0})
    worker.start()
    assert arrived.wait(30)
    for rate in (1.1, 1.2, 1.3):
        explorer.set(rate=rate)  # comes back at once
    assert explorer.alt == "At rate 0.5, step 20."
    go.set()
    join(worker)
    assert drawn[-1] == explorer.alt == "At rate 1.3, step 20."
    assert len(drawn) <= 2  # the frames between are skipped
    assert explorer.result.params == explorer.params
    assert explorer.view.still(explorer.result) == Told(rate=1.3).view.still(explorer.result)


def test_the_output_is_ready_during_a_computation(slow):
    explorer, arrived, go = slow
    worker = threading.Thread(target=explorer.set, kwargs={"rate": 1.0})
    worker.start()
    assert arrived.wait(30)
    assert explorer._repr_mimebundle_()[0]["text/plain"] == "At rate 0.5, step 20."
    go.set()
    join(worker)
    assert explorer.alt == "At rate 1, step 20."


def test_a_change_made_while_a_change_is_answered_is_drawn_after_it(explorer):
    def follow(change):
        if "rate 1," in change.new:
            explorer.set(step=0)

    explorer.observe(follow, "alt")
    worker = threading.Thread(target=explorer.set, kwargs={"rate": 1.0}, daemon=True)
    worker.start()
    join(worker)
    assert explorer.alt == "At rate 1, step 0."


def test_threads_at_once_leave_the_last_state_and_every_frame_whole(explorer, messages):
    """Also with outputs stored meanwhile, which draw the same artists at another size."""
    explorer.scale = 1
    rates = (0.2, 0.9, 1.6)
    frames = {}
    reference = Told()
    reference.scale = 1
    for rate in rates:
        reference.set(rate=rate)
        frames[reference.alt] = reference.png, base64.b64decode(reference._repr_mimebundle_()[0]["image/png"])
    explorer.set(rate=rates[0])
    messages.clear()
    failures, bundles = [], []

    def move(shift):
        try:
            for turn in range(8):
                explorer.set(rate=rates[(turn + shift) % 3])
                if shift == 0:
                    bundles.append(explorer._repr_mimebundle_()[0])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=move, args=(shift,), daemon=True) for shift in range(3)]
    for thread in threads:
        thread.start()
    join(*threads)
    assert failures == []
    assert explorer.error is None
    assert explorer.result.params == explorer.params
    assert explorer.alt == Told.describe(explorer.result)
    assert differing(explorer.png, frames[explorer.alt][0]) == 0
    for bundle in bundles:
        assert differing(base64.b64decode(bundle["image/png"]), frames[bundle["text/plain"]][1]) == 0
    alt, png = reference.alt, None
    for message in messages:  # a value that did not change is not sent again
        alt, png = message.get("alt", alt), message.get("png", png)
        if "png" in message:
            assert differing(png, frames[alt][0]) == 0
    assert png == explorer.png
    # The comparison can fail: these pictures do differ.
    assert differing(frames["At rate 0.2, step 20."][0], frames["At rate 0.9, step 20."][0]) > 100
