"""How a hint, a report and a learner's standing look, in a notebook and in a terminal, to the letter."""

import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bn_course.grading import show
from bn_course.grading.question import Prediction, Question
from bn_course.grading.report import MIME, CheckResult, Report
from bn_course.grading.show import Note, Standing, came_true, display_report, in_notebook

REPORT = Report("double", True, 2, 2, checks=[CheckResult("it runs", True, "")])
WHERE = "Look at line 3."
WARNING = "Your progress <could> not be saved."


def question(name, lesson, points, version=1):
    return Question(name, points, 1, len, len, ("y",), lambda rng: [], (), (), version=version, lesson=lesson)


CATALOGUE = {
    name: question(name, lesson, points)
    for name, lesson, points in [("double", "00_start", 1), ("mean", "01_why", 2), ("var", "01_why", 4)]
}
PREDICTIONS = {"a": Prediction("b"), "b": Prediction("c"), "c": Prediction(2.0)}
STATE = {
    "questions": {
        "double": {"passed": True, "attempts": 3, "hints": 1},
        "mean": {"passed": False, "attempts": 2, "hints": 1},
        "gone": {"passed": True, "attempts": 1, "hints": 0},
    },
    "predictions": {
        "a": {"answer": "b", "sure": 95},
        "b": {"answer": "b", "sure": 50},
        "c": {"answer": 2.5, "sure": 95},
        "gone": {"answer": "a", "sure": 75},
    },
    "capstone": {"passed": False, "attempts": 2},
}
NOTHING = {"questions": {}, "predictions": {}}


def test_a_standing_in_a_terminal():
    assert str(Standing(STATE, CATALOGUE, PREDICTIONS)) == (
        "1 of 7 points\n"
        "\n"
        "00_start\n"
        "  ✓ double                           1 of 1 points\n"
        "\n"
        "01_why\n"
        "  ✗ mean                             2 attempts, 1 hints\n"
        "  · var                              not attempted\n"
        "\n"
        "Capstone: not yet, 2 attempts.\n"
        "\n"
        "Predictions:\n"
        "  50 % sure: 0 of 1 came true\n"
        "  95 % sure: 2 of 2 came true"
    )


def test_a_standing_in_a_notebook():
    html = re.sub(r"\s*style='[^']*'", "", Standing(STATE, CATALOGUE, PREDICTIONS)._repr_html_())
    head = "<tr><th colspan='3' scope='rowgroup'>"
    assert html == (
        "<p><strong>1 of 7 points</strong></p><table>"
        f"{head}00_start</th></tr>"
        "<tr><td>✓</td><td><code>double</code></td><td>1 of 1 points</td></tr>"
        f"{head}01_why</th></tr>"
        "<tr><td>✗</td><td><code>mean</code></td><td>2 attempts, 1 hints</td></tr>"
        "<tr><td>·</td><td><code>var</code></td><td>not attempted</td></tr>"
        "</table><p>Capstone: not yet, 2 attempts.</p>"
        "<p>Predictions:<br>  50 % sure: 0 of 1 came true<br>  95 % sure: 2 of 2 came true</p>"
    )


def test_a_standing_as_a_record():
    def row(name, passed, attempts, hints, score, points):
        done = {"name": name, "passed": passed, "changed": False, "attempts": attempts, "hints": hints}
        return done | {"score": score, "points": points}

    assert Standing(STATE, CATALOGUE, PREDICTIONS).to_dict() == {
        "points": 1,
        "of": 7,
        "lessons": {
            "00_start": [row("double", True, 3, 1, 1, 1)],
            "01_why": [row("mean", False, 2, 1, 0, 2), row("var", False, 0, 0, 0, 4)],
        },
        "capstone": False,
        "predictions": [{"sure": 50, "made": 1, "right": 0}, {"sure": 95, "made": 2, "right": 2}],
    }


def test_nothing_done_yet():
    standing = Standing(NOTHING, CATALOGUE, PREDICTIONS)
    assert str(standing).startswith("0 of 7 points\n\n00_start\n  · double ")
    assert str(standing).endswith("\n\nCapstone: not attempted.\n\nNo predictions yet.")
    assert standing._repr_html_().endswith("<p>Capstone: not attempted.</p><p>No predictions yet.</p>")
    assert standing.to_dict()["capstone"] is False


@pytest.mark.parametrize(
    ("attempts", "hints", "said"), [(1, 0, "1 attempt, 0 hints"), (3, 2, "3 attempts, 2 hints")]
)
def test_attempts_are_counted(attempts, hints, said):
    state = NOTHING | {"questions": {"var": {"passed": False, "attempts": attempts, "hints": hints}}}
    assert f"  ✗ var                              {said}\n" in str(Standing(state, CATALOGUE, PREDICTIONS))


