"""Hostile and broken submissions: each has its expected outcome, and none touches anything else.

Run with `-s` to see the table of expected and actual outcomes.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import psutil
import pytest

from bn_course.course import folder
from bn_course.workshop import sandbox
from bn_course.workshop.grading import grade_file
from bn_course.workshop.sandbox import Limits

LIMITS = Limits(cell=3, call=1.5, total=20, memory=2 * 2**30)
ALL = 8  # points of lesson 02
needs_bubblewrap = pytest.mark.skipif(
    not sandbox.bubblewrap(), reason="bubblewrap does not work here: bn-course grade says so, loudly"
)

# name → cells (GOOD stands for right answers), the points that they earn, and a word of the report
CODE = {
    "right": (["GOOD"], ALL, "passed"),
    "untouched": (["def batch_stats(x):\n    raise NotImplementedError"], 0, "not attempted"),
    "empty": ([""], 0, "defines no `batch_stats`"),
    "syntax error in one cell": (["GOOD", "def broken(:"], ALL, "SyntaxError"),
    "a cell raises": (["1 / 0", "GOOD", "undefined"], ALL, "ZeroDivisionError"),
    "an answer raises": (["GOOD", "def batch_stats(x):\n    return 1 / 0"], ALL - 1, "ZeroDivisionError"),
    "magics and shell": (["%matplotlib inline\n!echo hello", "GOOD", "%%timeit\n1 + 1"], ALL, "passed"),
    "infinite loop in a function": (
        ["GOOD", "def batch_stats(x):\n    while True:\n        pass"],
        ALL - 1,
        "longer than 1.5 s",
    ),
    "infinite loop in a cell": (["while True:\n    pass", "GOOD"], ALL, "longer than 3 s"),
    "a loop that swallows everything": (
        [
            "GOOD",
            "def batch_stats(x):\n    while True:\n        try:\n            while True: pass\n        except BaseException: pass",
        ],
        ALL - 1,
        "longer than 1.5 s",
    ),
    "sys.exit in a cell": (["import sys; sys.exit(0)", "GOOD"], ALL, "SystemExit"),
    "sys.exit in a function": (["GOOD", "def batch_stats(x):\n    raise SystemExit"], ALL - 1, "SystemExit"),
    "os._exit in a cell": (["import os; os._exit(0)", "GOOD"], 0, "its process ended in its cells"),
    "os._exit in a function": (
        ["GOOD", "import os\ndef batch_stats(x):\n    os._exit(0)"],
        ALL - 1,
        "its process ended in a call",
    ),
    "memory": (
        ["GOOD", "def batch_stats(x):\n    return [np.ones(2**30) for _ in range(100)]"],
        ALL - 1,
        "MemoryError",
    ),
    "fork bomb": (
        [
            "GOOD",
            "import os, time\ndef batch_stats(x):\n    for _ in range(200):\n"
            "        if os.fork() == 0:\n            time.sleep(30)\n            os._exit(0)\n    return 0, 0",
        ],
        ALL - 1,
        "batch_stats",
    ),
    "200 MB of output": (["for _ in range(200):\n    print('x' * 2**20)", "GOOD"], ALL, "passed"),
    "patched numpy": (
        [
            "import numpy as np\nnp.allclose = np.array_equal = lambda *a, **k: True\n"
            "np.testing.assert_allclose = lambda *a, **k: None",
            "def batch_stats(x):\n    return x[0], x[0]",
        ],
        0,
        "differ from the definition",
    ),
    "patched AssertionError": (
        [
            "import builtins\nbuiltins.AssertionError = ValueError",
            "def batch_stats(x):\n    return x[0], x[0]",
        ],
        0,
        "differ from the definition",
    ),
    "redefined check": (
        [
            "def check(*a, **k):\n    print('passed')",
            "def batch_stats(x):\n    return x[0], x[0]",
            "check(batch_stats)",
        ],
        0,
        "differ from the definition",
    ),
    "patched bn_course": (
        [
            "import sys, bn_course, bn_course.drivers.outcome as o\n"
            "o.attempt = lambda *a: o.Outcome(value='passed')\n"
            "sys.modules['__main__'].attempt = o.attempt",
            "def batch_stats(x):\n    return x[0], x[0]",
        ],
        0,
        "batch_stats",
    ),
    "the package's own norms": (
        ["from bn_course import norms\ndef batch_stats(x):\n    return norms.statistics(x, (0,))"],
        0,
        "ImportError",
    ),
    "an object that is equal to everything": (
        [
            "class Liar:\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): raise KeyError\n"
            "    def __reduce__(self): return (exit, ())\n    __hash__ = None",
            "def batch_stats(x):\n    return Liar(), Liar()",
        ],
        0,
        "of type Liar",
    ),
    "an array that lies": (
        [
            "import numpy as np\nclass Sly(np.ndarray):\n    def __eq__(self, other): return np.True_\n"
            "    def __array_ufunc__(self, *a, **k): return np.True_\n"
            "    def __array_function__(self, *a, **k): return True",
            "def batch_stats(x):\n    return x[0].view(Sly), x[0].view(Sly)",
        ],
        0,
        "differ from the definition",
    ),
    "NaN": (["def batch_stats(x):\n    return x[0] * float('nan'), x[0]"], 0, "contains NaN"),
    "a huge answer": (
        ["import numpy as np\ndef batch_stats(x):\n    return np.zeros(2**23), x[0]"],
        0,
        "largest allowed",
    ),
    "a wrong shape": (["def batch_stats(x):\n    return x, x"], 0, "should have shape"),
    "an answer deep as a well": (
        [
            "def batch_stats(x):\n    deep = ()\n    for _ in range(100000):\n        deep = (deep,)\n    return deep"
        ],
        0,
        "batch_stats",
    ),
    "noise on the wire": (
        [
            "import os\nfor fd in range(3, 20):\n    try:\n        os.write(fd, b'\\xff' * 64)\n    except OSError:\n        pass",
            "GOOD",
        ],
        0,
        "its process",
    ),
    "the clock turned off": (
        [
            "GOOD",
            "import signal\ndef batch_stats(x):\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    while True: pass",
        ],
        ALL - 1,
        "longer than",
    ),
}


@pytest.mark.parametrize("name", CODE)
def test_code(name, submit, good):
    cells, points, word = CODE[name]
    result = grade_file(submit(*(good if cell == "GOOD" else cell for cell in cells)), LIMITS)
    said = json.dumps(result.to_dict(), ensure_ascii=False)
    print(f"\n{name:40} expected {points} of 8, got {result.score:g} of {result.points}")
    assert (result.problem, result.score, result.points) == (None, points, ALL)
    assert word in said
    assert len(said) < 200_000


@pytest.fixture
def canaries(tmp_path, monkeypatch):
    """Files that no submission may read or write: a home, a gradebook, another's submission."""
    places = {}
    for name in ("home", "gradebook", "room/other"):
        file = tmp_path / name / "canary.txt"
        file.parent.mkdir(parents=True)
        file.write_text("the canary sings", encoding="utf-8")
        places[name] = file
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SECRET_OF_THE_INSTRUCTOR", "the canary sings")
    return places


