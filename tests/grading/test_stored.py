"""The progress file itself: where it is, what is in it, and what is said when it cannot be written."""

import io
import json
import os
import re

import pytest
from filelock import Timeout

import bn_course
from bn_course.grading import kept
from bn_course.grading import progress as store


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "a" / "home é"))
    yield
    kept.unsaved.clear()


def answer(name, said):
    return lambda state: state["predictions"].__setitem__(name, {"answer": said, "sure": 50})


def refuse(error):
    def refused(*args, **kwargs):
        raise error

    return refused


def test_the_file_is_in_the_learner_s_own_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("BN_COURSE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def folder(name, appauthor):
        return tmp_path / f"{name} {appauthor}"

    monkeypatch.setattr("platformdirs.user_data_path", folder)
    assert store.path() == tmp_path / "bn-course False" / "progress.json"
    monkeypatch.setenv("BN_COURSE_HOME", "")
    assert store.home() == tmp_path / "bn-course False"


def test_folders_are_made_and_words_are_kept_as_written():
    assert store.change(answer("01-é", "β")) is None
    written = store.path().read_text(encoding="utf-8")
    assert written.startswith('{\n "version": 1,\n "questions": {},\n "predictions": {\n  "01-é": {\n')
    assert '   "answer": "β",\n' in written
    assert store.load()["predictions"] == {"01-é": {"answer": "β", "sure": 50}}


def test_words_do_not_depend_on_the_machine_s_encoding(monkeypatch):
    real, opened = io.open, []

    def look(file, mode="r", buffering=-1, encoding=None, *rest, **options):
        opened.append((mode, encoding))
        return real(file, mode, buffering, encoding, *rest, **options)

    store.change(answer("01-é", "β"))
    with monkeypatch.context() as patch:
        patch.setattr(io, "open", look)
        store.change(answer("02-é", "β"))
    assert opened == [("r", "utf-8"), ("w", "utf-8")]


def test_it_is_written_beside_its_place_and_then_put_there(monkeypatch):
    made = []
    real = kept.tempfile.mkstemp

    def mkstemp(**options):
        made.append((options, real(**options)))
        return made[-1][1]

    monkeypatch.setattr(kept.tempfile, "mkstemp", mkstemp)
    flushed = []
    monkeypatch.setattr(kept.os, "fsync", lambda descriptor: flushed.append(os.fstat(descriptor).st_size))
    store.change(answer("01-a", "b"))
    [(options, _)] = made
    assert options == {"dir": store.home(), "prefix": ".progress-", "suffix": ".json"}
    assert flushed == [store.path().stat().st_size]  # all of it was there before it got its name


def test_a_write_that_failed_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(kept.os, "replace", refuse(OSError(28, "No space left on device")))
    said = store.change(answer("01-a", "b"))
    assert said == (
        f"Your progress could not be saved in {store.path()} (No space left on device); "
        "it is kept until this kernel stops."
    )
    assert [p.name for p in store.home().iterdir() if p.suffix == ".json"] == []


def test_an_interruption_after_the_file_got_its_place_is_an_interruption(monkeypatch):
    real = os.replace

    def replace_and_stop(*names):
        real(*names)
        raise KeyboardInterrupt

    monkeypatch.setattr(kept.os, "replace", replace_and_stop)
    with pytest.raises(KeyboardInterrupt):
        store.change(answer("01-a", "b"))
    assert list(json.loads(store.path().read_text(encoding="utf-8"))["predictions"]) == ["01-a"]


def test_a_file_of_a_newer_course_is_left_as_it_is():
    store.home().mkdir(parents=True)
    newer = '{"version": 2, "questions": {}, "predictions": {}, "more": 1}'
    store.path().write_text(newer, encoding="utf-8")
    for name in ("01-a", "01-b"):
        assert store.change(answer(name, "b")) == (
            f"Your progress could not be saved in {store.path()} "
            "(a newer version of the course wrote it: bn-course update); it is kept until this kernel stops."
        )
    assert list(store.load()["predictions"]) == ["01-a", "01-b"]
    assert store.path().read_text(encoding="utf-8") == newer


def test_a_file_that_another_program_holds(monkeypatch):
    monkeypatch.setattr("filelock.FileLock", refuse(Timeout("lock")))
    assert "(another program holds it); it is kept until" in store.change(answer("01-a", "b"))
    assert list(store.load()["predictions"]) == ["01-a"]
    monkeypatch.setattr("filelock.FileLock", refuse(OSError("no reason is known")))
    assert "(another program holds it)" in store.change(answer("01-b", "b"))
    assert list(store.load()["predictions"]) == ["01-a", "01-b"]


def test_nothing_is_lost_while_nothing_can_be_saved(monkeypatch):
    store.home().parent.mkdir()
    store.home().write_text("a file where the folder should be")
    for name in ("01-a", "01-b", "01-c"):
        assert "could not be saved" in store.change(answer(name, "b"))
    assert list(store.load()["predictions"]) == ["01-a", "01-b", "01-c"]
    store.home().unlink()
    assert store.change(answer("01-d", "b")) is None
    saved = json.loads(store.path().read_text(encoding="utf-8"))
    assert list(saved["predictions"]) == ["01-a", "01-b", "01-c", "01-d"]


def test_the_lock_is_the_file_s_own_and_waits_five_seconds(monkeypatch):
    locks = []

    class Lock:
        def __init__(self, path, timeout):
            locks.append((path, timeout))

        def __enter__(self):
            locks.append("held")

        def __exit__(self, *_):
            locks.append("free")

    monkeypatch.setattr("filelock.FileLock", Lock)
    store.change(lambda state: locks.append("changed"))
    assert locks == [(f"{store.path()}.lock", 5), "held", "changed", "free"]


def test_an_edit_that_raises_changes_nothing():
    store.change(answer("01-a", "b"))
    with pytest.raises(ZeroDivisionError):
        store.change(lambda state: 1 / 0)
    assert list(store.load()["predictions"]) == ["01-a"]


def test_a_damaged_file_is_named_by_the_moment():
    store.home().mkdir(parents=True)
    store.path().write_text("{", encoding="utf-8")
    store.load()
    [aside] = store.home().glob("progress-damaged-*")
    assert re.fullmatch(r"progress-damaged-20\d\d-\d\d-\d\d-\d{6}-\d{6}\.json", aside.name)
    # Two of one second have two names.
    store.path().write_text("[]", encoding="utf-8")
    store.load()
    assert len(list(store.home().glob("progress-damaged-*"))) == 2


def test_a_damaged_file_on_a_disk_that_cannot_be_written_stays(monkeypatch):
    store.home().mkdir(parents=True)
    store.path().write_text("{", encoding="utf-8")
    monkeypatch.setattr(kept.shutil, "copyfile", refuse(OSError(30, "Read-only file system")))
    assert store.load() == {"version": 1, "questions": {}, "predictions": {}}
    assert store.path().read_text(encoding="utf-8") == "{"


SOUND = {"passed": True, "attempts": 2, "hints": 1, "diagnoses": {"squared": 1}}
MADE = {"answer": "b", "sure": 95}
HALF = {"attempts": 0, "hints": 0, "diagnoses": {}}  # what is missing is as at the beginning


def stored(**parts):
    """Write a file with two sound entries and these parts; returns its text."""
    whole = {"version": 1, "questions": {"double": SOUND}, "predictions": {"01-a": MADE}}
    text = json.dumps(whole | parts)
    store.home().mkdir(parents=True, exist_ok=True)
    store.path().write_text(text, encoding="utf-8")
    return text


DAMAGE = {
    "version": ({"version": "1"}, {"double": SOUND}, {"01-a": MADE}),
    "no version": ({"version": None}, {"double": SOUND}, {"01-a": MADE}),
    "questions": ({"questions": []}, {}, {"01-a": MADE}),
    "predictions": ({"predictions": None}, {"double": SOUND}, {}),
    "an entry": ({"questions": {"a": "passed", "double": SOUND}}, {"double": SOUND}, {"01-a": MADE}),
    "a newer entry": ({"version": 2, "questions": {"batch_stats": "passed"}}, {}, {"01-a": MADE}),
    "passed": ({"questions": {"a": {"passed": "yes"}}}, {"a": {**HALF, "passed": False}}, {"01-a": MADE}),
    "attempts": (
        {"questions": {"a": {"passed": True, "attempts": "3"}}},
        {"a": {**HALF, "passed": True}},
        {"01-a": MADE},
    ),
    "hints": ({"questions": {"a": {"hints": -1}}}, {"a": {**HALF, "passed": False}}, {"01-a": MADE}),
    "diagnoses": (
        {"questions": {"a": {"diagnoses": {"squared": "1"}}}},
        {"a": {**HALF, "passed": False}},
        {"01-a": MADE},
    ),
    "a prediction": ({"predictions": {"a": "b", "01-a": MADE}}, {"double": SOUND}, {"01-a": MADE}),
    "an answer": ({"predictions": {"a": {"answer": [], "sure": 50}}}, {"double": SOUND}, {}),
    "how sure": ({"predictions": {"a": {"answer": "b", "sure": "very"}}}, {"double": SOUND}, {}),
    "the capstone": ({"capstone": 3}, {"double": SOUND}, {"01-a": MADE}),
}


@pytest.mark.parametrize("level", DAMAGE)
def test_every_level_is_checked_and_what_is_sound_is_kept(level):
    parts, questions, predictions = DAMAGE[level]
    text = stored(**parts)
    said = str(bn_course.progress())
    assert "was damaged: what is sound is kept, and what it was is in progress-damaged-" in said
    assert store.load()["questions"] == questions
    assert store.load()["predictions"] == predictions
    assert json.loads(store.path().read_text(encoding="utf-8"))["questions"] == questions
    [aside] = store.home().glob("progress-damaged-*")
    assert aside.read_text(encoding="utf-8") == text
    assert "damaged" not in str(bn_course.progress())  # said once
    assert store.change(answer("02-a", "b")) is None


def test_a_check_says_that_the_file_was_damaged(capsys):
    stored(questions={"double": "passed"})
    bn_course.check(lambda x: x + x, name="double")
    assert "was damaged: what is sound is kept" in capsys.readouterr().out
    assert store.load()["questions"]["double"]["attempts"] == 1


@pytest.mark.parametrize(
    "file", ['{"passed": true}', "[[]]", "3", "null", "[" * 100_000, "\x00", '{"version": 1e9}']
)
def test_what_is_no_progress_file_is_set_aside_with_a_word(file):
    stored()
    store.path().write_text(file, encoding="utf-8")
    assert "what it was is in progress-damaged-" in store.change(answer("02-a", "b"))
    assert list(store.load()["predictions"]) == ["02-a"]


def test_what_is_missing_from_an_entry_is_no_damage():
    stored(questions={"double": {"passed": True}})
    assert store.load()["questions"]["double"] == {**HALF, "passed": True}
    bn_course.check(lambda x: x + x, name="double")
    assert store.load()["questions"]["double"]["attempts"] == 1
    assert list(store.home().glob("progress-damaged-*")) == []


def test_a_newer_file_is_left_alone_and_said_to_be_newer(capsys):
    text = stored(version=2, questions={"double": {"passed": "by heart"}}, news=[1])
    said = str(bn_course.progress())
    assert "a newer version of the course wrote it: bn-course update" in said
    bn_course.check(lambda x: x + x, name="double")
    assert "a newer version of the course wrote it: bn-course update" in capsys.readouterr().out
    assert store.path().read_text(encoding="utf-8") == text
    assert list(store.home().glob("progress-damaged-*")) == []


def test_what_this_version_does_not_know_stays_in_the_file():
    stored(questions={"gone": {**SOUND, "colour": "red"}}, news=[1])
    store.change(answer("02-a", "b"))
    kept = json.loads(store.path().read_text(encoding="utf-8"))
    assert (kept["news"], kept["questions"]["gone"]["colour"]) == ([1], "red")


def test_what_nobody_has_done_is_each_one_s_own():
    one = store.load()
    one["questions"]["double"] = {"passed": True}
    assert store.load()["questions"] == {}
    store.home().mkdir(parents=True)
    for _ in range(2):
        store.path().write_text("[]", encoding="utf-8")
        broken = store.load()
        assert broken["questions"] == {}
        broken["questions"]["double"] = {}
