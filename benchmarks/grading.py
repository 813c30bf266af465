"""Submissions a minute: `bn-course grade` beside nbgrader's autograder, on the same notebooks.

    python benchmarks/grading.py [--submissions 30]

Writes evidence/grading.json. Both grade the same thirty exercise notebooks of lesson 02 (ten right, ten with
the sample variance, ten untouched), one after the other, on the same machine; times are wall-clock.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path

import nbformat

from bn_course.course import folder
from bn_course.grading.catalogue import find_question
from bn_course.grading.solutions import source
from bn_course.workshop import sandbox
from bn_course.workshop.batch import grade_all
from bn_course.workshop.nbgrader import export
from bn_course.workshop.sandbox import Limits

LESSON = "02_forward_pass"
EVIDENCE = Path(__file__).resolve().parent.parent / "evidence" / "grading.json"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=30)
    count = parser.parse_args().submissions
    with tempfile.TemporaryDirectory() as scratch:
        course = Path(scratch)
        os.environ["BN_COURSE_HOME"] = str(course / "state")
        export(course)
        for number in range(count):
            _submit(course / "submitted" / f"learner{number:02}" / LESSON, number % 3)
        _nbgrader(course, "generate_assignment")
        ours = _timed(lambda: _ours(course))
        theirs = _timed(lambda: _nbgrader(course, "autograde"))
    result = {
        "what": f"{count} notebooks of lesson 02, wall-clock seconds",
        "bn_course_seconds": round(ours, 2),
        "nbgrader_seconds": round(theirs, 2),
        "bn_course_a_minute": round(60 * count / ours),
        "nbgrader_a_minute": round(60 * count / theirs),
        "sandboxed": bool(sandbox.bubblewrap()),
        "jobs": 2,
        "cores": os.cpu_count(),
        "versions": {name: version(name) for name in ("nbgrader", "numpy")}
        | {"python": platform.python_version()},
        "date": date.today().isoformat(),
    }
    EVIDENCE.parent.mkdir(exist_ok=True)
    EVIDENCE.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


def _submit(target: Path, kind: int) -> None:
    """An exercise notebook with right answers (0), the sample variance (1) or none (2)."""
    book = nbformat.read(folder("exercises") / f"{LESSON}.ipynb", as_version=4)
    for cell in book.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "")
        if kind < 2 and cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = source(find_question(name))
            if kind == 1 and name == "batch_norm_forward":
                cell.source = (
                    f"def {name}(x, gamma, beta, eps=1e-5):\n"
                    "    return gamma * (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) + beta"
                )
    target.mkdir(parents=True)
    nbformat.write(book, target / f"{LESSON}.ipynb")


def _timed(work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _ours(course: Path) -> None:
    results = grade_all(sorted((course / "submitted").rglob("*.ipynb")), Limits(), jobs=2)
    assert {r.score for r in results} == {8, 5, 0}, "the benchmark grades wrongly"


def _nbgrader(course: Path, command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONWARNINGS": "ignore"}
    words = [sys.executable, "-m", "nbgrader", command, LESSON]
    subprocess.run(words, cwd=course, env=environment, check=True, capture_output=True)


if __name__ == "__main__":
    main()
