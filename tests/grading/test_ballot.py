"""What a prediction's box says while a room votes on it."""

import pytest

from bn_course.grading.ballot import Ballot
from bn_course.grading.question import Prediction

PREDICTION = Prediction("b", texts=("one", "two"))
VOTE = {"vote": 3, "question": "x", "round": 1, "state": "open", "left": 20.0, "answered": False}
MINE = {"answer": "a", "sure": 75}


def ballot(before=None, **changes):
    return Ballot.read(VOTE | changes, before)


def said(one, mine=None):
    return Ballot(one.id, one.round, one.state, one.ends, one.answered, one.outcome, mine).said(PREDICTION)


def test_only_an_open_vote_that_has_not_been_answered_is_open():
    assert ballot().open
    assert not ballot(answered=True).open
    assert not ballot(state="closed").open


@pytest.mark.parametrize("state", ["open", "closed", "shown"])
@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize("made_in", [1, 2])
def test_the_outcome_is_said_when_it_is_shown_and_never_before(state, answered, made_in):
    one = ballot(state=state, answered=answered, round=made_in)
    assert "two" not in said(one)
    assert "two" not in said(one, MINE)
    assert "Now run on" not in said(one, MINE)


def test_the_outcome_stands_beside_what_one_voted():
    one = ballot(state="shown", outcome="b")
    assert said(one) == "The outcome: two. Now run on."
    assert said(one, MINE) == "The outcome: two. You voted for one, 75 % sure. Now run on."


def test_a_number_is_an_outcome_too():
    assert ballot(state="shown", outcome=0.3).said(Prediction(0.3)) == "The outcome: 0.3. Now run on."


def test_what_one_voted_is_known_until_the_next_round():
    first = Ballot.read(VOTE, None)
    first = Ballot(first.id, 1, "open", None, True, None, MINE)
    assert ballot(first).mine == ballot(first, state="closed", answered=True).mine == MINE
    assert ballot(first, round=2).mine is None
    assert ballot(first, vote=4).mine is None


def test_what_came_too_late_is_not_said_to_be_in_and_can_be_said_again():
    late = Ballot(3, 1, "open", None, True, None, MINE)
    closed = ballot(late, state="closed")
    assert closed.said(PREDICTION) == "The vote is closed. Wait before you run on."
    assert ballot(closed).open  # the instructor gives it more time


def test_the_seconds_are_counted_from_when_it_came():
    assert 19 < ballot().shown()["left"] <= 20
    assert ballot(left=None).shown()["left"] is None
    assert ballot(left=-5.0).shown()["left"] == 0
