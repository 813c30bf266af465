"""What a learner reads after a check, to the letter: in a terminal, in a notebook, and kept as JSON."""

import json
from dataclasses import replace

import pytest

from bn_course.grading.repair import Place
from bn_course.grading.report import _CSS, MIME, CheckResult, Example, Report

RUNS, SHAPES = CheckResult("it runs", True, ""), CheckResult("types and shapes", True, "")
WRONG = Report(
    "batch_norm",
    False,
    0,
    3,
    diagnosis=("sample-variance",),
    checks=[
        RUNS,
        CheckResult("types and shapes", False, "y is a number\n(on <two>)"),
        CheckResult("values", False, "not reached"),
    ],
    example=Example("x = [1 < 2]", "y = [3]", "y = [4]"),
    explanations=(("You divide by `N − 1`.", "It is\nanother <estimate>."), ("And two.", "Why.")),
    note="See `ddof`.",
)
PASSED = Report("double", True, 2, 2, checks=[RUNS, SHAPES])
UNTOUCHED = Report("double", False, 0, 2, attempted=False)


def test_a_wrong_answer_in_a_terminal():
    assert str(WRONG) == WRONG.message == (
        "batch_norm — not yet, 1 of 3 checks\n"
        "  ✗ y is a number\n"
        "    (on <two>)\n"
        "  · not reached: values\n"
        "\n"
        "On x = [1 < 2]:\n"
        "  yours     y = [3]\n"
        "  expected  y = [4]\n"
        "\n"
        "You divide by `N − 1`.\n"
        "It is\n"
        "another <estimate>.\n"
        "\n"
        "And two.\n"
        "Why.\n"
        "\n"
        "See `ddof`."
    )  # fmt: skip


def test_a_right_answer_in_a_terminal():
    assert str(PASSED) == "double — passed, 2 of 2 points\n  ✓ it runs\n  ✓ types and shapes"


def test_an_untouched_stub_in_a_terminal():
    assert str(UNTOUCHED) == "double — not attempted"


def test_the_checks_that_were_not_reached_are_said_in_one_line():
    missed = [CheckResult(name, False, "not reached") for name in "ab"]
    report = replace(UNTOUCHED, attempted=True, checks=[*missed, CheckResult("values", False, "they differ")])
    assert str(report) == "double — not yet, 0 of 3 checks\n  ✗ they differ\n  · not reached: a, b"


def test_what_could_not_be_checked_is_no_verdict():
    report = replace(UNTOUCHED, attempted=True, checked=False, note="It needs PyTorch.")
    assert str(report) == "double — not checked\n\nIt needs PyTorch."
    assert "bn-untouched" in report._repr_html_()


def test_a_wrong_answer_in_a_notebook():
    assert WRONG._repr_html_() == (
        f"<style>{_CSS}</style><div class='bn-report bn-failed' role='status'>"
        "<p><strong>batch_norm</strong> — not yet, 1 of 3 checks</p>"
        "<ul><li>✗ y is a number<br>    (on &lt;two&gt;)</li><li>· not reached: values</li></ul>"
        "<p>On <code>x = [1 &lt; 2]</code>:</p><table>"
        "<tr><th scope='row'>yours</th><td><code>y = [3]</code></td></tr>"
        "<tr><th scope='row'>expected</th><td><code>y = [4]</code></td></tr></table>"
        "<p><strong>You divide by <code>N − 1</code>.</strong> It is<br>another &lt;estimate&gt;.</p>"
        "<p><strong>And two.</strong> Why.</p>"
        "<p>See <code>ddof</code>.</p></div>"
    )


def test_a_right_answer_and_a_stub_in_a_notebook():
    assert PASSED._repr_html_() == (
        f"<style>{_CSS}</style><div class='bn-report bn-passed' role='status'>"
        "<p><strong>double</strong> — passed, 2 of 2 points</p>"
        "<ul><li>✓ it runs</li><li>✓ types and shapes</li></ul></div>"
    )
    assert UNTOUCHED._repr_html_() == (
        f"<style>{_CSS}</style><div class='bn-report bn-untouched' role='status'>"
        "<p><strong>double</strong> — not attempted</p></div>"
    )


def test_a_notebook_gets_the_text_the_html_and_the_record():
    assert WRONG._repr_mimebundle_() == {
        "text/plain": str(WRONG),
        "text/html": WRONG._repr_html_(),
        MIME: WRONG.to_dict(),
    }


def test_everything_is_in_the_record():
    assert WRONG.to_dict() == {
        "name": "batch_norm",
        "passed": False,
        "attempted": True,
        "checked": True,
        "score": 0,
        "points": 3,
        "diagnosis": ["sample-variance"],
        "message": str(WRONG),
        "checks": [
            {"name": "it runs", "passed": True, "message": ""},
            {"name": "types and shapes", "passed": False, "message": "y is a number\n(on <two>)"},
            {"name": "values", "passed": False, "message": "not reached"},
        ],
        "example": {"given": "x = [1 < 2]", "yours": "y = [3]", "expected": "y = [4]"},
        "explanations": [["You divide by `N − 1`.", "It is\nanother <estimate>."], ["And two.", "Why."]],
        "relation": None,
        "place": None,
        "where": "",
        "note": "See `ddof`.",
    }
    assert PASSED.to_dict()["example"] is None


@pytest.mark.parametrize("report", [WRONG, PASSED, UNTOUCHED])
def test_a_record_comes_back_as_the_report(report):
    assert Report.from_dict(json.loads(json.dumps(report.to_dict()))) == report


PLACE = Place(4, "x.var(0, ddof=1)", 10, 26, "var = x.var(0, ddof=1)", "write `x.var(0)`")


def test_the_place_is_said_without_the_change():
    found = replace(WRONG, explanations=(), note="").with_places([PLACE])
    where = "Look at line 4: `x.var(0, ddof=1)`. Changed in one place, your answer passes these checks."
    assert found.place == (4, "x.var(0, ddof=1)")
    assert str(found).endswith(f"\n\n{where}")
    assert "<p>Look at line 4: <code>x.var(0, ddof=1)</code>." in found._repr_html_()
    assert found.fix == "Line 4: write `x.var(0)`"
    assert found.score == WRONG.score
    kept = json.loads(json.dumps(found.to_dict()))
    assert kept["place"] == [4, "x.var(0, ddof=1)"]
    assert kept["where"] == where
    assert PLACE.fix not in json.dumps(kept)
    assert Report.from_dict(kept) == replace(found, fix="")


def test_no_place_leaves_the_report_as_it_was():
    assert WRONG.with_places([]) is WRONG


def test_a_relation_stands_where_a_name_would():
    report = replace(
        WRONG, diagnosis=(), explanations=(), relation="`y` is twice what it should be.", note=""
    )
    assert str(report).endswith("\n\n`y` is twice what it should be.")
    assert "<p><strong><code>y</code> is twice what it should be.</strong></p>" in report._repr_html_()


def test_one_cause_has_one_cross():
    names = ("the mean of y is β", "values", "float32 at a large mean")
    report = replace(WRONG, example=None, explanations=(), note="")
    report = replace(report, checks=[RUNS, SHAPES, *(CheckResult(name, False, f"{name}!") for name in names)])
    assert str(report) == (
        "batch_norm — not yet, 2 of 5 checks\n"
        "  ✗ values!\n"
        "  · failed with it: the mean of y is β; float32 at a large mean"
    )