@pytest.mark.parametrize(
    ("passed_with", "changed"),
    [({}, True), ({"version": 1}, True), ({"version": 2}, False), ({"version": 3}, False)],
)
def test_a_question_that_has_changed_since_it_was_passed(passed_with, changed):
    entry = {"passed": True, "attempts": 1, "hints": 0} | passed_with
    standing = Standing(
        NOTHING | {"questions": {"var": entry}}, {"var": question("var", "01_why", 4, version=2)}, {}
    )
    again = "; the question has changed since: check your answer again" if changed else ""
    assert f"  ✓ var                              4 of 4 points{again}\n" in str(standing)
    assert standing.to_dict()["lessons"]["01_why"][0]["changed"] is changed


def test_the_capstone_that_passed():
    standing = Standing(NOTHING | {"capstone": {"passed": True, "attempts": 1}}, CATALOGUE, PREDICTIONS)
    assert "\n\nCapstone: passed.\n\n" in str(standing)
    assert standing.to_dict()["capstone"] is True


@pytest.mark.parametrize(
    ("answer", "right"), [(1.0, True), (4.0, True), (0.999, False), (4.001, False), (2, True), ("2", False)]
)
def test_a_number_is_right_up_to_its_factor_and_no_further(answer, right):
    assert came_true(answer, Prediction(2.0, factor=2.0)) is right
    assert came_true(-4.0, Prediction(-2.0, factor=2.0))


def test_a_hint_in_a_notebook_and_in_a_terminal():
    note = Note("double, hint 1 of 3", "Add `x` to itself.")
    assert str(note) == repr(note) == "double, hint 1 of 3\n\nAdd `x` to itself."
    assert note._repr_markdown_() == "**double, hint 1 of 3**\n\nAdd `x` to itself."
    warned = Note("A title", "A text", WARNING)
    assert str(warned) == f"A title\n\nA text\n\n{WARNING}"
    assert warned._repr_markdown_() == f"**A title**\n\nA text\n\n{WARNING}"


def test_a_report_in_a_terminal(capsys):
    display_report(REPORT)
    assert capsys.readouterr().out == f"{REPORT}\n"
    display_report(REPORT, WARNING)
    assert capsys.readouterr().out == f"{REPORT}\n\n{WARNING}\n"


def test_a_report_in_a_notebook(monkeypatch, capsys):
    shown = []
    monkeypatch.setattr(show, "in_notebook", lambda: True)
    handle = SimpleNamespace(update=lambda bundle, raw: shown.append((bundle, raw)))

    def display(bundle, raw, display_id):
        assert display_id is True
        shown.append((bundle, raw))
        return handle

    monkeypatch.setattr("IPython.display.display", display)
    display_report(REPORT)(REPORT)  # nothing was found about it since
    display_report(REPORT, WARNING)(replace(REPORT, where=WHERE))
    plain = REPORT._repr_mimebundle_()
    warned = {
        "text/plain": f"{REPORT}\n\n{WARNING}",
        "text/html": f"{REPORT._repr_html_()}<p>Your progress &lt;could&gt; not be saved.</p>",
        MIME: {**REPORT.to_dict(), "warning": WARNING},
    }
    assert shown[:2] == [(plain, True), (warned, True)]
    (updated, raw) = shown[2]
    assert raw
    assert f"<p>{WHERE}</p>" in updated["text/html"]
    assert updated[MIME]["warning"] == WARNING
    assert len(shown) == 3
    assert capsys.readouterr().out == ""


def test_in_a_terminal_what_was_found_since_is_said_below(monkeypatch, capsys):
    monkeypatch.setattr(show, "in_notebook", lambda: False)
    add = display_report(REPORT, WARNING)
    assert capsys.readouterr().out == f"{REPORT}\n\n{WARNING}\n"
    add(REPORT)
    assert capsys.readouterr().out == ""
    add(replace(REPORT, where=WHERE))
    assert capsys.readouterr().out == f"\n{WHERE}\n"


@pytest.mark.parametrize(
    ("shell", "answer"),
    [
        (SimpleNamespace(kernel=object()), True),
        (SimpleNamespace(kernel=None), False),
        (SimpleNamespace(), False),  # IPython in a terminal
        (None, False),
    ],
)
def test_a_notebook_is_a_shell_with_a_kernel(monkeypatch, shell, answer):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    assert in_notebook() is answer


def test_without_ipython_there_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert in_notebook() is False
    assert "IPython" not in sys.modules
