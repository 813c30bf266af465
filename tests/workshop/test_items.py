"""`bn-course grade --items`: the questions of a room as the items of a test."""

import json
from dataclasses import replace

import pytest

from bn_course.cli import main
from bn_course.grading.report import Report
from bn_course.workshop import batch, items
from bn_course.workshop.grading import Result

NAMES = ("batch_stats", "batch_norm_forward")


def result(who, *passed, problem=None):
    reports = tuple(Report(name, right, right, 1) for name, right in zip(NAMES, passed, strict=False))
    return Result(f"{who}/02_forward_pass.ipynb", "02_forward_pass", reports, problem=problem)


PASSED = {"ada": (True, True), "bo": (True, False), "cy": (False, False), "di": (True, True)}
ROOM = [result(who, *passed) for who, passed in PASSED.items()]


def test_each_question_is_an_item_and_what_could_not_be_graded_is_none():
    first, second = items.items([*ROOM, result("eve", False, False, problem="it is no notebook")])
    assert (first.name, first.answered, first.difficulty) == ("batch_stats", 4, 0.75)
    assert second.difficulty == 0.5
    assert first.discrimination == pytest.approx(3**-0.5)  # of 1101 with 1001, by hand


def test_two_notebooks_of_a_learner_are_one_sheet():
    other = Result("ada/03.ipynb", "03_backward_pass", (Report("affine_backward", False, 0, 1),))
    assert [item.answered for item in items.items([ROOM[0], other])] == [1, 1, 1]


@pytest.fixture
def graded(monkeypatch, tmp_path):
    """As if these had been graded: what is printed is asked here."""
    folders = {result.path.split("/")[0]: result for result in ROOM}
    for who in folders:
        (tmp_path / who).mkdir()
        (tmp_path / who / "02_forward_pass.ipynb").write_text("{}", encoding="utf-8")

    def grade_file(path, *_):
        return replace(folders[path.parent.name], path=str(path))

    monkeypatch.setattr(batch, "grade_file", grade_file)
    return str(tmp_path)


def test_the_command_prints_them_only_where_asked(graded, capsys):
    assert "Items" not in told(capsys, graded)
    lines = told(capsys, graded, "--items").splitlines()
    wanted = "  batch_stats                       75% of 4 passed (30% to 95%), with the rest +0.58"
    assert any(line.startswith(wanted) for line in lines)
    found = json.loads(told(capsys, graded, "--items", "--json"))
    assert [item["name"] for item in found["items"]] == list(NAMES)


def told(capsys, folder, *options):
    main(["grade", folder, *options])
    return capsys.readouterr().out
