"""The package without weight: with NumPy alone it is imported, and whatever NumPy is enough for is graded."""

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

HEAVY = (
    *("torch", "scipy", "sklearn", "mnist1d", "matplotlib", "tqdm"),
    *("psutil", "filelock", "rich", "platformdirs", "packaging"),
    *("jupyterlab", "jupyter_client", "jupyter_core", "ipykernel", "IPython"),
    *("ipywidgets", "anywidget", "traitlets", "nbformat", "nbclient"),
)

# A process with none of these packages; what it prints of each question is its verdict on what is right, on
# what raises, and why it gave none.
PROGRAM = """
import json, sys

hidden = sys.argv[1].split()

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Hidden())
import bn_course
from bn_course.grading.catalogue import catalogue

def raises(*args):
    raise ZeroDivisionError

for name in sys.argv[2:] or catalogue():
    right = bn_course.grade(name, catalogue()[name].reference)
    wrong = bn_course.grade(name, raises)
    print("row", json.dumps([name, right.checked, right.passed, right.note, wrong.passed]))
bn_course.hint("double")
try:
    bn_course.check(raises, name="double")
except AssertionError:
    print("row", json.dumps(str(bn_course.progress())))
"""


def without(hidden, *names):
    command = [sys.executable, "-c", PROGRAM, " ".join(hidden), *names]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    printed = [line[4:] for line in done.stdout.splitlines() if line.startswith("row ")]
    *rows, standing = map(json.loads, printed)
    return rows, standing


def test_they_are_here_to_be_hidden():
    assert [name for name in HEAVY if find_spec(name) is None] == []


@pytest.mark.parametrize("package", ["torch", "psutil", "filelock", "scipy", "rich", "jupyterlab"])
def test_a_question_is_graded_and_recorded_without_each(package):
    ((_, checked, passed, _, wrong),), standing = without([package], "double")
    assert (checked, passed, wrong) == (True, True, False)
    assert "1 attempt, 1 hints" in standing


def test_every_question_that_needs_numpy_alone_is_graded_with_numpy_alone():
    rows, standing = without(HEAVY)
    assert len(rows) == 59
    graded = [name for name, checked, passed, _, wrong in rows if checked and passed and not wrong]
    unchecked = [(name, note) for name, checked, _, note, _ in rows if not checked]
    assert len(graded) == 40
    assert len(unchecked) == 19
    assert all("this question needs PyTorch, which is not installed here" in note for _, note in unchecked)
    assert "1 attempt, 1 hints" in standing