@needs_bubblewrap
def test_nothing_can_be_read_or_written(submit, canaries, good):
    solutions = folder("solutions")
    files = [*canaries.values(), solutions / "02_forward_pass.ipynb", Path(sandbox.__file__)]
    attempts = "\n".join(
        f"try:\n    said.append(open({str(f)!r}).read())\nexcept OSError as e:\n    denied.append(type(e).__name__)\n"
        f"try:\n    open({str(f)!r}, 'w').write('gone')\nexcept OSError as e:\n    denied.append(type(e).__name__)"
        for f in files
    )
    spy = (
        f"import os\nsaid, denied = [str(dict(os.environ))], []\n{attempts}\n"
        "try:\n    open('/usr/canary', 'w')\nexcept OSError as e:\n    denied.append(type(e).__name__)\n"
        "raise RuntimeError(f'denied {len(denied)} {said}')"
    )
    before = {f: f.read_bytes() for f in files}
    result = grade_file(submit(spy, good), LIMITS)
    assert f"denied {2 * len(files) + 1}" in result.cell_errors[0]
    assert "canary" not in result.cell_errors[0].partition("at  line")[0]
    assert {f: f.read_bytes() for f in files} == before
    assert result.score == ALL


@needs_bubblewrap
def test_there_is_no_network(submit, good):
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached = threading.Event()
        threading.Thread(target=lambda: (server.accept()[0].close(), reached.set()), daemon=True).start()
        port = server.getsockname()[1]
        cell = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=2)"
        result = grade_file(submit(cell, good), LIMITS)
        assert not reached.is_set()
        socket.create_connection(("127.0.0.1", port)).close()  # let the thread end
        assert reached.wait(60)
    assert "Error" in result.cell_errors[0]
    assert result.score == ALL


