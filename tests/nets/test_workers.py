"""Workers answer in order, and whatever happens, no process is left behind."""

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from bn_course.nets.workers import WorkerError, run_workers

WORKERS = """
import os, time
from pathlib import Path
import torch
from torch import distributed

def add_up(rank, numbers):
    total = torch.tensor(float(numbers[rank]))
    distributed.all_reduce(total)
    return rank, total.item(), torch.get_num_threads()

def raise_in_one(rank):
    if rank == 1:
        raise RuntimeError("the second worker's own words")
    distributed.all_reduce(torch.zeros(1))  # for ever: the other never comes

def die(rank):
    os._exit(3)

def leave(rank):
    raise SystemExit

def hang(rank, folder):
    partial = Path(folder, f"{rank}.partial")
    partial.write_text(str(os.getpid()))
    partial.rename(Path(folder, f"{rank}.pid"))
    time.sleep(600)
"""


@pytest.fixture
def workers(tmp_path, monkeypatch):
    """A module that new processes can import."""
    (tmp_path / "some_workers.py").write_text(WORKERS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("some_workers")
    del sys.modules["some_workers"]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind():
    before = set(psutil.Process().children(recursive=True))
    yield
    left = [p for p in psutil.Process().children(recursive=True) if p not in before]
    assert [p for p in left if "resource_tracker" not in " ".join(p.cmdline())] == []


def pids_in(folder, count, seconds=100):
    """The process numbers that `count` hanging workers have written down."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = list(Path(folder).glob("*.pid"))
        if len(found) == count:
            return [int(file.read_text()) for file in found]
        time.sleep(0.05)
    raise AssertionError("the workers never began")


def test_results_come_in_order_and_workers_reach_each_other(workers):
    assert run_workers(workers.add_up, 2, [3, 4]) == [(0, 7.0, 1), (1, 7.0, 1)]


def test_a_worker_that_raises_ends_all_and_is_quoted(workers):
    with pytest.raises(WorkerError, match=r"(?s)worker 1 raised.*raise_in_one.*second worker's own words"):
        run_workers(workers.raise_in_one, 2)


def test_a_worker_that_exits_is_reported(workers):
    with pytest.raises(WorkerError, match=r"(?s)worker 0 raised.*SystemExit"):
        run_workers(workers.leave, 1)


def test_a_worker_that_dies_is_reported(workers):
    with pytest.raises(WorkerError, match="worker 0 ended without an answer"):
        run_workers(workers.die, 1)


def test_workers_that_hang_are_stopped(workers, tmp_path):
    with pytest.raises(TimeoutError, match="from worker 0, 1; all workers were stopped"):
        run_workers(workers.hang, 2, str(tmp_path), timeout=2)


def test_an_interrupt_stops_the_workers(workers, tmp_path):
    main = threading.main_thread()
    if threading.current_thread() is not main:
        pytest.fail("an interrupt reaches the main thread alone, and this test is not in it")

    def press():
        pids_in(tmp_path, 2)
        signal.pthread_kill(main.ident, signal.SIGINT)

    presser = threading.Thread(target=press)
    presser.start()
    with pytest.raises(KeyboardInterrupt):
        run_workers(workers.hang, 2, str(tmp_path), timeout=600)  # beside a load they begin late
    presser.join()
    assert not any(psutil.pid_exists(pid) for pid in pids_in(tmp_path, 2))


def test_workers_end_when_their_parent_is_killed(tmp_path):
    (tmp_path / "some_workers.py").write_text(WORKERS)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import some_workers; from bn_course.nets.workers import run_workers\n"
        f"run_workers(some_workers.hang, 2, {str(tmp_path)!r})"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    try:
        pids = pids_in(tmp_path, 2)
    finally:
        parent.kill()
        parent.wait()
    until = time.monotonic() + 100
    while any(_runs(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid):
    """Alive: in a container nobody may collect an orphan that has ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_bad_arguments_are_refused_before_anything_starts(monkeypatch):
    with pytest.raises(ValueError, match="count is 0"):
        run_workers(os.getpid, 0)

    def mine(rank):
        return rank

    monkeypatch.setattr(mine, "__module__", "__main__")
    with pytest.raises(ValueError, match="mine is defined here"):
        run_workers(mine, 1)
