"""Machines that this one can play: other processors' arithmetic, two threads, inputs moved by a rounding.

OpenBLAS, oneDNN, MKL, PyTorch and NumPy choose their code by the processor, and each can be told to
choose that of an older one. The bits then differ as they would there. `played` asks all of them what they
chose: a switch that did not take is an error, and a processor newer than this one cannot be played.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from numpy._core import _multiarray_umath

FEATURES = _multiarray_umath.__cpu_features__
MOVED = Path(__file__).with_name("moved.py")


@dataclass(frozen=True)
class Machine:
    """`environment` makes a process the machine; `expected` is what `ask` then answers, key by key."""

    name: str
    environment: dict[str, str] = field(default_factory=dict, hash=False)
    needs: str = ""  # NumPy's name of what the processor must have
    expected: dict = field(default_factory=dict, hash=False)


def _processor(name: str, openblas, aten, mkl, onednn, off, **expected) -> Machine:
    switches = {"OPENBLAS_CORETYPE": openblas, "ATEN_CPU_CAPABILITY": aten, "MKL_CBWR": mkl}
    switches |= {"ONEDNN_MAX_CPU_ISA": onednn, "NPY_DISABLE_CPU_FEATURES": off}
    return Machine(name, switches, **expected)


# MKL takes COMPATIBLE on every processor, AVX2 and AVX512 on Intel's alone: its answer to these is not asked.
OLDEST = _processor(
    "oldest",
    *("Prescott", "default", "COMPATIBLE", "SSE41", "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"),
    needs="X86_V2",
    # OpenBLAS calls what it runs on a Prescott by the name of its first user, Katmai.
    expected={
        "openblas": ["Katmai"],
        "aten": "DEFAULT",
        "mkl": "COMPATIBLE",
        "onednn": "Intel SSE4.1",
        "X86_V3": False,
        "X86_V4": False,
    },
)
AVX2 = _processor(
    "avx2",
    *("Haswell", "avx2", "AVX2", "AVX2", "X86_V4 AVX512_ICL AVX512_SPR"),
    needs="X86_V3",
    expected={
        "openblas": ["Haswell"],
        "aten": "AVX2",
        "onednn": "Intel AVX2",
        "X86_V3": True,
        "X86_V4": False,
    },
)
AVX512 = _processor(
    "avx512",
    *("SkylakeX", "avx512", "AVX512", "AVX512_CORE", ""),
    needs="X86_V4",
    expected={"openblas": ["SkylakeX"], "aten": "AVX512", "X86_V3": True, "X86_V4": True},
)
TWO_THREADS = Machine("two threads", {"OMP_NUM_THREADS": "2"}, expected={"threads": 2})
MOVED_INPUTS = [Machine(f"moved {n}", {"PYTHONSTARTUP": str(MOVED), "MOVED": str(n)}) for n in (1, 2)]
HERE = Machine("here")
MACHINES = {m.name: m for m in (OLDEST, AVX2, AVX512, TWO_THREADS, *MOVED_INPUTS)}


def environment(machine: Machine) -> dict[str, str]:
    """What a process of this machine runs with, whatever was set before."""
    switches = {key for other in MACHINES.values() for key in other.environment}
    kept = {key: value for key, value in os.environ.items() if key not in switches}
    return {**kept, "OMP_NUM_THREADS": "1", **machine.environment}


@cache
def played(machine: Machine) -> str:
    """Why this processor cannot play the machine, or nothing.

    Raises RuntimeError where a switch did not take.
    """
    if machine.needs and not FEATURES.get(machine.needs):
        return f"cannot be emulated here: this processor has no {machine.needs}"
    answer = ask(machine)
    wrong = {key: answer.get(key) for key, value in machine.expected.items() if answer.get(key) != value}
    if wrong:
        raise RuntimeError(f"{machine.name}: asked for {machine.expected}, and found {wrong}")
    return ""


def ask(machine: Machine) -> dict:
    """What the libraries say of themselves in a process of this machine."""
    talk = {"MKL_VERBOSE": "1", "ONEDNN_VERBOSE": "1"}
    done = subprocess.run(
        [sys.executable, __file__],
        env=environment(machine) | talk,
        capture_output=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"{machine.name}: {done.stderr[-500:]}")
    *said, last = done.stdout.splitlines()
    answer = json.loads(last)
    for line in said:
        if "CNR:" in line:
            answer["mkl"] = line.split("CNR:")[1].split()[0]
        if "cpu,isa:" in line:
            answer["onednn"] = line.split("cpu,isa:")[1]
    return answer


def answer() -> dict:
    """In a process of its own: the libraries are loaded, made to compute, and asked."""
    import scipy.linalg  # noqa: F401 - it brings an OpenBLAS of its own
    import torch
    from threadpoolctl import threadpool_info

    x = torch.ones(2, 1, 8, 8)
    torch.nn.functional.conv2d(x, x)  # oneDNN
    x[0, 0] @ x[1, 0]  # MKL
    blas = {pool["architecture"] for pool in threadpool_info() if pool["internal_api"] == "openblas"}
    return {
        "openblas": sorted(blas),
        "aten": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        **FEATURES,
    }


if __name__ == "__main__":
    print("\n" + json.dumps(answer()))
