"""When two values are the same, and what is said of a value that has not the form that was asked for."""

import numpy as np
import pytest

from bn_course.grading.compare import alike, as_array, close, contract_fault, kind, largest_difference, same
from bn_course.grading.question import Probe
from bn_course.grading.run import Failure, Foreign, Outcome

EXACT = Probe("exact", ())
ROUNDED = Probe("rounded", (), rounding=True)
DX, DGAMMA = np.zeros((3, 2)), np.zeros(2)
TWO = (DX, DGAMMA)
NAMES = ("dx", "dgamma")
NUMBER = np.array(1.0)
COMMA = "it is a tuple of one value: is there a comma too many?"


@pytest.mark.parametrize(
    ("expected", "value", "fault"),
    [
        (DX, DX + 1, None),
        (DX, DX.astype(np.int8), None),
        (DX, DX.T, "dx should have shape (3, 2); it has shape (2, 3)"),
        (DX, DX + 1j, "dx should be real; it is an array of shape (3, 2)"),
        (DX, NUMBER, "dx should have shape (3, 2); it has shape ()"),
        (NUMBER, DX, "dx should have shape (); it has shape (3, 2)"),
        (DX, (DX,), f"dx should be an array of shape (3, 2); it is 1 value; {COMMA}"),
        (NUMBER, None, "dx should be a number; it is None"),
        (DX, ..., "dx should be an array of shape (3, 2); it is '...'"),
        (DX, "done", "dx should be an array of shape (3, 2); it is a string"),
        (DX, Foreign("dict"), "dx should be an array of shape (3, 2); it is a value of type dict"),
        (DX, (DX, DGAMMA), "dx should be an array of shape (3, 2); it is 2 values"),
        (DX, (), "dx should be an array of shape (3, 2); it is 0 values"),
        (DX, (DGAMMA, DGAMMA, DGAMMA), None),
        (DX[:1], (DGAMMA,), None),
        (DGAMMA[:1], (NUMBER,), None),
        (DGAMMA, (DGAMMA,), f"dx should be an array of shape (2,); it is 1 value; {COMMA}"),
        (NUMBER, (NUMBER,), "dx should have shape (); it has shape (1,)"),
        (DGAMMA, np.array([np.nan, 1]), "dx contains NaN (1 of 2 entries)"),
        (DGAMMA, np.array([-np.inf, np.inf]), "dx contains infinities (2 of 2 entries)"),
        (DGAMMA * np.nan, DGAMMA * np.nan, None),
        (DGAMMA - np.inf, DGAMMA - np.inf, None),
        ("gamma", "beta", None),
        ("gamma", None, "dx is None"),
        ("gamma", DGAMMA, "dx is an array of shape (2,)"),
        (None, None, None),
        (None, "gamma", "dx should be None; it is a string"),
    ],
)
def test_one_value_that_was_asked_for(expected, value, fault):
    assert contract_fault(expected, value, ("dx",)) == fault


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (TWO, None),
        (None, "it should return 2 values (dx, dgamma); it returned None"),
        (NUMBER, "it should return 2 values (dx, dgamma); it returned a number"),
        (DX, "it should return 2 values (dx, dgamma); it returned an array of shape (3, 2)"),
        ((DX,), "it should return 2 values (dx, dgamma); it returned 1 value"),
        ((DX, DX), "dgamma should have shape (2,); it has shape (3, 2)"),
        ((DGAMMA, DX), "dx should have shape (3, 2); it has shape (2,)"),
        ((DX, None), "dgamma should be an array of shape (2,); it is None"),
    ],
)
def test_two_values_that_were_asked_for(value, fault):
    assert contract_fault(TWO, value, NAMES) == fault


def test_an_array_unpacks_like_a_tuple():
    assert contract_fault((DGAMMA, DGAMMA), np.zeros((2, 2)), NAMES) is None
    assert close((DGAMMA, DGAMMA), np.zeros((2, 2)), EXACT)
    assert not close((DGAMMA, DGAMMA), np.ones((2, 2)), EXACT)
    assert largest_difference((NUMBER, NUMBER), np.array([1.0, -3.0])) == 4


def test_a_question_names_each_of_its_values():
    with pytest.raises(ValueError, match="zip"):
        contract_fault(TWO, TWO, ("dx",))


@pytest.mark.parametrize(
    ("value", "array"),
    [
        (np.float32(2), 2),
        ((np.array(1), np.array(2.5)), [1, 2.5]),
        ((DGAMMA, DGAMMA), [[0, 0], [0, 0]]),
        (((NUMBER, NUMBER), (NUMBER, NUMBER)), [[1, 1], [1, 1]]),
        ((NUMBER,), [1]),
        ((DGAMMA,), [[0, 0]]),
        ((NUMBER, DGAMMA), None),
        ((NUMBER, None), None),
        ((None, NUMBER), None),
        ((None,), None),
        ((), None),
        ("1", None),
    ],
)
def test_nested_sequences_of_numbers_are_an_array(value, array):
    found = as_array(value)
    assert (found is None) == (array is None)
    if array is not None:
        assert isinstance(found, np.ndarray)
        np.testing.assert_array_equal(found, array)


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (NUMBER, "a number"),
        (DX, "an array of shape (3, 2)"),
        (TWO, "2 values"),
        (Foreign("set"), "a value of type set"),
        ("", "a string"),
        (None, "None"),
        (..., "'...'"),
    ],
)
def test_the_word_for_a_value(value, word):
    assert kind(value) == word


