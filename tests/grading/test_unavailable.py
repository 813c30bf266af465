"""A reference that cannot run ends a check with a sentence, and is never a verdict."""

import json
import os
import subprocess
import sys

import nbformat
import pytest

from bn_course.grading.catalogue import catalogue
from bn_course.grading.judge import judge_here
from bn_course.grading.question import Probe, Question

# A process in which a package cannot be imported, as if it had never been installed.
HIDE = """
import json, sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == sys.argv[1]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
from bn_course import check, grade
from bn_course.grading import api, progress
from bn_course.grading.catalogue import catalogue
"""

RAISES = """
def raises(*args):
    raise ValueError

reports = {name: grade(name, raises).to_dict() for name in catalogue()}
print(json.dumps({name: [r["passed"], r["checked"], r["note"]] for name, r in reports.items()}))
"""

RIGHT = """
reports = [grade(name, question.reference) for name, question in catalogue().items()]
print(json.dumps([report.message for report in reports if report.checked and not report.passed]))
"""

CHECK = """
try:
    check(print, name="BatchNorm2d")
except api.NotChecked as error:
    print("".join(error._render_traceback_()))
print(progress.path().exists())
"""

GRADE = """
from pathlib import Path
from bn_course.workshop import grading, sandbox, session

session._PACKAGES = ()  # the notebooks' own process has it
result = grading.grade_file(Path(sys.argv[2]), sandbox.Limits())
print(json.dumps([result.graded, result.ours, [[r.name, r.checked] for r in result.reports]]))
"""

NEEDS = "this question needs PyTorch, which is not installed here: pip install torch"


def without(package, program, *words):
    command = [sys.executable, "-c", HIDE + program, package, *words]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("package", "fewest"), [("torch", 18), ("sklearn", 1), ("scipy", 0), ("psutil", 0)])
def test_an_answer_that_only_raises_never_passes(package, fewest):
    found = json.loads(without(package, RAISES))
    assert len(found) == len(catalogue())
    assert [name for name, (passed, _, _) in found.items() if passed] == []
    unchecked = [note for _, checked, note in found.values() if not checked]
    assert len(unchecked) >= fewest
    assert all("which is not installed here: pip install" in note for note in unchecked)


def test_a_right_answer_is_never_refused_for_want_of_torch():
    assert json.loads(without("torch", RIGHT)) == []


def test_check_says_so_and_records_nothing():
    told = without("torch", CHECK).splitlines()
    assert told[0] == "BatchNorm2d — not checked"
    assert NEEDS in told
    assert told[-2:] == [f"NotChecked: BatchNorm2d: {NEEDS}", "False"]


@pytest.mark.skipif(os.name != "posix", reason="`bn-course grade` refuses elsewhere")
def test_a_submission_has_no_score_then(tmp_path):
    cells = [
        nbformat.v4.new_code_cell("def bytes_moved(*args):\n    raise ValueError\nBatchNorm2d = bytes_moved")
    ]
    path = tmp_path / "06_pytorch_and_gpu.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    graded, ours, reports = json.loads(without("torch", GRADE, str(path)))
    assert (graded, ours) == (False, NEEDS)
    assert ["BatchNorm2d", False] in reports


def test_a_reference_that_fails_in_its_own_way_is_named():
    def broken(x):
        raise MemoryError("no room")

    probe = Probe("one", (1.0,))
    question = Question("q", 1, 1, broken, broken, ("y",), lambda rng: [probe], (), ())
    report = judge_here(question, lambda x: x)
    assert (report.checked, report.passed, report.diagnosis) == (False, False, ())
    assert report.note.startswith(
        "this question cannot be checked here: its own solution raised MemoryError: no room"
    )
