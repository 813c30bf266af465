"""Start processes that work together through `torch.distributed`, and leave none behind. (lesson 10)

results = run_workers(layer_on_shard, 2, layer, shards, upstream)
"""

import os
import pickle
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import distributed

LOOPBACK = {"linux": "lo", "darwin": "lo0"}  # the workers talk within this machine, whatever its network


class WorkerError(RuntimeError):
    """A worker raised, or ended without an answer; the message has its number and its traceback."""


def run_workers(worker: Callable[..., Any], count: int, *args: Any, timeout: float = 120) -> list[Any]:
    """`[worker(0, *args), …, worker(count − 1, *args)]`, each in a process of its own, at the same time.

    The processes form a `torch.distributed` group (gloo, CPU). They are new ones (spawned), one thread
    each; `worker` must live in a module that they can import, not in a notebook; arguments and results
    travel by pickle. When this returns or raises, for whatever reason, no process is left; and if this
    process is killed, they end by themselves. (A script calls this under `if __name__ == "__main__":`,
    as all that uses `multiprocessing`.)

    Args:
        worker: called with its number, from 0, and `args`.
        timeout: seconds for all of it, of which a process needs some to load PyTorch.

    Raises:
        ValueError: `count` is below 1, or `worker` is defined in the notebook or script itself.
        WorkerError: a worker raised or died. The others are stopped at once.
        TimeoutError: not all have answered in time.
    """
    if count < 1:
        raise ValueError(f"count is {count}; it must be at least 1")
    if worker.__module__ == "__main__":
        raise ValueError(
            f"{worker.__name__} is defined here; put it in a module that a new process can import"
        )
    job = pickle.dumps((worker, args))
    spawn = get_context("spawn")
    deadline = time.monotonic() + timeout
    processes, pipes = [], []
    with TemporaryDirectory(prefix="bn-course-", ignore_cleanup_errors=True) as folder:
        try:
            for rank in range(count):
                ours, theirs = spawn.Pipe()
                pipes.append(ours)
                given = (rank, count, str(Path(folder) / "store"), timeout, theirs, job)
                processes.append(spawn.Process(target=_work, args=given, daemon=True))
                processes[-1].start()
                theirs.close()  # ours is the only other end: when the worker dies, reading it ends
            return _collect(pipes, deadline)
        finally:
            _end(processes, pipes)


def _collect(pipes: list[Connection], deadline: float) -> list[Any]:
    """The workers' answers by rank, or the first failure."""
    answers: dict[int, Any] = {}
    while len(answers) < len(pipes):
        waiting = {pipe: rank for rank, pipe in enumerate(pipes) if rank not in answers}
        ready = wait(list(waiting), max(0, deadline - time.monotonic()))
        if not ready:
            late = ", ".join(map(str, waiting.values()))
            raise TimeoutError(f"no answer in time from worker {late}; all workers were stopped")
        for pipe in ready:
            rank = waiting[pipe]
            try:
                error, answer = pickle.loads(pipe.recv_bytes())
            except (EOFError, ConnectionError):
                raise WorkerError(f"worker {rank} ended without an answer") from None
            if error is not None:
                raise WorkerError(f"worker {rank} raised {error}")
            answers[rank] = answer
    return [answers[rank] for rank in range(len(pipes))]


def _end(processes: list, pipes: list[Connection]) -> None:
    """Stop what still runs. All are killed before any is waited for."""
    for process in processes:
        if process.pid is not None:
            process.kill()
    for process in processes:
        if process.pid is not None:
            process.join()
        process.close()
    for pipe in pipes:
        pipe.close()


def _work(rank: int, count: int, store: str, timeout: float, pipe: Connection, job: bytes) -> None:
    """What a worker's process does: join the group, answer, and wait to be ended.

    It waits so that no peer, still computing, sees a connection close and reports that as its failure.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the stop button reaches the whole group; the parent acts
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if sys.platform in LOOPBACK:
        os.environ.setdefault("GLOO_SOCKET_IFNAME", LOOPBACK[sys.platform])
    torch.set_num_threads(1)
    try:
        distributed.init_process_group(
            "gloo",
            store=distributed.FileStore(store, count),
            rank=rank,
            world_size=count,
            timeout=timedelta(seconds=timeout),
        )
        worker, args = pickle.loads(job)
        message = pickle.dumps((None, worker(rank, *args)))
    except BaseException:  # SystemExit too: whatever it was, the parent is told
        message = pickle.dumps((traceback.format_exc(), None))
    pipe.send_bytes(message)
    threading.Event().wait()


def _end_with_parent() -> None:
    """The parent may be killed, as a kernel is when it restarts."""
    wait([parent_process().sentinel])
    os._exit(1)
