"""Where seeds are measured: in processes of this machine, or by the workers of a Dask cluster."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Lock

from bn_course.experiments.catalogue import recipe
from bn_course.experiments.measuring import run

SECONDS = 10  # until a scheduler must have answered
ALONE = Lock()  # a process has one generator of random numbers, which a cluster's threads would share


@contextmanager
def workers(jobs: int, address: str = "") -> Iterator[Executor]:
    """So many processes, or, where there is an address, whatever works for the Dask scheduler there.

    What has not begun when this ends is not done. A cluster gives what a dead worker had in hand to another.

    Raises ValueError where `distributed` is not installed or no scheduler answers.
    """
    if not address:
        with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
            try:
                yield pool
            finally:
                pool.shutdown(cancel_futures=True)
    else:
        with _client(address) as client:
            yield client.get_executor(pure=False)


def measured(name: str, seed: int) -> tuple[str, dict]:
    """What a worker does: one seed of one experiment, at full scale. Also the recipe that it has of it."""
    import torch

    with ALONE:
        torch.set_num_threads(1)  # small networks are quickest so, and the numbers then repeat
        return recipe(name), run(name, seed, "full")


def _client(address: str):
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "measuring on a cluster needs another package: pip install 'bn-course[cluster]'"
        ) from None
    try:
        return Client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError):
        raise ValueError(f"no Dask scheduler answers at {address}") from None
