"""The questions of predictions come from the lessons."""

import pytest

from bn_course.grading.catalogue import predictions
from bn_course.room import asked


def test_a_question_is_that_of_its_lesson():
    assert asked.text("02-variance") == "Which number does batch norm take for σ²?"


@pytest.mark.parametrize("name", predictions())
def test_every_prediction_asks_something_or_its_lesson_says_it_elsewhere(name):
    assert asked.text(name) or name == "00-slide-mean"


def test_an_unknown_prediction_asks_nothing():
    assert asked.text("99-none") == ""
