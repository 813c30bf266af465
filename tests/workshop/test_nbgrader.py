"""The whole round with nbgrader, and its scores beside those of `bn-course grade`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from bn_course.cli import main
from bn_course.workshop.grading import grade_file
from bn_course.workshop.sandbox import Limits

LESSON = "02_forward_pass"
READ_SCORES = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    for s in sorted(book.assignment_submissions(%r), key=lambda s: s.student_id):
        print(s.student_id, s.score, s.max_score)
"""


def answer(path: Path, name: str, code: str) -> None:
    book = nbformat.read(path, as_version=4)
    (cell,) = [c for c in book.cells if c.metadata.get("nbgrader", {}).get("grade_id") == name]
    cell.source = code
    nbformat.write(book, path)


@pytest.fixture
def nbgrader(tmp_path):
    pytest.importorskip("nbgrader", reason="the extra `teach` is not installed")
    course = tmp_path / "course"
    assert main(["nbgrader", str(course)]) == 0
    binaries = str(Path(sys.executable).parent)  # nbgrader runs alembic from PATH
    environment = {
        **os.environ,
        "PATH": binaries + os.pathsep + os.environ["PATH"],
        "BN_COURSE_HOME": str(tmp_path / "state"),
        "HOME": str(tmp_path),
        "PYTHONWARNINGS": "ignore",
    }

    def run(*words: str) -> str:
        command = [sys.executable, *words]
        done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    run.course = course
    return run


def test_the_round_trip_and_the_same_scores(nbgrader, good):
    nbgrader("-m", "nbgrader", "generate_assignment", LESSON)
    released = nbgrader.course / "release" / LESSON / f"{LESSON}.ipynb"
    assert "SOLUTION" not in released.read_text(encoding="utf-8")
    wrong = good.replace("x.var(axis=0) + eps", "x.var(axis=0, ddof=1) + eps")
    for learner, code in {"right": good, "wrong": wrong, "untouched": None}.items():
        copy = nbgrader.course / "submitted" / learner / LESSON / f"{LESSON}.ipynb"
        copy.parent.mkdir(parents=True)
        shutil.copyfile(released, copy)
        for name in (
            ("batch_stats", "batch_norm_forward", "identity_affine", "stable_variance") if code else ()
        ):
            answer(copy, name, code)
    nbgrader("-m", "nbgrader", "autograde", LESSON)
    nbgrader("-m", "nbgrader", "generate_feedback", LESSON)

    theirs = {}
    for line in nbgrader("-c", READ_SCORES % LESSON).splitlines():
        learner, score, most = line.split()
        theirs[learner] = (float(score), float(most))
    assert theirs == {"right": (8, 8), "wrong": (5, 8), "untouched": (0, 8)}
    for learner, scores in theirs.items():
        result = grade_file(nbgrader.course / "submitted" / learner / LESSON / f"{LESSON}.ipynb", Limits())
        assert (result.score, result.points) == scores
    page = nbgrader.course / "feedback" / "wrong" / LESSON / f"{LESSON}.html"
    assert "You divide the sum of squares by N − 1." in page.read_text(encoding="utf-8")


def test_an_instructors_own_files_are_left_alone(tmp_path, capsys):
    main(["nbgrader", str(tmp_path)])
    config = tmp_path / "nbgrader_config.py"
    config.write_text("mine")
    main(["nbgrader", str(tmp_path)])
    assert config.read_text() == "mine"
    assert "0 files written" in capsys.readouterr().out
