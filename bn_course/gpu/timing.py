"""Times that can be trusted: warmed up, synchronised, the median of many, and the L2 cache cleared.

A kernel is launched and goes on by itself, so a clock read after the launch has measured the launch.
"""

from collections.abc import Callable

import torch


def median_seconds(work: Callable[[], object], device: str) -> float:
    """The median time of `work()`.

    On a GPU: device time between two events, the L2 cache flushed before each, `work` replayed as a CUDA
    graph. To launch a kernel costs the CPU some microseconds, and small kernels would wait for it.
    On a CPU: wall-clock of blocks of calls; the caches are as warm as the tensor's size leaves them.
    """
    if torch.device(device).type == "cuda":
        from triton.testing import do_bench

        return do_bench(_captured(work), warmup=50, rep=200, return_mode="median") / 1e3
    from torch.utils.benchmark import Timer

    timer = Timer("work()", globals={"work": work}, num_threads=torch.get_num_threads())
    return timer.blocked_autorange(min_run_time=0.2).median


def _captured(work: Callable[[], object]) -> Callable[[], None]:
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):  # compiles, and allocates what lives longer than a call
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    return graph.replay


def copy_bandwidth(device: str, megabytes: int | None = None) -> float:
    """Bytes a second that a plain copy moves, read and written: what memory can do, measured.

    The tensor is 1 GB on a GPU and 256 MB on a CPU, far beyond the caches.
    """
    if megabytes is None:
        megabytes = 1024 if torch.device(device).type == "cuda" else 256
    source = torch.ones(megabytes * 2**20 // 4, device=device)
    target = torch.empty_like(source)
    return 2 * source.nbytes / median_seconds(lambda: target.copy_(source), device)


def device_name(device: str) -> str:
    """What the device is called, for the records."""
    if torch.device(device).type == "cuda":
        return torch.cuda.get_device_name(device)
    from bn_course.experiments.measuring import processor

    return processor()
