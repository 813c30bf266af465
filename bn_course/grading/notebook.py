"""Check one's own notebook from the command line: run it whole, show the report of every check."""

import os
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from bn_course.grading.report import MIME


class UnreadableNotebook(ValueError):  # noqa: N818 - says what the file is
    """The file is not a notebook; the message says why."""


def reports(path: Path, timeout: int = 120) -> list[dict]:
    """Run a notebook in a kernel of its own, without changing the file: a report for each check.

    A cell that raises does not stop the run. `timeout` is in seconds, for a cell.
    """
    return _reports(_run(path, timeout))


def _run(path: Path, timeout: int = 120):
    notebook = _read(path)
    folder = {"metadata": {"path": str(path.resolve().parent)}}
    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=True,
        resources=folder,
        extra_arguments=["--log-level=ERROR"],  # the kernel's own warnings are not about the learner's work
    )
    client.execute(env={**os.environ, "MPLBACKEND": "agg"})
    return notebook


def _reports(notebook) -> list[dict]:
    return [report for cell in notebook.cells for report in _of(cell)]


def _of(cell) -> list[dict]:
    return [o["data"][MIME] for o in cell.get("outputs", []) if MIME in o.get("data", {})]


def _unreported(notebook) -> list[str]:
    """The cells that asked for a check and broke off before it: the answer is not defined, say."""
    return [
        f"Cell {number}: {error['ename']}: {error['evalue']}"
        for number, cell in enumerate(notebook.cells, 1)
        for error in cell.get("outputs", [])
        if error["output_type"] == "error" and "check(" in cell.source and not _of(cell)
    ]


def _read(path: Path):
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise UnreadableNotebook(f"there is no file {path}") from None
    except Exception as error:  # nbformat raises whatever a malformed file makes it trip over
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableNotebook(f"{path} is not a notebook: {reason}") from None


def check_file(path: Path) -> int:
    """Print the report of every check in a notebook. Returns 0 when all were made and passed, else 1."""
    notebook = _run(Path(path))
    found, unreported = _reports(notebook), _unreported(notebook)
    for report in found:
        print(report["message"], end="\n\n")
    for error in unreported:
        print(error, end="\n\n")
    passed = sum(report["passed"] for report in found)
    total = len(found) + len(unreported)
    print(f"{passed} of {total} questions passed")
    return 0 if found and passed == total else 1
