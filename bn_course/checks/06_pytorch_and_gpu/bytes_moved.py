"""Lesson 06: Count the bytes that batch norm must move, with two passes over its input."""

import math

import numpy as np

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Property, Question

from ._shared import HERE


# --- bytes_moved ------------------------------------------------------------------------------
def bytes_moved(shape, dtype, op):
    """The least traffic with two passes; the package's own."""
    from bn_course.gpu import traffic

    return traffic.bytes_moved(shape, dtype, op)


_TABLES = {
    "two passes": (2, 3, 5),
    "reads alone": (1, 2, 4),
    "read once": (2, 2, 3),
    "one write missing": (2, 3, 4),
    "always the forward": (3, 3, 3),
    "always two": (2, 2, 2),
    "inference like training": (3, 3, 5),
    "x_hat written": (2, 5, 5),
}


def _bytes_variant(shape, dtype, op, *, table="two passes", size="bytes", over="all axes"):
    from bn_course.gpu.traffic import itemsize

    times = dict(zip(("inference", "training", "backward"), _TABLES[table], strict=True))[op]
    width = {"elements": 1, "float32": 4, "bits": 8 * itemsize(dtype)}.get(size, itemsize(dtype))
    if size == "bfloat16 as 4" and "bfloat16" in str(dtype):
        width = 4
    count = {
        "all axes": math.prod(shape),
        "one example": math.prod(shape[1:]),
        "one channel": math.prod(shape) // shape[1],
        "added": sum(shape),
    }[over]
    return times * count * width


def _bytes_probe(label, *args):
    shape, kind, name, op = args
    form = {"NumPy's": f"np.{name}", "torch's": f"torch.{name}", "name": repr(name)}[kind]
    return Probe(label, args, driver=f"{HERE}:count_bytes", shown=f"bytes_moved({shape}, {form}, {op!r})")


def _bytes_probes(rng):
    shape = tuple(int(size) for size in rng.permutation([3, 5, 7, 11]))
    return [
        _bytes_probe("training in float32", shape, "NumPy's", "float32", "training"),
        _bytes_probe("inference in float64", (6, 5, 9), "NumPy's", "float64", "inference"),
        _bytes_probe("backward in float16", (3, 5, 7, 11), "torch's", "float16", "backward"),
        _bytes_probe("training in bfloat16, torch's", (3, 5, 7, 11), "torch's", "bfloat16", "training"),
        _bytes_probe("inference in bfloat16, by name", (13, 17), "name", "bfloat16", "inference"),
        _bytes_probe("backward in float32, by name", (13, 17), "name", "float32", "backward"),
        _bytes_probe("training in float64, by name", (2, 3, 5, 7, 11), "name", "float64", "training"),
        _bytes_probe("a large tensor", (256, 1024, 14, 14), "torch's", "bfloat16", "backward"),
    ]


QUESTION = Question(
    name="bytes_moved",
    points=2,
    level=1,
    task="Count the bytes that batch norm must move, with two passes over its input.",
    ask=(
        "In training, can the first output be written before the last input has been read? So how often is x read?",
        "No, the mean needs them all: x is read twice and y written once, three in all. Inference knows its statistics, two. Backward reads x and dy twice and writes dx, five.",
    ),
    reference=bytes_moved,
    variant=_bytes_variant,
    returns=("the number of bytes",),
    probes=_bytes_probes,
    examples=(
        _bytes_probe("six numbers, inference", (2, 3), "NumPy's", "float32", "inference"),
        _bytes_probe("six numbers, training", (2, 3), "NumPy's", "float32", "training"),
        _bytes_probe("six numbers, backward", (2, 3), "NumPy's", "float32", "backward"),
        _bytes_probe("six numbers of two bytes", (2, 3), "name", "float16", "training"),
        _bytes_probe("six numbers in bfloat16", (2, 3), "torch's", "bfloat16", "training"),
    ),
    misconceptions=(
        own(
            "writes-not-counted",
            "You count what is read and not what is written.",
            "A write crosses the same bus as a read: y in the forward pass and dx in the backward pass count once each.",
            table="reads alone",
        ),
        own(
            "read-once",
            "You count the input once, as if the statistics were known when it is read.",
            "With two passes x is read for its statistics and again to be normalised; backwards x and dy are both "
            "read twice. Reading once needs the values to be kept on the chip, which is a later rung of the ladder.",
            table="read once",
        ),
        own(
            "dx-not-counted",
            "You leave out one of the five in the backward pass.",
            "x and dy are read for the two sums, x and dy again for dx, and dx is written: 5.",
            table="one write missing",
        ),
        own(
            "op-ignored",
            "You give the same number for every op.",
            "Inference moves the tensor 2 times, training 3 times, the backward pass 5 times.",
            {"table": "always the forward"},
            {"table": "always two"},
        ),
        own(
            "inference-like-training",
            "You count three for inference.",
            "The running statistics are known beforehand, so x is read once and y written once: 2.",
            table="inference like training",
        ),
        own(
            "x-hat-stored",
            "You count x̂ as written and read in training.",
            "x̂ need not exist in memory: y is computed from x and four numbers a channel, and the backward pass "
            "computes x̂ again from x.",
            table="x_hat written",
        ),
        own(
            "elements-not-bytes",
            "You count numbers, not bytes.",
            "A float32 has 4 bytes, a float16 and a bfloat16 have 2, a float64 has 8.",
            size="elements",
        ),
        own(
            "float32-assumed",
            "You count 4 bytes a number whatever dtype is.",
            "Half precision halves the traffic: that is most of what it does for batch norm.",
            size="float32",
        ),
        own(
            "bits-not-bytes", "You count bits.", "A byte has eight bits; the answer is in bytes.", size="bits"
        ),
        own(
            "bfloat16-as-float32",
            "You count 4 bytes for a bfloat16.",
            "It has 2: a float32 without its last 16 bits. NumPy does not know it; `torch.bfloat16.itemsize` does, and "
            "`getattr(torch, name)` finds a type by its name.",
            size="bfloat16 as 4",
        ),
        own(
            "one-example",
            "You leave the batch axis out.",
            "The whole batch crosses the bus: multiply all entries of shape.",
            over="one example",
        ),
        own(
            "one-channel",
            "You leave the channel axis out.",
            "Every channel is read and written: multiply all entries of shape.",
            over="one channel",
        ),
        own(
            "shape-added",
            "You add the axes' lengths.",
            "The number of values is their product.",
            over="added",
        ),
    ),
    properties=(
        Property(
            "a whole number of bytes",
            lambda args, value: (
                None if float(np.asarray(value)) == int(np.asarray(value)) else "bytes come in whole numbers"
            ),
        ),
    ),
    hints=(
        "How often does the tensor cross the memory bus? Write down each read and each write of something as "
        "large as x, and nothing else.",
        "Inference: x in, y out. Training: x in for the statistics, x in again, y out. Backward: x and dy in for the "
        "two sums, x and dy in again, dx out.",
        "The number of values is `math.prod(shape)`. `np.dtype(dtype).itemsize` is the width, but NumPy does not "
        "know bfloat16; torch's types have `.itemsize` themselves, and `getattr(torch, name)` finds one by name.",
        '`{"inference": 2, "training": 3, "backward": 5}[op] * math.prod(shape) * width`, the width found for '
        "torch's type, for a name that torch knows, and else by NumPy.",
    ),
)