@pytest.mark.parametrize(
    ("expected", "value", "probe", "answer"),
    [
        # within rtol of each entry, or atol of the largest
        ([100.0], [100.0009], EXACT, True),
        ([100.0], [100.0021], EXACT, False),
        ([100.0], [102.0], Probe("rtol", (), rtol=0.05), True),
        ([0.0, 1000.0], [0.0009, 1000.0], EXACT, True),
        ([0.0, 1000.0], [0.0011, 1000.0], EXACT, False),
        ([0.0, 0.5], [0.0000009, 0.5], EXACT, True),
        ([0.0, 0.5], [0.0000011, 0.5], EXACT, False),
        # where rounding shows, the tolerance is in the units of y
        ([0.0, 1000.0], [0.0029, 1000.0], ROUNDED, True),
        ([0.0, 1000.0], [0.0031, 1000.0], ROUNDED, False),
        ([1.0], [1.0059], ROUNDED, True),
        ([1.0], [1.0061], ROUNDED, False),
        # shapes, up to axes of length one
        ([1.0, 2.0], [[1.0], [2.0]], EXACT, True),
        ([[1.0, 2.0]], [1.0, 2.0], EXACT, True),
        ([1.0, 1.0], [1.0], EXACT, False),
        ([1.0], None, EXACT, False),
        ([1.0, 2.0], (np.array(1.0), np.array(2.0)), EXACT, True),
        ([[1.0, 2.0]], (np.array([1.0, 2.0]),), EXACT, True),
        ([1.0, 2.0], (np.array([1.0, 2.0]),), EXACT, False),
        ([1.0], (np.array(1.0),), EXACT, True),
        # numbers that are none, and complex ones
        ([np.nan, np.inf], [np.nan, np.inf], EXACT, True),
        ([np.nan, 1.0], [1.0, np.nan], EXACT, False),
        ([1j], [1j], EXACT, True),
        ([1j], [2j], EXACT, False),
        ([1j], [0.0], EXACT, False),
    ],
)
def test_numbers_are_close(expected, value, probe, answer):
    value = np.array(value) if isinstance(value, list) else value
    assert close(np.array(expected), value, probe) is answer


@pytest.mark.parametrize(
    ("expected", "value", "answer"),
    [
        (TWO, TWO, True),
        (TWO, (DX, DGAMMA + 1), False),
        (TWO, (DX,), False),
        (TWO, (DX, DGAMMA, DGAMMA), False),
        (TWO, None, False),
        (TWO, "dx", False),
        ((NUMBER, NUMBER), NUMBER, False),
        ("gamma", "gamma", True),
        ("gamma", "beta", False),
        ("gamma", None, False),
        (None, None, True),
        (None, NUMBER, False),
    ],
)
def test_what_is_no_array_is_the_same_or_not(expected, value, answer):
    assert close(expected, value, EXACT) is answer


def test_outcomes_are_the_same_when_both_raise_or_both_agree():
    one, other = Outcome(NUMBER), Outcome(NUMBER + 1)
    failed, otherwise = Outcome(failure=Failure("ValueError", "")), Outcome(failure=Failure("TypeError", ""))
    assert same(one, one, EXACT) is True
    assert same(one, other, EXACT) is False
    assert same(failed, failed, EXACT) is True
    assert same(failed, otherwise, EXACT) is False
    assert alike(failed, otherwise, EXACT) is True
    assert same(failed, one, EXACT) is False
    assert same(one, failed, EXACT) is False
    assert same(failed, Outcome(None), EXACT) is False
    assert same(Outcome(None), failed, EXACT) is False


def test_the_largest_difference_over_all_values():
    assert largest_difference(TWO, (DX, DGAMMA - 3)) == 3
    assert largest_difference((DGAMMA, DX), (DGAMMA + 2, DX)) == 2
    assert largest_difference(DGAMMA, np.array([1, 200], np.uint8)) == 200
    assert largest_difference(DGAMMA + 1, np.array([False, True])) == 1
    assert largest_difference(DGAMMA, np.array([np.nan, 0.5])) == 0.5
    assert largest_difference(DGAMMA, DGAMMA * np.nan) == 0
    assert largest_difference("gamma", "beta") == 0
    with pytest.raises(ValueError, match="zip"):
        largest_difference(TWO, (DX,))
    with pytest.raises(ValueError, match="zip"):
        largest_difference((DX,), TWO)