@needs_bubblewrap
def test_nothing_is_left_running(submit, good):
    mark = f"bn-left-behind-{os.getpid()}"
    cell = (
        "import subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)', '{mark}'], start_new_session=True)"
    )
    assert grade_file(submit(cell, good), LIMITS).score == ALL
    left = [
        process for process in psutil.process_iter(["cmdline"]) if mark in (process.info["cmdline"] or ())
    ]
    _, running = psutil.wait_procs(left, timeout=60)  # the sandbox ended; the system may still be at it
    assert running == []


@needs_bubblewrap
def test_strangers_are_nobody(submit, good):
    result = grade_file(submit("import os\nraise RuntimeError(f'user {os.getuid()}')", good), LIMITS)
    uid = int(result.cell_errors[0].split("user ")[1].split(",")[0])
    assert uid != 0
    assert sandbox.user(3) in (0, sandbox.user(0) + 3)


def test_without_bubblewrap_the_limits_hold_and_the_warning_is_loud(submit, good, monkeypatch):
    monkeypatch.setattr(sandbox, "bubblewrap", lambda: None)
    cells = [good, "def batch_stats(x):\n    while True: pass"]
    assert grade_file(submit(*cells), LIMITS).score == ALL - 1
    assert "ALONE" in sandbox.UNPROTECTED


def broken_files(tmp_path, good):
    """name → (path, a word of the problem)."""
    room = tmp_path / "broken"
    room.mkdir()
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(good)])
    text = nbformat.writes(book)
    (room / "not-json.ipynb").write_text("{")
    (room / "list.ipynb").write_text("[]")
    (room / "binary.ipynb").write_bytes(b"\xff\xfe\x00")
    (room / "deep.ipynb").write_text("[" * 100_000)
    (room / "number.ipynb").write_text('{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}')
    (room / "folder.ipynb").mkdir()
    (room / "real.ipynb").write_text(text)
    (room / "link.ipynb").symlink_to(room / "real.ipynb")
    words = dict.fromkeys(("not-json", "list", "binary", "deep", "number"), "not a notebook")
    words |= {"folder": "it is a folder", "link": "it is a link", "missing": "no such file"}
    return {name: (room / f"{name}.ipynb", word) for name, word in words.items()}


def test_files_that_are_no_notebooks(tmp_path, good):
    for name, (path, word) in broken_files(tmp_path, good).items():
        result = grade_file(path, LIMITS)
        print(f"{name:12} {result.problem}")
        assert word in result.problem, name
        assert result.reports == ()


def test_old_formats_and_meddled_metadata_are_graded(tmp_path, good):
    from nbformat import v3

    old = v3.new_notebook(worksheets=[v3.new_worksheet(cells=[v3.new_code_cell(input=good)])])
    path = tmp_path / "02_forward_pass.ipynb"
    path.write_text(v3.writes_json(old))
    assert grade_file(path, LIMITS).score == ALL

    cells = [{"cell_type": "code", "source": good, "metadata": {}, "outputs": [], "execution_count": None}]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}))
    assert grade_file(path, LIMITS).score == ALL  # nothing locked, nothing named, no check cells


def test_the_lesson_is_found_without_the_files_name(submit, good):
    assert grade_file(submit(good, name="homework (1).ipynb"), LIMITS).score == ALL
    assert "answers no question" in grade_file(submit("x = 1", name="homework.ipynb"), LIMITS).problem


def test_a_child_never_imports_what_it_must_not_know():
    program = (
        "import sys, bn_course.drivers.child\n"
        "known = [m for m in sys.modules if m.startswith('bn_course') and 'drivers' not in m]\n"
        "assert known == ['bn_course'], known"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(sandbox.course_for_strangers())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
