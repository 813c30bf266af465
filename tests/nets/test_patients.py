"""Each patient has the disease that its question names, and says what it should do and where it was met."""

import pytest

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here
from bn_course.nets import patients

DISEASES = {
    "clinic_evaluate": "evaluated-in-training-mode",
    "clinic_checkpoint": "counted-twice",
    "clinic_freeze": "requires-grad-only",
    "clinic_average": "buffers-left-behind",
    "clinic_fold": "bias-not-folded",
    "clinic_gan": "real-and-generated-together",
    "clinic_last_batch": "batch-of-one",
    "clinic_detached": "detached",
}


def test_they_are_the_questions_of_the_lesson():
    assert list(DISEASES) == [name for name, q in catalogue().items() if q.lesson == "14_clinic"]


@pytest.mark.parametrize(("name", "disease"), DISEASES.items())
def test_as_it_came_it_fails_and_its_mistake_is_named(name, disease):
    report = judge_here(catalogue()[name], getattr(patients, name))
    assert report.attempted
    assert not report.passed
    assert report.diagnosis == (disease,)


@pytest.mark.parametrize("name", DISEASES)
def test_its_description_says_where_it_was_met(name):
    assert "Met in " in getattr(patients, name).__doc__
