"""Every lesson, run from the top, gives the outputs that are stored in it; every solution runs through."""

import os
import subprocess
import sys

import pytest
import stored

CELL_TIMEOUT = 120  # seconds; nbval's own is 2000


def nbval(path, mode, tmp_path):
    """Run nbval on one notebook in a process of its own: xdist would scatter its cells over workers."""
    configuration = tmp_path / "pytest.ini"
    configuration.write_text("[pytest]\n")
    options = [mode, "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT}"]
    quiet = ["-q", "--color=no", "-p", "no:cacheprovider", f"--rootdir={path.parent}"]
    place = ["-c", str(configuration), str(path)]
    command = [sys.executable, "-m", "pytest", "-p", "nbval.plugin", *options, *quiet, *place]
    # A pytest within pytest: it takes nothing over, and loads no plugin but the one it needs.
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    environment |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment)
    assert done.returncode == 0, f"{stored.name(path)}\n{done.stdout[-6000:]}\n{done.stderr[-2000:]}"
    cells = len(stored.code_cells(stored.read(path)))
    assert f"{cells} passed" in done.stdout, done.stdout  # none was skipped, none expected to fail


@pytest.mark.parametrize("path", stored.LESSONS, ids=stored.name)
def test_lesson_gives_its_stored_outputs(path, tmp_path):
    nbval(path, "--nbval", tmp_path)


@pytest.mark.parametrize("path", stored.SOLUTIONS, ids=stored.name)
def test_solution_runs(path, tmp_path):
    nbval(path, "--nbval-lax", tmp_path)
