"""What a learner calls: check, grade, hint, solution, progress, predict, questions."""

import json
from dataclasses import replace

import numpy as np
import pytest

import bn_course
from bn_course.grading import api, kept
from bn_course.grading import progress as store
from bn_course.grading.catalogue import catalogue


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path))
    yield
    kept.unsaved.clear()


def double(x):
    return x + x


def batch_stats(x):
    return x.mean(axis=0), x.var(axis=0)


def squared(x):
    return x**2


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0, ddof=1) + eps) + beta


def test_check_shows_a_report_and_remembers(capsys):
    assert bn_course.check(double) is None
    assert "double — passed, 1 of 1 points" in capsys.readouterr().out
    assert store.load()["questions"]["double"]["passed"]
    assert bn_course.progress().to_dict()["points"] == 1


def test_check_raises_for_a_wrong_answer_and_names_the_mistake(capsys):
    with pytest.raises(AssertionError, match="batch_norm_forward: not yet"):
        bn_course.check(batch_norm_forward)
    shown = capsys.readouterr().out
    assert "You divide the sum of squares by N − 1." in shown
    assert "[[1], [2], [6]]" in shown
    assert store.load()["questions"]["batch_norm_forward"]["diagnoses"] == {"sample-variance": 1}


def test_a_pass_of_a_question_that_changed_since_counts_and_says_so(monkeypatch):
    bn_course.check(double)
    assert "changed since" not in str(bn_course.progress())
    newer = replace(catalogue()["double"], version=2)
    monkeypatch.setattr(api, "catalogue", lambda: {**catalogue(), "double": newer})
    monkeypatch.setattr(api, "find_question", api.catalogue().__getitem__)
    assert bn_course.progress().to_dict()["points"] == 1
    assert "the question has changed since: check your answer again" in str(bn_course.progress())
    bn_course.check(double)
    assert "changed since" not in str(bn_course.progress())


def test_what_the_course_no_longer_asks_is_kept(monkeypatch):
    bn_course.check(double)
    fewer = {name: question for name, question in catalogue().items() if name != "double"}
    monkeypatch.setattr(api, "catalogue", lambda: fewer)
    assert bn_course.progress().to_dict()["points"] == 0
    bn_course.check(batch_stats)
    assert store.load()["questions"]["double"]["passed"]


def test_a_pass_is_not_undone_by_a_later_failure():
    bn_course.check(double)
    with pytest.raises(AssertionError):
        bn_course.check(squared, name="double")
    assert store.load()["questions"]["double"]["passed"]


def test_check_finds_the_question_by_name_or_is_told():
    bn_course.check(lambda x: 2 * x, name="double")
    with pytest.raises(ValueError, match="did you mean 'double'"):
        bn_course.check(double, name="doubel")
    with pytest.raises(ValueError, match="without quotes"):
        bn_course.check("double")
    with pytest.raises(ValueError, match="which question"):
        bn_course.check(np.zeros(3))


def test_grade_neither_shows_nor_records_nor_raises(capsys):
    report = bn_course.grade("batch_norm_forward", batch_norm_forward)
    assert isinstance(report, bn_course.Report)
    assert (report.passed, report.attempted, report.score) == (False, True, 0)
    assert report.diagnosis == ("sample-variance",)
    assert all(len(row) == 3 for row in report.checks)
    assert json.loads(json.dumps(report.to_dict()))["message"] == report.message
    assert capsys.readouterr().out == ""
    assert not store.path().exists()


def test_hints_come_one_by_one_and_then_the_solution_opens():
    assert "not yet" in str(bn_course.solution("double"))
    given = [str(bn_course.hint("double")) for _ in range(4)]
    assert given[0].startswith("double, hint 1 of 3")
    assert len(set(given)) == 3
    assert given[2] == given[3]
    assert "def double" in str(bn_course.solution("double"))
    assert "SOLUTION" not in str(bn_course.solution("double"))


def test_the_solution_opens_after_a_pass():
    bn_course.check(double)
    assert "def double" in str(bn_course.solution("double"))


def test_questions_lists_everything():
    listed = {q.name: q for q in bn_course.questions()}
    assert listed["double"].lesson == "00_start_here"
    assert listed["batch_norm_forward"].points == 3
    assert listed["batch_norm_forward"].hints == 3
    assert "sample-variance" in listed["batch_norm_forward"].misconceptions


def test_progress_reads_well():
    bn_course.check(double)
    text = str(bn_course.progress())
    assert "✓ double" in text
    assert "· batch_norm_forward" in text
    assert "double" in bn_course.progress()._repr_html_()


def test_what_cannot_be_saved_is_said(monkeypatch, capsys):
    monkeypatch.setattr(
        kept.tempfile, "mkstemp", lambda **k: (_ for _ in ()).throw(OSError(30, "read-only"))
    )
    bn_course.check(double)
    assert "could not be saved" in capsys.readouterr().out
