"""Batch norm, forward and backward, in every way that the course has, against the memory's speed limit.

    python benchmarks/norms.py             on the CPU, one thread: evidence/norms_cpu.json
    python benchmarks/norms.py --gpu       on the first CUDA device: evidence/norms_gpu.json
    python benchmarks/norms.py --rehearse  ours too, in Triton's interpreter, once: nothing timed or recorded

Times are medians (device time on a GPU, the L2 cache flushed before each) of several rounds, in each of which
all take their turn, so that a machine's slow minute meets all alike. The floor is the least time that
the bytes of a forward and a backward pass need at the bandwidth of a plain copy, measured in the same run.
Where there is no such device, nothing is recorded.
"""

import argparse
import ctypes
import json
import platform
import statistics
import sys
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from bn_course.gpu.contestants import contestants
from bn_course.gpu.timing import copy_bandwidth, device_name, median_seconds
from bn_course.gpu.traffic import bytes_moved, bytes_read_once

EVIDENCE = Path(__file__).resolve().parent.parent / "evidence"
CPU = [((n, d), "float32") for n, d in ((64, 128), (256, 1024), (8192, 512))] + [
    ((32, 64, 32, 32), "float32"),
    ((64, 256, 14, 14), "float32"),
]
ROUNDS = 5
GPU = [
    ((256, 256, 56, 56), "bfloat16"),
    ((256, 1024, 14, 14), "bfloat16"),
    ((32, 64, 56, 56), "bfloat16"),
    ((256, 256, 56, 56), "float32"),
    ((32, 64, 56, 56), "float32"),
    ((256, 6, 28, 28), "float32"),
    ((256, 3, 56, 56), "bfloat16"),
]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpu", action="store_true", help="on the first CUDA device")
    parser.add_argument("--rehearse", action="store_true", help="run each once, small, on the CPU")
    options = parser.parse_args()
    gpu = options.gpu
    if options.rehearse:
        return _rehearse()
    if gpu and not torch.cuda.is_available():
        print("There is no CUDA device here: nothing is recorded.", file=sys.stderr)
        return 1
    device = "cuda" if gpu else "cpu"
    torch.set_num_threads(1)
    _keep_freed_memory()
    bandwidth = copy_bandwidth(device)
    record = {
        "what": "medians of seconds, one forward and one backward pass in training",
        "device": device_name(device),
        "threads": 1,
        "copy_bytes_a_second": round(bandwidth, -6),
        "versions": _versions(),
        "date": date.today().isoformat(),
        "rows": [_row(*case, device, bandwidth) for case in (GPU if gpu else CPU)],
    }
    name = "norms_gpu.json" if gpu else "norms_cpu.json"
    (EVIDENCE / name).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    _show(record)
    return 0


def _rehearse() -> int:
    """All that a GPU's run does but the timing: every contestant once, ours in Triton's interpreter."""
    for dtype in (torch.bfloat16, torch.float32):
        found = contestants((2, 3, 8, 8), dtype, "cpu", ours=True)
        for label, work in found.items():
            print(f"{dtype}, {label}: dx of mean {work().float().mean().abs().item():.0e}", flush=True)
    return 0


def _row(shape: tuple[int, ...], name: str, device: str, bandwidth: float) -> dict:
    dtype = getattr(torch, name)
    found = contestants(shape, dtype, device, compiled=True)
    rounds = [{label: median_seconds(work, device) for label, work in found.items()} for _ in range(ROUNDS)]
    seconds = {label: float(f"{statistics.median(r[label] for r in rounds):.4g}") for label in found}
    torch.compiler.reset()
    floors = {
        label: sum(count(shape, name, op) for op in ("training", "backward"))
        for label, count in (("two passes", bytes_moved), ("read once", bytes_read_once))
    }
    return {
        "shape": shape,
        "dtype": name,
        "bytes": floors,
        "floor_seconds": {label: float(f"{count / bandwidth:.4g}") for label, count in floors.items()},
        "seconds": seconds,
    }


def _keep_freed_memory() -> None:
    """Let glibc keep what was freed: pages fetched anew from the system cost more than what is measured,
    and whether they are depends on what ran before."""
    if platform.libc_ver()[0] == "glibc":
        mmap_threshold, trim_threshold = -3, -1  # malloc.h
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 32 << 20)
        libc.mallopt(trim_threshold, 1 << 30)


def _show(record: dict) -> None:
    print(f"{record['device']}: a copy moves {record['copy_bytes_a_second'] / 1e9:.1f} GB/s")
    for row in record["rows"]:
        own = row["seconds"]["nn.BatchNorm"]
        floor = row["floor_seconds"]["two passes"]
        print(f"\n{tuple(row['shape'])} {row['dtype']}: two-pass floor {floor * 1e3:.3f} ms")
        for label, seconds in row["seconds"].items():
            ratios = f"{seconds / own:5.2f} × nn.BatchNorm  {floor / seconds:5.0%} of the floor's speed"
            print(f"  {label:32} {seconds * 1e3:9.3f} ms  {ratios}")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version(), "cuda": torch.version.cuda or "none"}
    for package in ("numpy", "torch", "triton"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "none"
    return found


if __name__ == "__main__":
    sys.exit(main())
