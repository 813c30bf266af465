"""The progress file in a browser's tab: where it is, and what is said when the browser does not keep it."""

import json
import os
from pathlib import Path

import pytest

from bn_course.grading import kept
from bn_course.grading import progress as store


@pytest.fixture(autouse=True)
def drive(tmp_path, monkeypatch):
    monkeypatch.delenv("BN_COURSE_HOME", raising=False)
    monkeypatch.setattr("bn_course.course.in_browser", lambda: True)
    monkeypatch.setattr("bn_course.course.DRIVE", tmp_path / "drive")
    yield tmp_path / "drive"
    kept.unsaved.clear()


def answer(name, said):
    return lambda state: state["predictions"].__setitem__(name, {"answer": said, "sure": 50})


def test_it_is_where_the_browser_keeps_files_and_is_written_whole(monkeypatch, drive):
    def refuse(*_):
        raise OSError("renaming takes many steps there")

    monkeypatch.setattr(os, "replace", refuse)
    assert store.change(answer("01-a", "b")) is None
    assert [*json.loads((drive / ".bn-course/progress.json").read_text())["predictions"]] == ["01-a"]


def test_a_full_storage_drops_a_file_in_silence_and_that_is_told(monkeypatch):
    assert store.change(answer("01-a", "b")) is None
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: 0)
    warning = store.change(answer("01-b", "c"))
    assert "could not be saved" in warning
    assert "storage is full" in warning
    assert store.load()["predictions"].keys() == {"01-a", "01-b"}
