"""Lesson 06: pass 1 as a kernel, the mean and the sum of squares about it of one part of a channel."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Question

from ._kernel_question import LAYOUTS, PROPERTIES, Kernel, probe, returns, variant_of

FIRST, LAST = LAYOUTS


def _stats_probe(rng, label, shape, dtype, layout, per_split, block_m, block_c, mean=2.0, **options):
    along = (1, shape[1], 1)
    x = rng.normal(rng.uniform(mean, 1.5 * mean, along), rng.uniform(0.5, 2.0, along), shape)
    shown = f"x {shape}, {dtype}, {layout}, {per_split} values a program in tiles of {block_m} × {block_c}"
    args = x.astype(np.float32), dtype, layout, per_split, block_m, block_c
    return probe("stats", label, *args, shown=shown, **options)


def _stats_probes(rng):
    exact = {"rtol": 1e-4, "atol": 1e-5}
    return [
        _stats_probe(rng, "channels first", (3, 2, 48), "float32", FIRST, 80, 32, 1, **exact),
        _stats_probe(rng, "channels last, C = 3", (3, 3, 37), "float32", LAST, 64, 16, 4, **exact),
        _stats_probe(rng, "bfloat16", (3, 2, 48), "bfloat16", FIRST, 80, 32, 1, rtol=0.05, atol=0.05),
        _stats_probe(
            rng, "float32 at a mean of 3000", (3, 2, 48), "float32", FIRST, 80, 32, 1, mean=3e3, rounding=True,
            rtol=1e-2, atol=0.1,
        ),
    ]  # fmt: skip


_TWENTY = np.array([1, 2, 6, 3, 4, 9, 2, 2, 5, 8, 7, 3, 1, 4, 4, 6, 2, 5, 9, 1], np.float32)


def _example(label, dtype="float32", per_split=12, block_m=8, above=0.0, **options):
    shown = f"x = {(_TWENTY + above).tolist()}, {dtype}, {per_split} values a program in tiles of {block_m}"
    args = (_TWENTY + above)[None, None], dtype, FIRST, per_split, block_m, 1
    return probe("stats", label, *args, shown=shown, **options)


QUESTION = Question(
    name="stats_kernel",
    points=4,
    level=3,
    reference=Kernel("stats", "stats_kernel"),
    variant=variant_of("stats"),
    variant_factory=True,
    in_place=True,
    call="stats_kernel[grid](x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s, …)",
    returns=returns("mean", "m2"),
    probes=_stats_probes,
    examples=(
        _example("twenty numbers, two programs", rtol=1e-4),
        _example("twenty in bfloat16", "bfloat16", per_split=20, block_m=16, rtol=0.05),
        _example("twenty above 4000", above=4000.25, rounding=True, rtol=1e-3, atol=0.1),
    ),
    properties=PROPERTIES,
    misconceptions=(
        mistake("reads-x-three-times", PASSES=2),
        mistake("strided-loads", {"LANES": "apart"}, {"LANES": "apart, counted as neighbours"}),
        mistake("one-program-a-channel", {"WORK": "first"}, {"WORK": "all"}),
        mistake("float16-accumulator", TYPE="half"),
        mistake("e-x2-minus-mean2", rounding=True, SQUARES="moments"),
        mistake("no-mask", {"MASK": "none"}, {"MASK": "none, nor counted"}, {"MASK": "channels alone"}),
        mistake("races", SLOT="the channel's"),
        mistake("counts-ignored", MERGE="equal"),
        mistake("spread-of-means-forgotten", MERGE="within"),
    ),
)
