"""Controls: the values they hold, how those are written, and what is refused."""

import json

import pytest

from bn_course.live import choice, log_slider, player, slider, steps, switch


def test_slider_holds_both_ends_and_no_rounding_dust():
    control = slider("rate", 0.1, 2.0, 0.1)
    assert control.values == tuple(tenth / 10 for tenth in range(1, 21))
    assert control.texts[:3] == ("0.1", "0.2", "0.3")
    assert slider("shift", -1, 1, 0.25).values[4] == 0


def test_slider_through_zero_has_no_negative_zero():
    assert "−0" not in slider("shift", -0.3, 0.3, 0.1).texts


def test_slider_of_ints_stays_ints():
    control = slider("batch size", 2, 8, 2)
    assert control.values == (2, 4, 6, 8)
    assert all(type(value) is int for value in control.values)


@pytest.mark.parametrize(("low", "high", "step"), [(0, 1, 0.3), (0.0, 10.0, 3.0), (1, 1, 1), (2, 1, 1)])
def test_slider_refuses_steps_that_do_not_reach_its_end(low, high, step):
    with pytest.raises(ValueError, match="slider 'rate'"):
        slider("rate", low, high, step)


def test_log_slider_is_even_in_the_logarithm_and_rounded():
    values = log_slider("eps", 1e-3, 1e-1).values
    assert values == (1e-3, 1.8e-3, 3.2e-3, 5.6e-3, 1e-2, 1.8e-2, 3.2e-2, 5.6e-2, 1e-1)
    assert log_slider("eps", 1e-8, 1e-2, per_decade=1).values == tuple(10.0**k for k in range(-8, -1))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-1, 1), (1, 1), (2, 1)])
def test_log_slider_refuses_ends_without_logarithm_or_order(low, high):
    with pytest.raises(ValueError, match="log_slider 'eps': needs 0 < low < high"):
        log_slider("eps", low, high)


def test_player_counts_from_nought_to_its_last_step():
    control = player("step", 40, interval=20)
    assert control.values == tuple(range(41))
    assert control.spec()["interval"] == 20
    assert control.corners() == [0, 20, 40]


def test_switch_is_false_and_then_true():
    control = switch("noise")  # the browser sends 1 for a ticked box
    assert control.values == (False, True)
    assert control.index(True) == 1


def test_a_mapping_gives_the_texts():
    control = choice("norm", {"batch norm": "batch", "none": None})
    assert control.values == ("batch", None)
    assert control.text(None) == "none"


@pytest.mark.parametrize("make", [steps, choice])
@pytest.mark.parametrize("values", [[], [1], {"one": 1}])
def test_one_value_is_no_control(make, values):
    with pytest.raises(ValueError, match="'size' needs at least two values"):
        make("size", values)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (3, "3"),
        (-3, "−3"),
        (0.25, "0.25"),
        (-0.5, "−0.5"),
        (0.001, "0.001"),
        (1e-5, "10⁻⁵"),
        (3.2e-5, "3.2·10⁻⁵"),
        (-3.2e-5, "−3.2·10⁻⁵"),
        (1e12, "10¹²"),
        (True, "True"),
        ("mean-only", "mean-only"),
    ],
)
def test_how_a_value_is_written(value, text):
    assert steps("x", [value, "other"]).texts[0] == text


def test_index_forgives_rounding_and_nothing_else():
    control = slider("rate", 0.1, 2.0, 0.1)
    assert control.index(0.1 + 0.2) == 2
    assert control.index(1) == 9  # an int where floats are
    for value in (0.25, 0.3001, 2.1, float("nan"), "0.3", None):
        with pytest.raises(ValueError, match="'rate' cannot be"):
            control.index(value)


def test_a_refused_value_names_what_is_possible():
    with pytest.raises(ValueError, match=r"it takes near, far$"):
        choice("start", ["near", "far"]).index("middle")
    with pytest.raises(ValueError, match=r"it takes 0, 1, 2, …, 99$"):
        player("step", 99).index(100)


def test_corners_are_ends_and_middle_of_a_slider_and_every_option():
    assert slider("x", 0, 10, 1).corners() == [0, 5, 10]
    assert steps("x", [1, 2]).corners() == [1, 2]
    assert choice("x", "abcd").corners() == ["a", "b", "c", "d"]
    assert switch("x").corners() == [False, True]


@pytest.mark.parametrize(
    "control",
    [
        slider("x", 0.0, 1.0, 0.5),
        log_slider("x", 1e-5, 1),
        steps("x", {"small": 2, "large": 64}),
        choice("x", ["near", "far"]),
        switch("x"),
        player("x", 3),
    ],
    ids=lambda control: control.kind,
)
def test_what_the_browser_gets_is_json_with_a_text_for_each_value(control):
    spec = json.loads(json.dumps(control.spec()))
    assert spec["kind"] in {"slider", "choice", "switch", "player"}
    assert spec["values"] == list(control.values)
    assert len(spec["texts"]) == len(spec["values"])
    assert all(isinstance(text, str) and text for text in spec["texts"])
    assert [control.index(value) for value in spec["values"]] == list(range(len(spec["values"])))
