"""A review from the first item to the last."""

import sys
from datetime import timedelta
from itertools import chain, cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bn_course.grading import progress
from bn_course.review import memory, schedule, terminal
from bn_course.review.bank import bank
from bn_course.review.choosing import SIZE, choose, met, mistakes, mixed
from bn_course.review.item import RIGHT
from bn_course.review.run import Review

NAMES = [name for name in bank() if name[:2] in ("02", "03")]


def answer(run, right=True):
    place = run.order.index(RIGHT)
    run.choose(place if right else (place + 1) % len(run.order))
    said = run.said
    run.go_on()
    return said


def nothing():
    return {"questions": {}, "predictions": {}}


def test_an_item_that_is_missed_comes_again_at_the_end_in_other_numbers(clock):
    run = Review(NAMES[:3], clock)
    first, text = run.asked.name, run.asked.text
    assert answer(run, right=False).startswith("Not so. Right is: ")
    seen = []
    while run.asked:
        seen.append(run.asked.name)
        if run.asked.name == first:
            assert run.screen().where == "again"
            assert run.asked.text != text
        answer(run)
    assert seen == [*NAMES[1:3], first]
    assert run.screen().done
    assert "2 of 3 were right at once." in run.screen().text


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(*[st.booleans()] * 5), st.sets(st.sampled_from(NAMES), min_size=5, max_size=5))
def test_nothing_is_shown_twice_unless_it_was_missed(tmp_path_factory, hits, names):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BN_COURSE_HOME", str(tmp_path_factory.mktemp("home")))
        run, shown = Review(sorted(names)), []
        hit = iter(hits)
        while run.asked:
            shown.append(run.asked.name)
            answer(run, next(hit, True))
        missed = [name for name, good in zip(sorted(names), hits, strict=True) if not good]
        assert shown == [*sorted(names), *missed]
        assert memory.load()["cards"].keys() == names


def test_the_first_answer_counts(clock):
    run = Review(NAMES[:1], clock)
    answer(run, right=False)
    answer(run)
    entry = memory.load()["cards"][NAMES[0]]
    assert entry["times"] == 1
    assert sum(entry["missed"].values()) == 1
    assert schedule.due_at(entry) == clock() + timedelta(days=1)


def test_an_answer_is_given_once_and_a_choice_that_is_none_is_nothing(clock):
    run = Review(NAMES[:2], clock)
    run.choose(99)
    run.go_on()
    assert run.said == ""
    run.choose(0)
    said = run.said
    run.choose(1)
    assert run.said == said


def test_after_ten_minutes_no_item_is_begun_and_what_is_left_stays_due(clock):
    run = Review(NAMES[:4], clock)
    answer(run)
    clock.on(minutes=10)
    answer(run)
    assert run.asked is None
    assert "Ten minutes are over. What is left, 2, stays due." in run.screen().text
    assert len(memory.load()["cards"]) == 2


def test_a_session_has_at_most_fifteen_items_the_most_overdue_first(clock):
    cards = {}
    for name in NAMES[:20]:
        cards[name] = schedule.reviewed(None, False, clock())
        clock.on(minutes=1)
    clock.on(days=3)
    state = memory.empty() | {"cards": cards}
    chosen = choose(state, nothing(), clock())
    assert set(chosen) == set(NAMES[:SIZE])
    assert chosen[0] == NAMES[0]


def test_ideas_are_mixed():
    same = [name for name in NAMES if bank()[name].idea == "paths"][:3]
    other = [name for name in NAMES if bank()[name].idea == "forgets"][:2]
    ideas = [bank()[name].idea for name in mixed([*same, *other])]
    assert ideas == ["paths", "forgets", "paths", "forgets", "paths"]
    assert mixed([]) == []


def test_only_lessons_that_were_met_are_asked_about(clock):
    assert choose(memory.empty(), nothing(), clock()) == []
    begun = nothing() | {"predictions": {"02-variance": {"answer": "a", "sure": 50}}}
    chosen = choose(memory.empty(), begun, clock())
    assert {bank()[name].lesson for name in chosen} == {"02_forward_pass"}
    tried = {"questions": {"double": {"diagnoses": {}}}, "predictions": {}}
    assert met(memory.empty(), tried) == {"00_start_here"}


def test_questions_whose_misconception_was_made_come_first(clock):
    made = {"questions": {"batch_norm_forward": {"diagnoses": {"sample-variance": 2}}}, "predictions": {}}
    chosen = choose(memory.empty(), made, clock(), size=3)
    assert all("sample-variance" in bank()[name].keys for name in chosen)
    assert mistakes(memory.empty(), made) == {"sample-variance"}


def test_a_terminal_asks_until_there_is_nothing_left(capsys):
    progress.change(lambda state: state["predictions"].update({"00-slide-mean": {"answer": "b", "sure": 50}}))
    asked = iter(["", "9", "x", "1"])
    terminal.review(lambda prompt: next(asked))
    assert "What is left stays due." in capsys.readouterr().out
    assert memory.load()["cards"] == {}
    typed = chain(["9", "x"], cycle("123"))
    terminal.review(lambda prompt: next(typed))
    out = capsys.readouterr().out
    assert out.count("[1 of 2]") == 1
    assert "Due for review:" in out
    assert set(memory.load()["cards"]) == {"00-slide-mean", "ask-double"}


def test_an_end_of_input_leaves():
    def ended(prompt):
        raise EOFError

    progress.change(lambda state: state["predictions"].update({"00-slide-mean": {"answer": "b", "sure": 50}}))
    terminal.review(ended)
    assert memory.load()["cards"] == {}


def test_nothing_due_is_said():
    terminal.review(lambda prompt: pytest.fail("nothing is to be asked"))
    assert Review([]).screen().text.startswith("Nothing is due.")


def test_what_needs_torch_waits_where_there_is_none(monkeypatch):
    lesson, state = ["06_pytorch_and_gpu"], memory.empty()
    everything = len(bank())
    here = choose(state, nothing(), schedule.now(), everything, lesson)
    monkeypatch.setitem(sys.modules, "torch", None)
    there = choose(state, nothing(), schedule.now(), everything, lesson)
    assert set(there) < set(here)
    run = Review(there)
    while run.asked:
        answer(run)
    assert f"of {len(there)} were right" in run.screen().text
