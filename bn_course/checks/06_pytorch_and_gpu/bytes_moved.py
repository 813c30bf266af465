"""Lesson 06: Count the bytes that batch norm must move, with two passes over its input."""

import math

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import HERE


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


def _bytes_probe(label, shape, name, op):
    shown = f"bytes_moved({shape}, torch.{name}, {op!r})"
    return Probe(label, (shape, name, op), driver=f"{HERE}:count_bytes", shown=shown)


def _bytes_probes(rng):
    shape = tuple(int(size) for size in rng.permutation([3, 5, 7, 11]))
    return [
        _bytes_probe("training in float32", shape, "float32", "training"),
        _bytes_probe("inference in float64", (6, 5, 9), "float64", "inference"),
        _bytes_probe("inference in float32", (6, 5, 9), "float32", "inference"),
        _bytes_probe("backward in float16", (3, 5, 7, 11), "float16", "backward"),
        _bytes_probe("training in bfloat16", (3, 5, 7, 11), "bfloat16", "training"),
        _bytes_probe("inference in bfloat16", (13, 17), "bfloat16", "inference"),
        _bytes_probe("backward in float32", (13, 17), "float32", "backward"),
        _bytes_probe("training in float64", (2, 3, 5, 7, 11), "float64", "training"),
        _bytes_probe("a large tensor", (256, 1024, 14, 14), "bfloat16", "backward"),
    ]


QUESTION = Question(
    name="bytes_moved",
    points=2,
    level=1,
    reference=bytes_moved,
    variant=_bytes_variant,
    returns=("the number of bytes",),
    probes=_bytes_probes,
    examples=(
        _bytes_probe("six numbers, inference", (2, 3), "float32", "inference"),
        _bytes_probe("six numbers, training", (2, 3), "float32", "training"),
        _bytes_probe("six numbers, backward", (2, 3), "float32", "backward"),
        _bytes_probe("six numbers of two bytes", (2, 3), "float16", "training"),
        _bytes_probe("six numbers in bfloat16", (2, 3), "bfloat16", "training"),
    ),
    misconceptions=(
        mistake("writes-not-counted", table="reads alone"),
        mistake("read-once", table="read once"),
        mistake("dx-not-counted", table="one write missing"),
        mistake("op-ignored", {"table": "always the forward"}, {"table": "always two"}),
        mistake("inference-like-training", table="inference like training"),
        mistake("x-hat-stored", table="x_hat written"),
        mistake("elements-not-bytes", size="elements"),
        mistake("float32-assumed", size="float32"),
        mistake("bits-not-bytes", size="bits"),
        mistake("bfloat16-as-float32", size="bfloat16 as 4"),
        mistake("one-example", over="one example"),
        mistake("one-channel", over="one channel"),
        mistake("shape-added", over="added"),
    ),
    properties=(
        Property(
            "a whole number of bytes",
            lambda args, value: (
                None if float(np.asarray(value)) == int(np.asarray(value)) else "bytes come in whole numbers"
            ),
        ),
    ),
)
