"""Every lesson, run from the top, gives the outputs that are stored in it; every solution runs through."""

import os
import subprocess
import sys

import nbformat
import pytest
import stored
from nbformat.v4 import new_code_cell, new_notebook, new_output

CELL_TIMEOUT = 600  # seconds, for a cell that hangs on a busy machine too; nbval's own is 2000


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


@pytest.mark.parametrize("path", stored.EVERY_LESSON, ids=stored.name)
def test_lesson_gives_its_stored_outputs(path, tmp_path):
    nbval(path, "--nbval", tmp_path)


@pytest.mark.parametrize("path", stored.SOLUTIONS, ids=stored.name)
def test_solution_runs(path, tmp_path):
    nbval(path, "--nbval-lax", tmp_path)


def test_another_output_than_the_stored_one_is_noticed(tmp_path):
    cell = new_code_cell("print(2 + 2)", execution_count=1, id="sum")
    cell.outputs = [new_output("stream", name="stdout", text="4\n")]
    path = tmp_path / "sum.ipynb"
    nbformat.write(new_notebook(cells=[cell]), path)
    nbval(path, "--nbval", tmp_path)
    cell.outputs[0].text = "5\n"
    nbformat.write(new_notebook(cells=[cell]), path)
    with pytest.raises(AssertionError, match="5"):
        nbval(path, "--nbval", tmp_path)
