"""Progress is never lost: two writers, a full or read-only disk, a damaged file, an interruption."""

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bn_course.grading import kept
from bn_course.grading import progress as store
from bn_course.grading.catalogue import catalogue, predictions


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "home"))
    yield
    kept.unsaved.clear()


def add(name):
    return lambda state: state["questions"].__setitem__(name, {"passed": True})


def test_nothing_done_yet():
    assert store.load() == {"version": 1, "questions": {}, "predictions": {}}
    assert not store.path().exists()


def test_what_was_changed_is_there_for_the_next_process():
    assert store.change(add("double")) is None
    assert json.loads(store.path().read_text(encoding="utf-8"))["questions"] == {"double": {"passed": True}}
    assert [p.name for p in store.home().iterdir() if p.name.startswith(".progress-")] == []


def test_two_kernels_at_once_lose_nothing():
    program = (
        "import sys; from bn_course.grading import progress as p\n"
        "for i in range(25):\n"
        "    said = p.change(lambda s: s['questions'].__setitem__(f'{sys.argv[1]}{i}', {}))\n"
        "    assert said is None, said"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, name]) for name in "ab"]
    assert [writer.wait(timeout=600) for writer in writers] == [0, 0]
    assert len(store.load()["questions"]) == 50


@pytest.mark.parametrize("damage", ["{", "", "[1, 2]", '{"version": 1}', '{"questions": 3}', "\x00\x01"])
def test_a_damaged_file_is_set_aside(damage):
    store.change(add("double"))
    store.path().write_text(damage, encoding="utf-8")
    assert store.load()["questions"] == {}
    store.change(add("batch_stats"))
    assert list(store.load()["questions"]) == ["batch_stats"]
    aside = [p for p in store.home().iterdir() if p.name.startswith("progress-damaged-")]
    assert [p.read_text(encoding="utf-8") for p in aside] == [damage]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_cannot_be_written_keeps_the_session(monkeypatch, code):
    store.change(add("double"))
    before = store.path().read_bytes()

    def refuse(*args, **kwargs):
        raise OSError(code, "refused")

    monkeypatch.setattr(kept.tempfile, "mkstemp", refuse)
    warning = store.change(add("batch_stats"))
    assert "could not be saved" in warning
    assert str(store.path()) in warning
    assert set(store.load()["questions"]) == {"double", "batch_stats"}
    assert store.path().read_bytes() == before
    monkeypatch.undo()
    monkeypatch.setenv("BN_COURSE_HOME", str(store.home()))


def test_what_could_not_be_saved_is_saved_when_the_disk_allows(monkeypatch):
    real = kept.tempfile.mkstemp
    monkeypatch.setattr(kept.tempfile, "mkstemp", lambda **k: (_ for _ in ()).throw(OSError(28, "full")))
    assert store.change(add("double"))
    monkeypatch.setattr(kept.tempfile, "mkstemp", real)
    assert store.change(add("batch_stats")) is None
    assert set(json.loads(store.path().read_text(encoding="utf-8"))["questions"]) == {"double", "batch_stats"}


def test_a_home_that_is_a_file(monkeypatch, tmp_path):
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    monkeypatch.setenv("BN_COURSE_HOME", str(blocked))
    assert "could not be saved" in store.change(add("double"))
    assert list(store.load()["questions"]) == ["double"]


def test_an_interrupted_write_leaves_the_old_file_whole(monkeypatch):
    store.change(add("double"))
    before = store.path().read_bytes()

    def stop(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(kept.json, "dump", stop)
    with pytest.raises(KeyboardInterrupt):
        store.change(add("batch_stats"))
    assert store.path().read_bytes() == before
    assert sorted(p.name for p in store.home().iterdir() if "lock" not in p.name) == ["progress.json"]


def test_what_a_newer_course_wrote_is_read_and_left_alone():
    store.home().mkdir()
    text = '{"version": 2, "questions": {"double": {"passed": true}}, "predictions": {}, "new": 1}'
    store.path().write_text(text, encoding="utf-8")
    assert store.load()["questions"]["double"]["passed"]
    assert "a newer version of the course wrote it: bn-course update" in store.change(add("batch_stats"))
    assert set(store.load()["questions"]) == {"double", "batch_stats"}
    assert store.path().read_text(encoding="utf-8") == text


def test_names_that_were_released_stay():
    released = json.loads((Path(__file__).parent / "released.json").read_text(encoding="utf-8"))
    assert set(released["questions"]) <= set(catalogue()), "progress is kept under these names"
    assert set(released["predictions"]) <= set(predictions()), "progress is kept under these names"
