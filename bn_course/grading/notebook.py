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
    return [
        output["data"][MIME]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if MIME in output.get("data", {})
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
    """Print the report of every check in a notebook. Returns 0 when all passed, else 1."""
    found = reports(Path(path))
    for report in found:
        print(report["message"], end="\n\n")
    passed = sum(report["passed"] for report in found)
    print(f"{passed} of {len(found)} questions passed")
    return 0 if found and passed == len(found) else 1
