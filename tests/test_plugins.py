"""What `make test` adds to pytest: no test writes into the tree, the longest files come first."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parent / "plugins"
TESTS = """
from pathlib import Path

HERE = Path(__file__).parent

def test_reads():
    assert (HERE / "kept").read_text() == "kept"

def test_writes():
    (HERE / "kept").write_text("changed")
    {then}
"""


@pytest.fixture
def checkout(tmp_path):
    """A repository with one tracked file; call it for pytest's exit status and what it says."""
    (tmp_path / "kept").write_text("kept")
    (tmp_path / ".gitignore").write_text("ignored\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)

    def run(tests, *options):
        (tmp_path / "test_it.py").write_text(tests)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
        environment = kept | {"PYTHONPATH": str(PLUGINS), "PYTHONDONTWRITEBYTECODE": "1"}
        environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "clean_tree", *options]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout

    run.folder = tmp_path
    return run


@pytest.mark.parametrize("workers", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "two workers"])
def test_a_test_that_writes_into_the_tree_is_named(checkout, workers):
    status, said = checkout(TESTS.format(then=""), *workers)
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "kept: during test_it.py::test_writes" in said


def test_a_test_that_puts_things_back_is_named_too(checkout):
    status, said = checkout(TESTS.format(then="(HERE / 'kept').write_text('kept')"))
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "kept: during test_it.py::test_writes" in said


def test_what_is_new_and_what_is_gone_is_named(checkout):
    status, said = checkout(TESTS.format(then="(HERE / 'new').touch(); (HERE / 'kept').unlink()"))
    assert status == pytest.ExitCode.TESTS_FAILED
    assert "kept: during test_it.py::test_writes" in said
    assert "new: during test_it.py::test_writes" in said


def test_after_an_interrupt_it_is_said_too(checkout):
    status, said = checkout(TESTS.format(then="raise KeyboardInterrupt"))
    assert status == pytest.ExitCode.INTERRUPTED
    assert "files of the checkout were written" in said


def test_what_git_ignores_may_be_written(checkout):
    status, said = checkout(TESTS.replace('"kept").write_text', '"ignored").write_text').format(then=""))
    assert (status, "were written" in said) == (pytest.ExitCode.OK, False)


def test_outside_a_checkout_nothing_is_compared(checkout):
    (checkout.folder / ".git").rename(checkout.folder / "git")
    status, said = checkout(TESTS.format(then=""))
    assert (status, "were written" in said) == (pytest.ExitCode.OK, False)


def test_the_longest_files_come_first_and_are_there():
    from longest_first import LONGEST, pytest_collection_modifyitems

    root = Path(__file__).parents[1]
    assert [file for file in LONGEST if not (root / file).is_file()] == []

    class Item:
        def __init__(self, name):
            self.path = root / name

    class Config:
        rootpath = root

    items = [Item("tests/test_cli.py"), Item(LONGEST[1]), Item("tests/live/test_png.py"), Item(LONGEST[0])]
    pytest_collection_modifyitems(Config, items)
    shown = [item.path.relative_to(root).as_posix() for item in items]
    assert shown == [*LONGEST[:2], "tests/test_cli.py", "tests/live/test_png.py"]
