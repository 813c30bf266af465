"""`make lab` and `make test`: what they set up, when, and when not. A stand-in plays Python, and writes down
what it was asked."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.skipif(
    os.name == "nt" or shutil.which("make") is None, reason="make is for Linux and macOS; it is not here"
)

PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
    "-V") echo "Python $SAYS" ;;
    *version_info\\ \\<*) test "$SAYS" != 3.10 ;;
    *version_info*) echo "$SAYS" ;;
    "-m venv --clear .venv") rm -rf .venv; mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;
esac
"""


class Course:
    """A copy of what the Makefile reads, in a folder whose name has a space and an accent."""

    def __init__(self, folder):
        self.folder, self.calls = folder / "x é" / "course", folder / "calls"
        self.folder.mkdir(parents=True)
        for name in ("Makefile", "pyproject.toml", "constraints.txt"):
            shutil.copy(ROOT / name, self.folder)
            os.utime(self.folder / name, (0, 0))
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "python3").write_text(PYTHON, encoding="utf-8")
        (self.bin / "python3").chmod(0o755)

    def make(self, *arguments, says="3.11", fails=False):
        """Run make; returns what Python was asked to run with -m, or what make said when it fails."""
        self.calls.write_text("")
        path = f"{self.bin}{os.pathsep}{os.environ['PATH']}"
        unwanted = ("PYTHON", "MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES")
        kept = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment = kept | {"PATH": path, "CALLS": str(self.calls), "SAYS": says}
        done = subprocess.run(
            ["make", *arguments], cwd=self.folder, env=environment, capture_output=True, text=True
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        if fails:
            return done.stdout
        asked = self.calls.read_text().splitlines()
        return [line.split()[1] for line in asked if line.startswith("-m ")]


@pytest.fixture
def course(tmp_path):
    return Course(tmp_path)


def test_the_second_run_only_runs(course):
    assert course.make("lab") == ["venv", "pip", "bn_course.cli"]
    assert course.make("lab") == ["bn_course.cli"]


def test_test_adds_to_what_lab_set_up(course):
    course.make("lab")
    assert course.make("test") == ["pip", "ruff", "pytest"]
    assert course.make("test") == ["ruff", "pytest"]


def test_lab_wants_nothing_more_after_test(course):
    assert course.make("test") == ["venv", "pip", "ruff", "pytest"]
    assert course.make("lab") == ["bn_course.cli"]


def test_site_adds_to_what_lab_set_up_and_wants_nothing_more_after_test(course):
    course.make("lab")
    assert course.make("site") == ["pip", "sphinx"]
    assert course.make("site") == ["sphinx"]
    assert course.make("test") == ["pip", "ruff", "pytest"]
    assert course.make("site") == ["sphinx"]


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_other_dependencies_are_installed_in_the_same_environment(course, name):
    course.make("lab")
    os.utime(course.folder / name, (2**31, 2**31))
    assert course.make("lab") == ["pip", "bn_course.cli"]


def test_an_environment_that_was_moved_is_made_again(course):
    course.make("lab")
    moved = course.folder.with_name("elsewhere")
    course.folder.rename(moved)
    course.folder = moved
    assert course.make("lab") == ["venv", "pip", "bn_course.cli"]


def test_an_environment_whose_python_is_gone_is_made_again(course):
    course.make("lab")
    (course.folder / ".venv" / "bin" / "python").unlink()
    assert course.make("lab") == ["venv", "pip", "bn_course.cli"]


def test_an_old_python_is_refused_by_name_and_nothing_is_touched(course):
    said = course.make("lab", says="3.10", fails=True)
    assert "needs Python 3.11 or newer; python3 is Python 3.10" in said
    assert "make lab PYTHON=" in said
    assert not (course.folder / ".venv").exists()


def test_a_python_that_is_not_there_is_said_to_be(course):
    assert "There is no python9 here" in course.make("lab", "PYTHON=python9", fails=True)


def test_clean_leaves_what_people_wrote(course):
    course.make("lab")
    work = course.folder / "exercises" / "02_forward_pass.ipynb"
    work.parent.mkdir()
    work.write_text("my answer")
    course.make("clean")
    assert not (course.folder / ".venv").exists()
    assert work.read_text() == "my answer"
