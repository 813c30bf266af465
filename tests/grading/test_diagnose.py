"""What an answer's values say about the mistake, on a question small enough to see through."""

from dataclasses import replace

import numpy as np
import pytest

from bn_course.grading.diagnose import diagnose
from bn_course.grading.question import Misconception, Probe, Question
from bn_course.grading.run import run_here


def reference(x):
    return 2 * x


def variant(x, factor=2, shift=0, floor=None, strict=False):
    """The reference with a knob for each mistake."""
    if strict and (x < 0).any():
        raise ValueError("negative")
    return np.maximum(factor * x + shift, -np.inf if floor is None else floor)


def known(key, *settings, rounding=False):
    return Misconception(key, f"You do {key}.", "It is wrong.", settings, rounding)


HALVES = known("halves", {"factor": 0.5})
SHIFTS = known("shifts", {"shift": 1}, {"shift": 0.25})
FLOORS = known("floors", {"floor": 0})
STRICT = known("strict", {"strict": True})
COARSE = known("coarse", {}, rounding=True)
PROBES = [
    Probe("three", (np.array([1.0, 2.0, 3.0]),)),
    Probe("two", (np.array([-1.0, 4.0]),)),
    Probe("far", (np.array([1000.0, 1001.0], np.float32),), rounding=True),
]


def question(*misconceptions):
    return Question("double", 1, 1, reference, variant, ("y",), lambda rng: PROBES, (), misconceptions)


def named(answer, *misconceptions):
    expected, outcomes = ([run_here(f, probe) for probe in PROBES] for f in (reference, answer))
    return diagnose(question(*misconceptions), PROBES, expected, outcomes)


def coarse(answer):
    """`answer`, and wrong where rounding shows."""
    return lambda x: answer(x) + 100 * (x > 500)


def test_one_mistake_is_named():
    assert named(lambda x: x / 2, HALVES, SHIFTS, FLOORS) == ("halves",)
    assert named(lambda x: np.maximum(2 * x, 0), HALVES, SHIFTS, FLOORS) == ("floors",)


@pytest.mark.parametrize("shift", [1, 0.25])
def test_each_way_of_making_a_mistake_is_known(shift):
    assert named(lambda x: 2 * x + shift, HALVES, SHIFTS) == ("shifts",)


def test_two_mistakes_are_named_in_the_question_s_order():
    assert named(lambda x: x / 2 + 1, SHIFTS, HALVES, FLOORS) == ("shifts", "halves")
    assert named(lambda x: x / 2 + 1, HALVES, SHIFTS, FLOORS) == ("halves", "shifts")


def test_an_explanation_holds_on_every_probe():
    assert named(lambda x: x / 2 if x.size == 3 else 2 * x, HALVES, SHIFTS) == ()
    assert named(lambda x: x / 2 if x.size == 2 else 2 * x, HALVES, SHIFTS) == ()


def test_what_no_knob_makes_is_not_named():
    assert named(lambda x: 3 * x, HALVES, SHIFTS, FLOORS) == ()
    assert named(lambda x: 3 * x, COARSE, HALVES) == ()
    assert named(lambda x: 3 * x) == ()


def test_a_right_answer_has_no_mistake():
    assert named(reference, HALVES, SHIFTS, COARSE) == ()


def test_an_answer_that_raises_where_it_is_wrong_could_be_anything():
    def raises(x):
        raise TypeError

    def refuses_negative_numbers(x):
        if x.min() < 0:
            raise TypeError
        return 2 * x

    assert named(raises, STRICT, HALVES) == ()
    assert named(refuses_negative_numbers, STRICT, HALVES) == ()


def test_an_answer_that_raises_somewhere_and_is_wrong_elsewhere():
    def answer(x):
        if x.min() < 0:
            raise TypeError
        return x / 2

    assert named(answer, STRICT, HALVES) == ("strict", "halves")


def test_of_two_explanations_only_what_they_share_is_named():
    also_halves = known("also-halves", {"factor": 0.5, "shift": 0})
    assert named(lambda x: x / 2, HALVES, also_halves) == ()
    also_shifts = known("also-shifts", {"shift": 1.0})
    assert named(lambda x: x / 2 + 1, HALVES, SHIFTS, also_shifts) == ("halves",)


def test_rounding_is_known_by_where_it_fails():
    assert named(coarse(reference), HALVES, COARSE) == ("coarse",)
    assert named(coarse(reference), HALVES) == ()


@pytest.mark.parametrize("misconceptions", [(SHIFTS, HALVES, COARSE), (COARSE, SHIFTS, HALVES)])
def test_rounding_beside_another_mistake(misconceptions):
    order = tuple(m.key for m in misconceptions)
    assert named(coarse(lambda x: x / 2), *misconceptions) == tuple(k for k in order if k != "shifts")
    assert named(coarse(lambda x: 2 * x + 0.25), *misconceptions) == tuple(k for k in order if k != "halves")
    assert named(lambda x: x / 2, *misconceptions) == ("halves",)


def test_rounding_beside_two_other_mistakes_is_too_much_to_name():
    assert named(coarse(lambda x: x / 2 + 1), HALVES, SHIFTS, COARSE) == ()


def test_two_mistakes_of_rounding_alone_are_no_pair():
    finer = known("finer", {}, rounding=True)
    assert named(coarse(lambda x: 3 * x), COARSE, finer) == ()
    assert named(coarse(reference), COARSE, finer) == ()


def test_rounding_beside_a_mistake_of_which_a_part_is_one_too():
    halves = known("halves", {"factor": 0.5}, {"factor": 0.5, "shift": 1})
    assert named(coarse(lambda x: x / 2 + 1), halves, COARSE) == ("halves", "coarse")


def test_rounding_is_not_named_where_the_other_mistake_loses_the_digits():
    def spoilt(x, factor=2.0):  # its own rounding shows at a large mean
        return factor * (x + np.float32(1e9) - np.float32(1e9)) if factor == 0.5 else reference(x)

    asked = replace(question(HALVES, COARSE), variant=spoilt)
    expected, outcomes = (
        [run_here(f, probe) for probe in PROBES] for f in (reference, lambda x: 0.5 * x.astype(np.float64))
    )
    assert diagnose(asked, PROBES, expected, outcomes) == ("halves",)
