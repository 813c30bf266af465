"""Compile the fused kernels for an H200, where there is none, and print what the compiler made of them.

Triton specialises a kernel by what it is called with, so the real functions are called, with a driver that
knows an H200's architecture and launches nothing. A process of its own: Triton's interpreter, with which
the other tests run, is chosen when the kernels load.

One line of JSON for every kernel compiled: registers of a thread, bytes spilled, and the widths in bytes of
its loads from memory and stores to it.
"""

import json
import re
import subprocess
import sys
import tempfile

import torch
import triton
from triton.backends.compiler import GPUTarget
from triton.runtime.jit import JITFunction

from bn_course.gpu import fused

BYTES = {"b8": 1, "b16": 2, "b32": 4, "b64": 8}


class H200:
    """As much of a driver as compiling asks for."""

    def get_current_target(self):
        return GPUTarget("cuda", 90, 32)

    def get_current_device(self):
        return 0

    def get_current_stream(self, device):
        return 0


def main() -> None:
    triton.runtime.driver.set_active(H200())
    case = {}
    launch = JITFunction.run

    def compile_only(kernel, *arguments, grid, warmup, **options):
        made = launch(kernel, *arguments, grid=grid, warmup=True, **options)
        print(
            json.dumps({"kernel": kernel.__name__, **case, "warps": made.metadata.num_warps, **facts(made)})
        )

    JITFunction.run = compile_only
    for shape, dtype, last, extras in json.loads(sys.argv[1]):
        case |= {"shape": shape, "dtype": dtype, "channels_last": last, "relu_and_residual": extras}
        both_ways(shape, getattr(torch, dtype), last, extras)


def both_ways(shape, dtype, last, extras) -> None:
    layout = torch.channels_last if last else torch.contiguous_format
    x = torch.empty(shape, dtype=dtype, memory_format=layout)
    gamma, beta, mean, var = torch.ones(4, shape[1])
    residual = x if extras else None
    y, *saved = fused.forward(x, gamma, beta, mean, var, 1e-5, 0.1, True, extras, residual, fused.REVERSED)
    fused.backward(x, x, y, gamma, *saved, extras, extras, fused.REVERSED)


def facts(made) -> dict:
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(made.asm["cubin"])
        file.flush()
        tool = triton.knobs.nvidia.cuobjdump.path
        usage = subprocess.run([tool, "-res-usage", file.name], capture_output=True, text=True, check=True)
    found = {name: int(n) for name, n in re.findall(r"(REG|STACK|LOCAL):(\d+)", usage.stdout)}
    accesses = re.findall(r"\b(ld|st)\.global(?:\.\w+)*?(?:\.v(\d))?\.(b\d+)", made.asm["ptx"])
    widths = {way: [] for way in ("ld", "st")}
    for way, count, unit in accesses:
        widths[way].append(int(count or 1) * BYTES[unit])
    return {
        "registers": found["REG"],
        "spilled": found["STACK"] + found["LOCAL"],
        "loads": widths["ld"],
        "stores": widths["st"],
    }


if __name__ == "__main__":
    main()
