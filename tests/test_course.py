"""Where the course's files are; starting, restarting, and never losing what a learner wrote."""

import os
import stat
from pathlib import Path

import pytest

from bn_course import course


@pytest.fixture
def wheel(tmp_path, monkeypatch):
    """The package as a wheel installs it: no repository around it, a packaged copy inside."""
    packaged = tmp_path / "site-packages" / "bn_course" / "_course"
    for folder in ("notebooks", "exercises", "solutions"):
        (packaged / folder).mkdir(parents=True)
        for stem in ("00_start_here", "02_forward_pass"):
            (packaged / folder / f"{stem}.ipynb").write_text(f"{folder} {stem}", encoding="utf-8")
    monkeypatch.setattr(course, "_PACKAGED", packaged)
    monkeypatch.setattr(course, "_REPOSITORY", packaged.parent.parent)
    here = tmp_path / "learner"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def started(wheel):
    course.start(course.workspace())
    return wheel / "bn-course"


def test_in_a_checkout_the_learner_works_in_the_repository():
    repository = Path(__file__).resolve().parents[1]
    assert course.in_checkout()
    assert course.workspace() == repository
    assert course.folder("solutions") == repository / "solutions"


def test_a_wheel_gives_its_own_copy(wheel):
    assert not course.in_checkout()
    assert (course.folder("solutions") / "02_forward_pass.ipynb").is_file()
    assert course.workspace() == wheel / "bn-course"


def test_start_copies_lessons_and_exercises_once(wheel):
    target = course.workspace()
    assert course.start(target) == 4
    assert course.start(target) == 0
    assert (target / "exercises" / "02_forward_pass.ipynb").read_text() == "exercises 02_forward_pass"
    assert not (target / "solutions").exists()


def test_start_never_overwrites(started):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    mine.write_text("my answer")
    (started / "notebooks" / "00_start_here.ipynb").unlink()
    assert course.start(started) == 1
    assert mine.read_text() == "my answer"


def test_the_workspace_is_found_from_inside_it(started, monkeypatch):
    for inside in (started, started / "exercises"):
        monkeypatch.chdir(inside)
        assert course.workspace() == started


@pytest.mark.parametrize(
    "name", ["2", "02", "02_forward_pass", "02_forward_pass.ipynb", "exercises/02_forward_pass.ipynb"]
)
def test_an_exercise_has_several_names(wheel, name):
    assert course.stem_of(name) == "02_forward_pass"


@pytest.mark.parametrize("name", ["07", "", ".", "forward", "02_forward", "é"])
def test_an_unknown_exercise_is_said_to_be(wheel, name):
    with pytest.raises(course.UnknownExercise, match=r"00_start_here, 02_forward_pass"):
        course.stem_of(name)


def test_reset_restores_the_stub_and_keeps_the_answer(started):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    mine.write_text("my answer")
    file, kept = course.reset("02")
    assert file.samefile(mine)
    assert mine.read_text() == "exercises 02_forward_pass"
    assert kept.parent == mine.parent
    assert kept.read_text() == "my answer"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o664])
def test_reset_keeps_who_may_read_and_write_the_file(started, mode):
    file = started / "exercises" / "00_start_here.ipynb"
    file.write_text("mine")
    file.chmod(mode)
    _, kept = course.reset("00")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, kept)] == [mode, mode]


def test_reset_keeps_every_older_answer(started):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    kept = []
    for answer in ("first", "second", "third"):  # within one second, so under one date
        mine.write_text(answer)
        kept.append(course.reset("02")[1])
    assert [file.read_text() for file in kept] == ["first", "second", "third"]


def test_reset_of_an_untouched_or_missing_exercise_keeps_nothing(started):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    assert course.reset("02") == (mine, None)
    mine.unlink()
    assert course.reset("02") == (mine, None)
    assert mine.read_text() == "exercises 02_forward_pass"


def test_reset_refuses_a_lesson_of_the_same_name(started):
    lesson = started / "notebooks" / "02_forward_pass.ipynb"
    with pytest.raises(course.UnknownExercise, match="is not the exercise; that is"):
        course.reset(str(lesson))
    assert lesson.read_text() == "notebooks 02_forward_pass"


@pytest.mark.parametrize("fails", ["keep", "write"])
def test_a_full_disk_leaves_the_answer_alone(started, monkeypatch, fails):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    mine.write_text("my answer")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(course, fails, full)
    with pytest.raises(OSError, match="No space left"):
        course.reset("02")
    assert mine.read_text() == "my answer"


def test_an_interrupted_write_leaves_no_half_file(started, monkeypatch):
    mine = started / "exercises" / "02_forward_pass.ipynb"
    mine.write_text("my answer")
    before = len(list(mine.parent.iterdir()))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        course.reset("02")
    assert mine.read_text() == "my answer"
    assert len(list(mine.parent.iterdir())) == before + 1  # the copy that was kept
