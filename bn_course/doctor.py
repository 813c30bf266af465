"""What this machine has, and what is missing for the course: `bn-course doctor`."""

import os
import platform
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bn_course import course

if TYPE_CHECKING:
    from packaging.requirements import Requirement

PYTHON = (3, 11)
MEMORY = 2 * 2**30  # bytes: a browser, JupyterLab and a kernel with torch, with room to spare


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `missing`: the course cannot run; `note`: it can, and it is worth knowing."""

    what: str
    state: Literal["ok", "note", "missing"]
    detail: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Everything the course needs or uses, each looked at on this machine."""
    if course.in_browser():
        return [_python(), _browser(), _state()]
    return [
        _python(),
        *_packages(),
        *_torch(),
        _memory(),
        _notebooks(),
        _state(),
    ]


def can_run(findings: Iterable[Finding]) -> bool:
    """Whether nothing that the course needs is missing."""
    return all(finding.state != "missing" for finding in findings)


def show(findings: list[Finding]) -> None:
    """Print the findings as a table, then what to do about those that are not well."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    colours = {"ok": "green", "note": "yellow", "missing": "red"}
    table = Table(box=box.SIMPLE, show_header=False, pad_edge=False)
    for finding in findings:
        state = Text(finding.state, style=colours[finding.state])
        table.add_row(Text(finding.what), state, Text(finding.detail))
    console = Console()
    console.print(table)
    for finding in findings:
        if finding.remedy:
            console.print(Text(f"{finding.what}: {finding.remedy}"))
    missing = [finding.what for finding in findings if finding.state == "missing"]
    verdict = f"Missing: {', '.join(missing)}." if missing else "The course can run here."
    console.print(Text(verdict, style="bold"))


def _python() -> Finding:
    wanted = ".".join(map(str, PYTHON))
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < PYTHON:
        return Finding("Python", "missing", detail, f"install Python {wanted} or newer")
    return Finding("Python", "ok", detail)


def _browser() -> Finding:
    detail = "not here: its questions say so, and its cells show what is stored"
    return Finding("PyTorch", "note", detail, "install the course to run everything")


def _packages() -> list[Finding]:
    """The packages that the installed course says it needs; those of its extras are notes."""
    from packaging.requirements import Requirement

    try:
        declared = metadata.requires("bn-course") or []
    except metadata.PackageNotFoundError:
        remedy = "in the course's folder: python -m pip install -c constraints.txt -e ."
        return [Finding("bn-course", "missing", "not installed", remedy)]
    findings = []
    extras: dict[str, list[str]] = {"teach": [], "test": []}
    for requirement in map(Requirement, declared):
        if _wanted(requirement, ""):
            findings.append(_package(requirement))
            continue
        for extra, lacking in extras.items():
            if _wanted(requirement, extra) and _package(requirement).state == "missing":
                lacking.append(requirement.name)
    for extra, lacking in extras.items():
        detail = f"not here: {', '.join(lacking)}" if lacking else "all here"
        purpose = "to run a workshop" if extra == "teach" else "to change the course"
        findings.append(Finding(f"extra {extra!r}, {purpose}", "note" if lacking else "ok", detail))
    return findings


def _wanted(requirement: "Requirement", extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def _package(requirement: "Requirement") -> Finding:
    remedy = f"python -m pip install '{requirement.name}{requirement.specifier}'"
    try:
        version = metadata.version(requirement.name)
    except metadata.PackageNotFoundError:
        return Finding(requirement.name, "missing", "not installed", remedy)
    if not requirement.specifier.contains(version, prereleases=True):
        detail = f"{version}, but the course needs {requirement.specifier}"
        return Finding(requirement.name, "missing", detail, remedy)
    return Finding(requirement.name, "ok", version)


def _torch() -> list[Finding]:
    """Whether torch works, not only whether it is there: its threads and its GPU."""
    try:
        import torch

        torch.ones(2).add_(1)
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # OSError: a library that it loads is missing
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return [Finding("torch runs", "missing", reason, "install torch again, or see pytorch.org")]
    threads = f"{torch.get_num_threads()} for torch, {os.cpu_count()} logical processors"
    return [Finding("threads", "ok", threads), _gpu(torch)]


def _gpu(torch) -> Finding:
    if not torch.cuda.is_available():
        return Finding("GPU", "note", "no CUDA device; every lesson runs without one")
    device = torch.cuda.get_device_properties(0)
    detail = f"{device.name}, {device.total_memory / 2**30:.0f} GiB"
    try:
        torch.ones(2, device="cuda").sum().item()
    except RuntimeError as error:
        return Finding("GPU", "note", f"{detail}, but unusable: {str(error).splitlines()[0]}")
    return Finding("GPU", "ok", detail)


def _memory() -> Finding:
    import psutil

    free = psutil.virtual_memory().available
    detail = f"{free / 2**30:.1f} GiB free"
    if free < MEMORY:
        remedy = "close other programs if kernels die without a message"
        return Finding("memory", "note", detail, remedy)
    return Finding("memory", "ok", detail)


def _notebooks() -> Finding:
    notebooks = course.folder("notebooks")
    found = len(list(notebooks.glob("*.ipynb")))
    if not found:
        remedy = "the course's files are incomplete: get them again"
        return Finding("lessons", "missing", f"none in {notebooks}", remedy)
    return Finding("lessons", "ok", f"{found} notebooks")


def _state() -> Finding:
    from bn_course.grading.kept import NOWHERE, home

    remedy = "set BN_COURSE_HOME to a folder you can write"
    if home() == NOWHERE:
        return Finding("progress", "note", "cannot be saved: you have no home folder here", remedy)
    if course.in_browser() and not course.DRIVE.is_dir():
        return Finding("progress", "note", "is lost when this page is closed", "download your work before")
    try:
        home().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=home()):  # not removed while open: a browser would wait for ever
            pass
    except OSError as error:
        detail = f"cannot be saved in {home()} ({error.strerror})"
        return Finding("progress", "note", detail, remedy)
    return Finding("progress", "ok", f"saved in {_short(home())}")


def _short(path: Path) -> str:
    """With ~ for the user's own folder, as a person would write it."""
    try:
        return str("~" / path.relative_to(Path.home()))
    except (ValueError, RuntimeError):  # RuntimeError: no home
        return str(path)
