"""Two states of one learner become one, and nothing of either is lost."""

from copy import deepcopy
from datetime import timedelta

import pytest

from bn_course import joining
from bn_course.grading import progress_file
from bn_course.review import memory, schedule

NOW = schedule.now()


def question(**entry):
    return progress_file.question() | entry


def progress(**state):
    return progress_file.empty() | state


def review(**state):
    return memory.empty() | state


def words(text, *ticked):
    return review(own_words={"02_forward_pass": {"text": text, "ticked": list(ticked)}})


def test_of_two_progresses_the_more_counts():
    mine = progress(
        questions={"batch_stats": question(attempts=5, hints=1, diagnoses={"n": 1, "m": 1})},
        predictions={"01-a": {"answer": "b", "sure": 75}},
    )
    theirs = progress(
        questions={
            "batch_stats": question(passed=True, attempts=2, version=2, diagnoses={"n": 3}),
            "double": question(attempts=1),
        },
        predictions={"01-a": {"answer": "a", "sure": 50}, "01-b": {"answer": 2.5, "sure": 50}},
        capstone={"passed": True, "attempts": 1},
        seed=7,
    )
    joining.progress(mine, theirs)
    assert mine == progress(
        questions={
            "batch_stats": question(passed=True, attempts=5, hints=1, version=2, diagnoses={"m": 1, "n": 3}),
            "double": question(attempts=1),
        },
        predictions={"01-a": {"answer": "b", "sure": 75}, "01-b": {"answer": 2.5, "sure": 50}},
        capstone={"passed": True, "attempts": 1},
        seed=7,
    )


def test_a_capstone_and_a_seed_that_are_here_stay():
    mine = progress(capstone={"passed": False, "attempts": 4}, seed=1)
    joining.progress(mine, progress(capstone={"passed": True, "attempts": 1}, seed=2))
    assert (mine["capstone"], mine["seed"]) == ({"passed": True, "attempts": 4}, 1)


def test_of_two_cards_the_one_that_was_asked_last_gives_the_day_and_every_miss_stays():
    once = schedule.reviewed(None, False, NOW, "sum")
    later = schedule.reviewed(once, True, NOW + timedelta(days=2))
    other = schedule.reviewed(None, False, NOW + timedelta(days=1), "square")
    for mine, theirs in ((later, other), (other, later)):
        state = review(cards={"a": deepcopy(mine)})
        joining.review(state, review(cards={"a": theirs, "b": other}))
        assert state["cards"]["a"]["card"] == later["card"]
        assert state["cards"]["a"]["times"] == 2
        assert state["cards"]["a"]["missed"] == {"square": 1, "sum": 1}
        assert state["cards"]["b"] == other


def test_an_inventory_has_the_answers_of_both_and_the_one_that_was_here_counts():
    mine = review(inventory={"before": {"answers": {"x": "right", "y": "sum"}, "finished": False}})
    theirs = {"before": {"answers": {"y": "right", "z": "sum"}, "finished": True}}
    joining.review(mine, review(inventory=theirs | {"after": {"answers": {}, "finished": False}}))
    assert mine["inventory"] == {
        "before": {"answers": {"x": "right", "y": "sum", "z": "sum"}, "finished": True},
        "after": {"answers": {}, "finished": False},
    }


@pytest.mark.parametrize(
    ("here", "there", "both"),
    [
        ("It divides.", "It divides.", "It divides."),
        ("It divides. By N.", "It divides.", "It divides. By N."),
        ("It divides.", "It divides. By N.", "It divides. By N."),
        ("It divides.", "It subtracts.", "It divides.\n\nIt subtracts."),
    ],
)
def test_of_two_explanations_no_word_is_lost(here, there, both):
    mine = words(here, True, False)
    joining.review(mine, words(there, False, False, True))
    assert mine == words(both, True, False, True)
    joining.review(mine, words(there, False, False, True))
    assert mine == words(both, True, False, True)  # the same file once more


@pytest.mark.parametrize("join", [joining.progress, joining.review])
def test_what_a_newer_course_keeps_stays(join):
    mine = {**progress(), **review()}
    join(mine, {**progress(), **review(), "stars": 3})
    assert mine["stars"] == 3
