"""Execute notebooks in place, so that what is committed is what a run gives.

    python tools/execute.py                                    every lesson and every solution
    python tools/execute.py notebooks/02_forward_pass.ipynb …  these

One thread, a fresh home for the learner's state, and everything left out that differs from machine to
machine or from run to run. A notebook in which a cell raises is left as it was.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

REPOSITORY = Path(__file__).resolve().parent.parent
CELL_TIMEOUT = 600  # seconds: a lesson takes 30, so this only ends what hangs, on a slow and busy machine too

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python", "file_extension": ".py", "pygments_lexer": "ipython3"},
}
# A live widget has a new id at every run, and no state in a stored notebook. JupyterLab would show an
# error in its place; without it, it shows the picture or the text that is stored beside it.
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class CellError(Exception):
    """A cell raised, or did not end; the message says which and how."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Execute notebooks in place.")
    parser.add_argument("notebooks", nargs="*", type=Path, metavar="NOTEBOOK.ipynb")
    paths = parser.parse_args(arguments).notebooks or all_notebooks()
    failed = False
    for path in paths:
        try:
            print(f"{path.parent.name}/{path.name}: {execute_in_place(path):.1f} s", flush=True)
        except (CellError, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = True
    return int(failed)


def all_notebooks() -> list[Path]:
    """Every lesson and every solution; exercises are generated, and stored without outputs."""
    folders = (REPOSITORY / "notebooks", REPOSITORY / "solutions")
    return [path for folder in folders for path in sorted(folder.glob("*.ipynb"))]


def execute_in_place(path: Path) -> float:
    """Execute one notebook and store it. Returns the seconds it took; raises CellError."""
    notebook = nbformat.read(path, as_version=4)
    begin = time.perf_counter()
    executed = execute(notebook, path.parent)
    seconds = time.perf_counter() - begin
    nbformat.write(executed, path)
    return seconds


def execute(notebook: NotebookNode, folder: Path, environment: dict[str, str] | None = None) -> NotebookNode:
    """The notebook as it is after 'Run All' in a fresh kernel in `folder`, ready to be stored.

    The kernel's environment is `environment`, or this process's with one thread. Raises CellError where a
    cell raises that is not tagged `raises-exception`.
    """
    environment = environment or {**os.environ, "OMP_NUM_THREADS": "1"}
    notebook = cleared(notebook)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],
    )
    with tempfile.TemporaryDirectory() as home:
        try:
            # The learner's state is not the developer's own.
            client.execute(env={**environment, "BN_COURSE_HOME": home})
        except CellExecutionError as error:
            # The last lines of the traceback tell a reader most; its colours are for notebooks.
            raise CellError(re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()) from None
        except (CellTimeoutError, DeadKernelError) as error:
            raise CellError(str(error)) from None
    return _storable(notebook)


def cleared(notebook: NotebookNode) -> NotebookNode:
    """A copy with no trace of an earlier run. Cells keep their ids."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _storable(notebook: NotebookNode) -> NotebookNode:
    """`notebook` without what the kernel and the widgets left in it."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_VIEW, None)
            output.get("metadata", {}).pop(WIDGET_VIEW, None)
    return notebook


if __name__ == "__main__":
    sys.exit(main())
