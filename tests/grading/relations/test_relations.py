"""What is said of wrong answers is what there is to say, it is true, and it is the same each time."""

import os

import numpy as np
import pytest
from programs import styles
from telling import told
from truth import is_true
from wrong_arrays import OTHERS
from wrong_epsilon import EPSILON
from wrong_factors import FACTORS
from wrong_forms import FORMS, KEPT
from wrong_reach import REACH

from bn_course.grading.catalogue import catalogue, find_question
from bn_course.grading.relations import relations
from bn_course.grading.run import run_here

ALL_SETTINGS = "BN_COURSE_EVERYTHING" in os.environ  # every setting, not a sample
WRONG = [*EPSILON, *FACTORS, *OTHERS, *FORMS, *KEPT, *REACH]
CASES = [pytest.param(*case, id=f"{case[0]}-{case[1].__name__}") for case in WRONG]


def test_there_are_more_than_a_hundred_wrong_answers():
    assert len({answer for _, answer, _, _ in WRONG}) >= 120


@pytest.mark.parametrize(("name", "answer", "kind", "word"), CASES)
def test_what_is_said_of_a_wrong_answer(name, answer, kind, word):
    first, *more = told(name, answer)
    assert first.kind == kind
    assert word in first.sentence
    assert len(more) <= 1
    for relation in (first, *more):
        assert is_true(find_question(name), answer, relation) in (True, None), relation.sentence


@pytest.mark.parametrize(("name", "answer", "kind", "word"), CASES[::6])
def test_the_same_answer_gets_the_same_sentence(name, answer, kind, word):
    assert told(name, answer) == told(name, answer)


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_an_empty_array_is_compared_like_any_other(shape):
    assert told("batch_stats", lambda x: (np.empty(shape), np.empty(shape))) == ()


@pytest.mark.parametrize("name", catalogue())
def test_nothing_is_said_of_right_answers(name):
    question = find_question(name)
    ways = list(styles(question.lesson)[name].values())
    for answer in (question.reference, *(ways if ALL_SETTINGS else ways[::3])):
        assert told(name, answer) == ()


@pytest.mark.parametrize("name", catalogue())
def test_every_sentence_about_every_known_mistake_is_true(name):
    """Read again, and tested on other probes, by code of its own; of every fourth setting in a quick run."""
    question = find_question(name)
    for _, setting in question.diagnosable[:: 1 if ALL_SETTINGS else 4]:
        answer = question.with_knobs(setting)
        for relation in told(name, answer):
            assert is_true(question, answer, relation) in (True, None), (setting, relation.sentence)


def test_the_answer_is_asked_a_bounded_number_of_times():
    question = find_question("batch_norm_2d_backward")
    for _, setting in question.diagnosable[::5]:
        answer = question.with_knobs(setting)
        probes = question.probes(np.random.default_rng(1))
        expected = [run_here(question.reference, probe) for probe in probes]
        outcomes = [run_here(answer, probe) for probe in probes]
        asked = []

        def run(probe, answer=answer, asked=asked):
            asked.append(probe)
            return run_here(answer, probe)

        relations(question, probes, expected, outcomes, run)
        assert len(asked) <= 60
