"""The grader of strangers' answers: right ones pass, wrong ones do not, and few are left without a word."""

import pytest
from corpus import answers

from bn_course.grading.catalogue import find_question
from bn_course.grading.judge import judge_here

ALL = {half: answers(half) for half in ("first", "second")}
RIGHT = [answer for half in ALL.values() for answer in half if answer.right]
WRONG = [answer for half in ALL.values() for answer in half if not answer.right]


def graded(answer):
    return judge_here(find_question(answer.question), answer.build())


@pytest.mark.parametrize("answer", RIGHT, ids=lambda answer: answer.name)
def test_a_right_answer_passes(answer):
    report = graded(answer)
    assert report.passed, str(report)


@pytest.mark.parametrize("answer", WRONG[::3], ids=lambda answer: answer.name)
def test_a_wrong_answer_is_refused(answer):
    assert not graded(answer).passed, answer.truth
