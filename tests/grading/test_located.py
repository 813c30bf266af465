"""The place of a mistake is added to a report that stands: no score changes; the change is a hint alone."""

import json
from functools import partial

import pytest
from cells import AMPLE, typed, with_place
from jupyter_client.manager import start_new_kernel

import bn_course
from bn_course.grading import api, judge
from bn_course.grading.catalogue import catalogue
from bn_course.grading.repair.here import find_place_here

SAMPLE = "def batch_stats(x):\n    mean = x.mean(0)\n    return mean, x.var(0, ddof=1)\n"
RIGHT = "def batch_stats(x):\n    return x.mean(0), x.var(0)\n"
STUB = "def batch_stats(x):\n    ...\n"
QUESTION = catalogue()["batch_stats"]


@pytest.fixture
def ample(monkeypatch):
    """What is found does not depend on the machine."""
    monkeypatch.setattr(judge, "find_place_here", partial(find_place_here, budget=AMPLE))


def test_a_place_changes_what_is_said_and_no_verdict():
    answer = typed("batch_stats", SAMPLE)
    before = judge.judge_here(QUESTION, answer)
    after = with_place(before, QUESTION, answer)
    assert after.place == (3, "x.var(0, ddof=1)")
    same = ("name", "passed", "score", "points", "attempted", "checked", "diagnosis", "checks", "example")
    assert [getattr(after, part) for part in same] == [getattr(before, part) for part in same]
    assert after.where in after.message
    assert after.fix
    assert after.fix not in json.dumps(after.to_dict(), ensure_ascii=False)


@pytest.mark.parametrize("text", [RIGHT, STUB])
def test_nothing_is_searched_where_nothing_is_wrong_or_nothing_is_there(text):
    report = judge.judge_here(QUESTION, typed("batch_stats", text))

    def search(probes, expected):
        raise AssertionError("searched")

    assert judge.located(report, QUESTION, search) is report


def test_the_change_is_one_more_hint_after_the_last(ample, monkeypatch):
    monkeypatch.setattr(api, "_fixes", {})
    with pytest.raises(AssertionError):
        bn_course.check(typed("batch_stats", SAMPLE))
    given = [bn_course.hint("batch_stats") for _ in range(len(QUESTION.hints) + 1)]
    assert [note.text for note in given[:-1]] == list(QUESTION.hints)
    assert given[-1].title == "batch_stats, the change that passes these checks"
    assert given[-1].text.startswith("Line 3: ")
    bn_course.check(typed("batch_stats", RIGHT))
    assert bn_course.hint("batch_stats").text == QUESTION.hints[-1]


def test_a_notebook_shows_the_report_at_once_and_adds_the_place(tmp_path):
    manager, client = start_new_kernel(
        cwd=str(tmp_path), extra_arguments=["--log-level=ERROR", f"--IPKernelApp.ipython_dir={tmp_path}"]
    )
    shown = []
    generous = "judge.find_place_here = partial(judge.find_place_here, budget=60.0)"
    try:
        for cell in (
            f"from functools import partial\nfrom bn_course import check\n"
            f"from bn_course.grading import judge\n{generous}",
            SAMPLE + "check(batch_stats)",
        ):
            client.execute_interactive(cell, allow_stdin=False, output_hook=shown.append, timeout=120)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    displays = [m for m in shown if m["msg_type"] in ("display_data", "update_display_data")]
    assert [m["msg_type"] for m in displays] == ["display_data", "update_display_data"]
    first, second = (m["content"] for m in displays)
    assert first["transient"]["display_id"] == second["transient"]["display_id"]
    assert "Look at line 3" not in first["data"]["text/html"]
    assert "Look at line 3: <code>x.var(0, ddof=1)</code>" in second["data"]["text/html"]
    assert shown[-1]["msg_type"] == "status"
    assert any(m["msg_type"] == "error" and m["content"]["ename"] == "NotYet" for m in shown)
