"""Lesson 06: normalise, add the shortcut and rectify in one kernel."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Question

from ._kernel_question import LAYOUTS, PROPERTIES, Kernel, probe, returns, variant_of

FIRST, LAST = LAYOUTS


def _given(label, x, residual, scale, shift, dtype, layout, per_split, block_m, block_c, **options):
    arrays = [np.asarray(array, np.float32) for array in (x, residual, scale, shift)]
    shown = options.pop("shown", None) or (
        f"x, residual {arrays[0].shape}, {dtype}, {layout}, {per_split} values a program in tiles of "
        f"{block_m} × {block_c}"
    )
    return probe(
        "fused_relu", label, *arrays, dtype, layout, per_split, block_m, block_c, shown=shown, **options
    )


def _fused_probe(rng, label, shape, *settings, **options):
    x, residual = rng.normal(size=(2, *shape))
    scale, shift = rng.uniform(0.5, 2.0, shape[1]), rng.normal(size=shape[1])
    return _given(label, x, residual, scale, shift, *settings, **options)


def _fused_probes(rng):
    exact = {"rtol": 1e-4, "atol": 1e-5}
    return [
        _fused_probe(rng, "channels first", (3, 2, 48), "float32", FIRST, 80, 32, 1, **exact),
        _fused_probe(rng, "channels last, C = 3", (3, 3, 37), "float32", LAST, 48, 16, 4, **exact),
        _fused_probe(rng, "bfloat16", (3, 2, 48), "bfloat16", FIRST, 80, 32, 1, rtol=0.03, atol=0.03),
    ]


def _example(label, dtype, block_m, per_split):
    x = np.arange(-10.0, 10.0)
    residual = np.where(np.arange(20) % 2, 4.0, -4.0)
    shown = (
        f"x = −10 … 9, residual = −4, 4 in turn, scale = 2, shift = 1, {dtype}, {per_split} values a program in "
        f"tiles of {block_m}"
    )
    settings = dtype, FIRST, per_split, block_m, 1
    return _given(label, x[None, None], residual[None, None], [2], [1], *settings, shown=shown, rtol=1e-2)


QUESTION = Question(
    name="fused_relu_kernel",
    points=3,
    level=2,
    reference=Kernel("fused_relu", "fused_relu_kernel"),
    variant=variant_of("fused_relu"),
    variant_factory=True,
    in_place=True,
    call="fused_relu_kernel[grid](x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, …)",
    returns=returns("y"),
    probes=_fused_probes,
    examples=(
        _example("twenty numbers, two programs", "float32", 8, 12),
        _example("twenty in bfloat16", "bfloat16", 16, 20),
    ),
    properties=PROPERTIES,
    misconceptions=(
        mistake("not-fused", STEPS="by way of memory"),
        mistake("strided-loads", LANES="apart"),
        mistake("one-program-a-channel", {"WORK": "first"}, {"WORK": "all"}),
        mistake("float16-accumulator", TYPE="half"),
        mistake("no-mask", {"MASK": "none"}, {"MASK": "channels alone"}),
        mistake("relu-before-the-sum", ORDER="first"),
        mistake("no-relu", ORDER="never"),
        mistake("residual-forgotten", ADD=False),
    ),
)
