"""No test writes into the tree. Where a file of the checkout was written, the run fails and names the test.

A test that puts things back is found too: an interrupt would leave them changed. Outside a checkout nothing
is compared.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest


def pytest_configure(config):
    if not hasattr(config, "workerinput"):  # the workers' tests are reported to their parent
        config.pluginmanager.register(CleanTree(config.rootpath))


class CleanTree:
    def __init__(self, root: Path):
        self.root, self.before = root, stamps(root)
        self.ran: list[tuple[float, float, str]] = []
        self.written: list[str] = []

    def pytest_runtest_logreport(self, report):
        self.ran.append((report.start, report.stop, report.nodeid))

    @pytest.hookimpl(trylast=True)  # after the workers have ended
    def pytest_sessionfinish(self, session):
        after = stamps(self.root)
        every = sorted(self.before | after)
        self.written = [name for name in every if self.before.get(name) != after.get(name)]
        if self.written and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter):
        if self.written:
            terminalreporter.section("files of the checkout were written", red=True)
        for name in self.written:
            terminalreporter.write_line(f"{name}: during {' and '.join(self.during(name)) or 'no test'}")

    def during(self, name: str) -> list[str]:
        """The tests that ran when the file, or the folder from which it is gone, was last written."""
        place = self.root / name
        while not place.exists():
            place = place.parent
        when = place.stat().st_mtime
        return list(dict.fromkeys(test for start, stop, test in self.ran if start <= when <= stop))


def stamps(root: Path) -> dict[str, tuple[int, int]]:
    """When each file that git has or would take was last written, in nanoseconds, and its size."""
    if not (root / ".git").exists() or shutil.which("git") is None:
        return {}
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True).stdout  # nothing, where git refuses
    found = {}
    for name in os.fsdecode(listed).split("\0")[:-1]:
        if (root / name).is_file():
            status = (root / name).stat()
            found[name] = (status.st_mtime_ns, status.st_size)
    return found
