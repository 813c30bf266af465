"""A learner's work goes from one place to another, and no answer is lost on the way."""

import io
import json
import zipfile

import pytest

from bn_course import cli, course, notebook_file, work
from bn_course.grading import progress
from bn_course.review import memory, schedule
from bn_course.update import sources

STEM = "02_forward_pass"
MINE, THEIRS = "def batch_stats(x):\n    return 1, 2", "def batch_stats(x):\n    return 3, 4"


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Go to a machine of this name: a folder of the course's and a state of its own."""

    def go(name):
        monkeypatch.setattr(course, "workspace", lambda: tmp_path / name)
        monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / name / "state"))
        course.start(tmp_path / name)
        return tmp_path / name / "exercises" / f"{STEM}.ipynb"

    return go


def answer(file, source):
    notebook = notebook_file.read(file.read_bytes())
    next(cell for cell in notebook["cells"] if cell["id"] == "batch_stats")["source"] = source
    file.write_bytes(notebook_file.write(notebook))


def answered(file):
    return next(s for s in sources(notebook_file.read(file.read_bytes())) if s.startswith("def batch_stats"))


def record(name, **entry):
    new = {"passed": False, "attempts": 0, "hints": 0, "diagnoses": {}} | entry
    progress.change(lambda state: state["questions"].update({name: new}))


def test_a_notebook_is_read_and_written_as_it_was():
    given = course.stub(STEM)
    assert notebook_file.write(notebook_file.read(given)) == given


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"nbformat": 3}', b'{"nbformat": 4, "cells": [1]}', b"[" * 9999]
)
def test_what_is_no_notebook_is_none(content):
    assert notebook_file.read(content) is None


def test_answers_and_progress_come_over(place):
    answer(place("here"), MINE)
    record("batch_stats", passed=True, attempts=2, version=1)
    packed = work.pack()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert names == [f"exercises/{STEM}.ipynb", "progress.json", "review.json"]
    there, said = place("there"), []
    work.unpack(packed, said.append)
    assert answered(there) == MINE
    assert progress.load()["questions"]["batch_stats"]["passed"]
    assert said == [
        f"{STEM}.ipynb: your answers are here.",
        "Your progress is joined with what was here.",
        "What you reviewed is joined with what was here.",
    ]
    again = []
    work.unpack(packed, again.append)
    assert again == said[1:]


def test_an_answer_that_was_here_is_kept_beside(place):
    answer(place("here"), MINE)
    packed = work.pack()
    there, said = place("there"), []
    answer(there, THEIRS)
    work.unpack(packed, said.append)
    (kept,) = there.parent.glob(f"{STEM}.2*.ipynb")
    assert (answered(there), answered(kept)) == (MINE, THEIRS)
    assert said[0].endswith(f"What was here is in {kept.name}, beside it.")


def zipped(**files):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return target.getvalue()


def test_reviews_and_explanations_come_over(place):
    place("here")
    card = schedule.reviewed(None, False, schedule.now(), "sum")
    memory.change(lambda state: state["cards"].update({"00-mean": card}))
    memory.change(lambda state: state["own_words"].update({STEM: {"text": "It divides.", "ticked": [True]}}))
    packed, seed = work.pack(), progress.load()["seed"]
    place("there")
    work.unpack(packed, print)
    state = memory.load()
    assert (state["cards"]["00-mean"], state["own_words"][STEM]["text"]) == (card, "It divides.")
    assert progress.load()["seed"] == seed


def test_of_a_damaged_state_what_is_sound_comes_and_that_is_said(place):
    place("here")
    broken = {"version": 1, "questions": {"double": {"passed": True}, "batch_stats": 3}, "predictions": {}}
    said = []
    work.unpack(zipped(**{"progress.json": json.dumps(broken)}), said.append)
    assert progress.load()["questions"]["double"]["passed"]
    assert "progress.json was damaged" in said[0]


@pytest.mark.parametrize("content", [b"no zip", zipped(other="x"), zipped(**{"exercises__99.ipynb": "{}"})])
def test_what_is_no_work_is_refused(place, content):
    place("here")
    with pytest.raises(work.NoWork, match=r"no my-work\.zip"):
        work.unpack(content, print)


def test_what_is_too_large_is_refused(place, monkeypatch):
    place("here")
    monkeypatch.setattr(work, "_LARGEST", 10)
    with pytest.raises(work.NoWork, match="too large"):
        work.unpack(zipped(**{"progress.json": json.dumps({"version": 1} | {"x": "y" * 20})}), print)


def test_a_name_that_leads_elsewhere_is_not_written(place, tmp_path):
    file = place("here")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(work.NoWork):
        work.unpack(zipped(**{"..__..__evil.ipynb": course.stub(STEM)}), print)
    assert sorted(tmp_path.rglob("*")) == before
    assert file.exists()


def test_the_commands_pack_and_unpack(place, tmp_path, capsys):
    answer(place("here"), MINE)
    assert cli.main(["pack", str(tmp_path)]) == 0
    packed = tmp_path / "my-work.zip"
    assert capsys.readouterr().out == f"{packed}\n"
    there = place("there")
    assert cli.main(["unpack", str(packed)]) == 0
    assert answered(there) == MINE
    packed.write_bytes(b"broken")
    assert cli.main(["unpack", str(packed)]) == 1
    assert "no my-work.zip of the course" in capsys.readouterr().err
