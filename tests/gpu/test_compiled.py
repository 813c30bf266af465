"""The kernels go through the compiler for an H200, and come out as code that can be fast.

No GPU is needed for that, and nothing is timed: what is asked for here is necessary, not enough.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("triton", reason="Triton is for Linux alone")

REGISTERS = 65536  # of a processor of an H200; CUDA C++ Programming Guide, compute capability 9.0
SHAPES = [  # of the benchmark: large maps, small maps of many channels, few channels
    ([256, 256, 56, 56], "bfloat16", False, False),
    ([256, 1024, 14, 14], "bfloat16", False, False),
    ([256, 1024, 14, 14], "float32", True, False),
    ([32, 64, 56, 56], "float16", False, True),
    ([32, 64, 56, 56], "bfloat16", True, True),
    ([256, 3, 56, 56], "bfloat16", False, False),
]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    environment = {**os.environ, "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    environment.pop("TRITON_INTERPRET", None)
    script = Path(__file__).with_name("compiling.py")
    done = subprocess.run(
        [sys.executable, script, json.dumps(SHAPES)], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_kernel_compiles_at_every_shape(compiled):
    names = {"stats_kernel", "normalise_kernel", "gradient_sums_kernel", "dx_kernel"}
    assert len(compiled) == len(names) * len(SHAPES)
    assert {made["kernel"] for made in compiled} == names


def test_no_register_is_spilled_and_two_programs_share_a_processor(compiled):
    for made in compiled:
        assert made["spilled"] == 0, made
        assert 2 * made["registers"] * 32 * made["warps"] <= REGISTERS, made


def test_a_tensor_is_read_and_written_in_words_of_eight_or_sixteen_bytes(compiled):
    """The widest word is 16 bytes; where a map's 14 × 14 halves begin at any multiple of 8, it is 8."""
    for made in compiled:
        size = 4 if made["dtype"] == "float32" else 2
        _, _, height, width = made["shape"]
        aligned = made["channels_last"] or height * width * size % 16 == 0
        word = 16 if aligned else 8
        tensors = made["loads"] + (
            made["stores"] if made["kernel"] in ("normalise_kernel", "dx_kernel") else []
        )
        assert max(tensors) == word, made
        assert 2 not in tensors, made  # never a number at a time
