"""Check one's own notebook from the command line: run it whole, show the report of every check.

What ends a kernel, or takes too long, costs its own cell: the cells before it are run again in a new kernel,
those that check left out, and the run goes on after it.
"""

import ast
import logging
import os
import warnings
from contextlib import ExitStack
from pathlib import Path

import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError

from bn_course.grading.report import MIME

SECONDS = 20  # for a cell
_CAPSTONE = 120  # for a cell of the capstone, which trains for up to a minute
_QUIET = logging.getLogger(f"{__name__}.nbclient")  # what it logs is said here in other words
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class UnreadableNotebook(ValueError):  # noqa: N818 - says what the file is
    """The file is not a notebook; the message says why."""


class NoKernel(OSError):  # noqa: N818 - about this machine
    """No kernel can be started; the message says why."""


def reports(path: Path, timeout: int = SECONDS) -> list[dict]:
    """Run a notebook in a kernel of its own, without changing the file: a report for each check.

    Nothing that a cell does stops the run. `timeout` is in seconds, for a cell.
    """
    return _Run(path, timeout).reports()


def check_file(path: Path) -> int:
    """Print the report of every check in a notebook. Returns 0 when all were made and passed, else 1."""
    run = _Run(Path(path))
    found, unreported = run.reports(), run.unreported()
    for report in found:
        print(report["message"], end="\n\n")
    for line in dict.fromkeys([*run.said, *unreported, *(r["warning"] for r in found if r.get("warning"))]):
        print(line, end="\n\n")
    passed = sum(report["passed"] for report in found)
    total = len(found) + len(unreported)
    print(f"{passed} of {total} questions passed")
    return 0 if found and passed == total else 1


class _Run:
    """A notebook, run; `said` is what the learner should know of it, in sentences."""

    def __init__(self, path: Path, timeout: int = SECONDS):
        notebook = _read(path)
        self.cells, self.timeout = notebook.cells, timeout
        self.said: list[str] = []
        self.broken: dict[int, str] = {}  # the cells that ended their kernel, and how
        self.apart: set[int] = set()  # the cells of which an import failed: run statement by statement
        options = {"resources": {"metadata": {"path": str(path.resolve().parent)}}}
        options["kernel_name"] = self._kernel(notebook)
        next_cell = 0
        while next_cell < len(self.cells):
            next_cell = self._live(NotebookClient(notebook, **self._options(), **options), next_cell)

    def reports(self) -> list[dict]:
        return [report for cell in self.cells for report in _of(cell)]

    def unreported(self) -> list[str]:
        """The cells that asked for a check and broke off before it: the answer is not defined, say."""
        asked = [n for n, cell in enumerate(self.cells) if _checks(cell) and not _of(cell)]
        why = {n: self.broken.get(n) or _error(self.cells[n]) for n in asked}
        return [f"Cell {n + 1}: {reason}" for n, reason in why.items() if reason]

    def _options(self) -> dict:
        return {
            "timeout_func": lambda cell: _CAPSTONE if "capstone" in cell.source else self.timeout,
            "allow_errors": True,
            "extra_arguments": [
                "--log-level=ERROR"
            ],  # the kernel's warnings are not about the learner's work
            "log": _QUIET,
        }

    def _kernel(self, notebook) -> str:
        wanted = notebook.metadata.get("kernelspec", {}).get("name", NATIVE_KERNEL_NAME)
        if wanted in KernelSpecManager().find_kernel_specs():
            return wanted
        self.said.append(
            f"The kernel {wanted!r}, which the notebook asks for, is not here: it was run with Python."
        )
        return NATIVE_KERNEL_NAME

    def _live(self, client: NotebookClient, start: int) -> int:
        """Run the cells from `start` on, until the kernel is lost; returns with which to go on."""
        at = start
        with ExitStack() as stack:
            try:
                stack.enter_context(client.setup_kernel(env={**os.environ, "MPLBACKEND": "agg"}))
            except Exception as error:  # a kernel's start can fail in any way
                raise NoKernel(f"no kernel can be started here: {error}") from None
            try:
                for at in (n for n in range(start) if n not in self.broken and not _checks(self.cells[n])):
                    self._aside(client, at)
                for at in range(start, len(self.cells)):
                    client.execute_cell(self.cells[at], at)
                    self._rest_of_imports(client, at)
            except CellTimeoutError:
                self._lost(
                    at, f"it took longer than {client.timeout_func(self.cells[at])} s, the most for a cell"
                )
            except DeadKernelError:
                self._lost(at, "it ended the kernel")
        return max(start, at + 1)

    def _lost(self, at: int, why: str) -> None:
        self.broken[at] = why
        if not _checks(self.cells[at]):
            self.said.append(f"Cell {at + 1}: {why}.")

    def _rest_of_imports(self, client: NotebookClient, at: int) -> None:
        """A package that is missing costs what needs it, and not everything below it in its cell."""
        cell = self.cells[at]
        reason = _error(cell) if cell.cell_type == "code" and not _checks(cell) else ""
        if reason.startswith(("ModuleNotFoundError", "ImportError")):
            self.said.append(f"Cell {at + 1}: {reason}. The rest of the cell was run.")
            self.apart.add(at)
            self._aside(client, at)

    def _aside(self, client: NotebookClient, at: int) -> None:
        """Run a cell once more; its outputs stay as they are."""
        cell = self.cells[at]
        try:
            for source in _statements(cell.source) if at in self.apart else [cell.source]:
                client.execute_cell(nbformat.v4.new_code_cell(source), at)
        finally:
            self.cells[at] = cell


def _statements(source: str) -> list[str]:
    try:
        return [ast.unparse(line) for line in ast.parse(TransformerManager().transform_cell(source)).body]
    except SyntaxError:
        return []


def _checks(cell) -> bool:
    return cell.cell_type == "code" and "check(" in cell.source


def _error(cell) -> str:
    errors = (o for o in cell.get("outputs", []) if o["output_type"] == "error")
    return next((f"{error['ename']}: {error['evalue']}" for error in errors), "")


def _of(cell) -> list[dict]:
    return [o["data"][MIME] for o in cell.get("outputs", []) if MIME in o.get("data", {})]


def _read(path: Path):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about cells without ids and the like
            return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise UnreadableNotebook(f"there is no file {path}") from None
    except Exception as error:  # nbformat raises whatever a malformed file makes it trip over
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise UnreadableNotebook(f"{path} is not a notebook: {reason}") from None
