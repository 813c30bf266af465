"""The corpus says of itself what an oracle of its own finds, and covers every question."""

from collections import Counter

import pytest
from corpus import answers
from oracle import fault
from ways import FAMILIES

from bn_course import questions

ALL = [*answers("first"), *answers("second")]


@pytest.mark.parametrize("answer", ALL, ids=[a.name for a in ALL])
def test_the_oracle_agrees(answer):
    found = fault(answer)
    assert (found == "") == answer.right, found or "nothing is wrong"


@pytest.mark.parametrize("answer", [a for a in ALL if not a.right], ids=[a.name for a in ALL if not a.right])
def test_what_is_wrong_is_said_and_stands_in_the_source(answer):
    assert answer.truth.endswith(".")
    assert answer.kind in ("single", "pair", "promise")
    assert answer.at
    assert all(text in answer.source for text in answer.at)


@pytest.mark.parametrize("right", [True, False])
def test_every_question_has_answers(right):
    counts = Counter(a.question for a in answers("first") if a.right is right)
    assert set(counts) == {q.name for q in questions()} - {*FAMILIES["kernels"]}  # newer than the strangers
