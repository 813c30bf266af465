"""Hints and solutions to the letter, what of a check is remembered, and where questions are found."""

import io
import json

import pytest

import bn_course
from bn_course.grading import api, kept, solutions
from bn_course.grading import progress as store
from bn_course.grading.catalogue import catalogue, find_question, suggest
from bn_course.grading.question import Misconception, Probe, Question


@pytest.fixture(autouse=True)
def nothing_unsaved():
    yield
    kept.unsaved.clear()


def double(x):
    return x + x


def squared(x):
    return x**2


HINTS = catalogue()["double"].hints


def test_a_hint_says_which_it_is_and_how_many_are_left():
    assert len(HINTS) == 3
    given = [bn_course.hint("double") for _ in range(4)]
    last = 'double, hint 3 of 3 (the last one; `solution("double")` now shows a solution)'
    assert [note.title for note in given] == [
        "double, hint 1 of 3 (2 more)",
        "double, hint 2 of 3 (1 more)",
        last,
        last,
    ]
    assert [note.text for note in given] == [*HINTS, HINTS[-1]]
    assert [note.warning for note in given] == [None] * 4


def test_a_hint_that_cannot_be_remembered_is_given_all_the_same(monkeypatch):
    def refuse(**options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(kept.tempfile, "mkstemp", refuse)
    note = bn_course.hint("double")
    assert note.text == HINTS[0]
    assert note.warning.startswith("Your progress could not be saved in ")
    assert bn_course.hint("double").text == HINTS[1]


@pytest.mark.parametrize("hints", [0, 1, 2])
def test_a_solution_waits_for_a_pass_or_all_hints(hints):
    for _ in range(hints):
        bn_course.hint("double")
    note = bn_course.solution("double")
    assert note.title == "double, not yet"
    assert note.text == (
        f'It is shown when your answer has passed, or after all hints: `hint("double")`, {3 - hints} to go.'
    )


def test_a_solution_in_a_notebook():
    for _ in HINTS:
        bn_course.hint("double")
    note = bn_course.solution("double")
    assert note.title == "double, a solution"
    assert note.text.startswith("```python\ndef double(x):\n")
    assert note.text.endswith("\n```")
    assert "SOLUTION" not in note.text


def test_an_attempt_is_no_pass_and_takes_no_hint():
    with pytest.raises(AssertionError):
        bn_course.check(squared, name="double")
    assert bn_course.solution("double").title == "double, not yet"
    assert bn_course.hint("double").text == HINTS[0]


def test_a_solution_that_is_missing_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(solutions, "folder", lambda name: tmp_path / name)
    (tmp_path / "solutions").mkdir()
    question = catalogue()["double"]
    cells = [
        {"metadata": {}, "source": ["no answer"]},
        {"metadata": {"nbgrader": {"grade_id": "other"}}, "source": ["x = 'other'"]},
    ]
    path = tmp_path / "solutions" / f"{question.lesson}.ipynb"
    path.write_text(json.dumps({"cells": cells}), encoding="utf-8")
    with pytest.raises(LookupError) as raised:
        solutions.source(question)
    assert str(raised.value) == f"{question.lesson}.ipynb has no solution cell for double"

    source = ["a = 'ε'\n", "    ### BEGIN SOLUTION\n", "b\n", "    ### END SOLUTION\n", "c"]
    cells.append({"metadata": {"nbgrader": {"grade_id": "double"}}, "source": source})
    path.write_text(json.dumps({"cells": cells}, ensure_ascii=False), encoding="utf-8")
    assert solutions.source(question) == "a = 'ε'\nb\nc"

    # Whatever encoding the machine prefers: the file is read in its own.
    real = io.open

    def on_another_machine(file, mode, buffering, encoding, *rest):
        return real(file, mode, buffering, "ascii" if encoding == "locale" else encoding, *rest)

    monkeypatch.setattr(io, "open", on_another_machine)
    assert solutions.source(question) == "a = 'ε'\nb\nc"


def test_attempts_and_mistakes_are_counted():
    for _ in range(2):
        with pytest.raises(AssertionError):
            bn_course.check(squared, name="double")
    with pytest.raises(AssertionError):
        bn_course.check(lambda x: ..., name="double")  # a stub is no attempt
    entry = store.load()["questions"]["double"]
    assert {key: entry[key] for key in ("passed", "attempts", "hints", "diagnoses")} == {
        "passed": False,
        "attempts": 2,
        "hints": 0,
        "diagnoses": {"squared": 2},
    }
    bn_course.check(double)
    entry = store.load()["questions"]["double"]
    assert (entry["passed"], entry["attempts"], entry["diagnoses"]) == (True, 3, {"squared": 2})


def test_a_notebook_shows_one_line_of_a_failed_check():
    with pytest.raises(api.NotYet) as raised:
        bn_course.check(squared, name="double")
    assert str(raised.value).startswith("double: not yet, ")
    assert raised.value._render_traceback_() == [f"NotYet: {raised.value}"]


def test_an_answer_without_a_name_has_to_be_named():
    with pytest.raises(ValueError, match=r"which question this answers: check\(answer, name=.*; got list$"):
        bn_course.check([1, 2])
    with pytest.raises(ValueError, match=r"^pass the function itself, without quotes: check\(double\)$"):
        bn_course.check("double")


def test_what_questions_tell():
    listed = {q.name: q for q in bn_course.questions()}
    assert list(listed) == list(catalogue())
    for name, question in catalogue().items():
        info = listed[name]
        assert (info.lesson, info.points, info.level) == (question.lesson, question.points, question.level)
        assert info.hints == len(question.hints)
        assert info.misconceptions == tuple(m.key for m in question.misconceptions)


def test_what_was_meant_is_suggested():
    assert suggest("batch_nrm", ["layer_norm", "batch_norm"]) == ": did you mean 'batch_norm'?"
    assert suggest("xyz", ["layer_norm", "batch_norm"]) == ""
    with pytest.raises(ValueError, match=r"^there is no question called 'qqqq'$"):
        find_question("qqqq")


# What a question is made of.


def test_mistakes_pair_where_they_turn_different_knobs():
    a = Misconception("a", "", "", ({"ddof": 1}, {"ddof": 2}))
    b = Misconception("b", "", "", ({"ddof": 3}, {"eps": 0}))
    seen = Misconception("mutates-input", "", "")
    q = Question("q", 1, 1, dict, dict, ("y",), lambda rng: [], (), (a, seen, b))
    assert q.diagnosable == [(a, {"ddof": 1}), (a, {"ddof": 2}), (b, {"ddof": 3}), (b, {"eps": 0})]
    assert q.pairs == [((a, b), {"ddof": 1, "eps": 0}), ((a, b), {"ddof": 2, "eps": 0})]


@pytest.mark.parametrize(
    ("options", "rtol", "atol"),
    [
        ({}, 1e-5, 1e-6),
        ({"rtol": 0.1}, 0.1, 1e-6),
        ({"atol": 0.1}, 1e-5, 0.1),
        ({"rounding": True}, 3e-3, 3e-3),
        ({"rounding": True, "rtol": 0.1}, 0.1, 1e-6),
        ({"rounding": True, "atol": 0.1}, 1e-5, 0.1),
    ],
)
def test_the_tolerance_of_a_probe(options, rtol, atol):
    probe = Probe("a probe", (), **options)
    assert (probe.rtol, probe.atol) == (rtol, atol)


def test_knobs_go_to_the_call_or_to_the_factory():
    def variant(x, ddof=0):
        return x, ddof

    def factory(ddof=0):
        return lambda x: (x, ddof)

    def made(variant, **options):
        parts = ("q", 1, 1, variant, variant, ("y",), lambda rng: [], (), ())
        return Question(*parts, **options).with_knobs({"ddof": 1})

    assert made(variant)(5) == (5, 1)
    assert made(factory, variant_factory=True)(5) == (5, 1)
