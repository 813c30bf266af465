"""What `make test` says at its end: how long it took in all, and the most memory that each worker had."""

import os
import sys
import time

import pytest

try:
    import resource
except ImportError:  # Windows
    resource = None

GIGABYTE = 1e9
peaks: dict[str, float] = {}


def peak() -> float:
    """The most memory that this process ever had, in bytes."""
    if resource is None:
        import psutil

        return psutil.Process().memory_info().peak_wset
    unit = 1 if sys.platform == "darwin" else 1024
    return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peak"] = peak()


@pytest.hookimpl(optionalhook=True)  # of xdist
def pytest_testnodedown(node):
    if "peak" in getattr(node, "workeroutput", {}):
        peaks[node.gateway.id] = node.workeroutput["peak"]


def pytest_terminal_summary(terminalreporter):
    if begun := os.environ.get("BN_COURSE_BEGUN"):
        used = [f"{worker} {size / GIGABYTE:.1f} GB" for worker, size in sorted(peaks.items())]
        terminalreporter.write_line(f"most memory: {', '.join(used or [f'{peak() / GIGABYTE:.1f} GB'])}")
        terminalreporter.write_line(f"make test: {time.time() - int(begun):.0f} s in all")
