"""Pyodide's reports are CPython's, to the letter; every cell of a lesson that is not marked runs there."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import lessons
import pytest
import reports

from bn_course import course
from bn_course.grading.catalogue import catalogue

HERE = Path(__file__).resolve().parent
NAMES = [name for name in catalogue() if lessons.runs_in_a_tab(name)]
# Python's own words for its errors, which differ between 3.11 and 3.14.
ITS_OWN = (
    (re.compile("float division by zero"), "division by zero"),
    (re.compile(r" and no __dict__ for setting new attributes"), ""),
)


@pytest.fixture(scope="module")
def runtime(site):
    (folder,) = site.glob("static/pyodide-*")
    return folder


def in_pyodide(runtime, folder, packages, program):
    command = ["node", HERE / "in_pyodide.mjs", runtime, folder, packages, program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]


def plainly(said):
    for words, instead in ITS_OWN:
        said = words.sub(instead, said)
    return said


def test_the_same_reports(runtime, tmp_path):
    shutil.copy(HERE / "reports.py", tmp_path)
    reports.write(tmp_path / "here.json", NAMES)
    program = (
        "import sys; sys.path.insert(0, '/course'); import reports; "
        f"reports.write('/course/there.json', {NAMES})"
    )
    in_pyodide(runtime, tmp_path, "bn-course", program)
    here, there = (json.loads((tmp_path / f"{place}.json").read_text()) for place in ("here", "there"))
    print(f"\n{len(NAMES)} questions, {len(here)} reports in Pyodide and in CPython")
    assert here.keys() == there.keys()
    assert [what for what in here if plainly(here[what]) != plainly(there[what])] == []


@pytest.mark.parametrize("stem", course.exercises())
def test_a_lesson_runs_where_it_is_not_marked(site, runtime, tmp_path, stem):
    shutil.copy(HERE / "running.py", tmp_path)
    shutil.copy(site / "files" / "notebooks" / f"{stem}.ipynb", tmp_path)
    program = f"import sys; sys.path.insert(0, '/course'); import running; await running.run('{stem}')"
    in_pyodide(runtime, tmp_path, "bn-course,ipython,comm", program)
    assert json.loads((tmp_path / "failed.json").read_text()) == {}
