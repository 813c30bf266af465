"""Lesson 06: pass 2 as a kernel, which merges the parts of a channel and normalises one of them."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Question

from ._kernel_question import LAYOUTS, PROPERTIES, Kernel, parts_of, probe, returns, variant_of

FIRST, LAST = LAYOUTS


def _normalize_probe(rng, label, shape, dtype, layout, per_split, block_m, block_c, mean=2.0, **options):
    along = (1, shape[1], 1)
    x = rng.normal(rng.uniform(mean, 1.5 * mean, along), rng.uniform(0.5, 2.0, along), shape)
    gamma, beta = rng.uniform(0.5, 2.0, shape[1]), rng.normal(size=shape[1])
    return _given(label, x, gamma, beta, 0.1, dtype, layout, per_split, block_m, block_c, **options)


def _given(label, x, gamma, beta, eps, dtype, layout, per_split, block_m, block_c, **options):
    x, gamma, beta = (np.asarray(array, np.float32) for array in (x, gamma, beta))
    shown = options.pop("shown", None) or (
        f"x {x.shape}, {dtype}, {layout}, {per_split} values a program in tiles of {block_m} × {block_c}"
    )
    args = x, gamma, beta, eps, *parts_of(x, per_split), dtype, layout, per_split, block_m, block_c
    return probe("normalize", label, *args, shown=shown, **options)


def _normalize_probes(rng):
    exact = {"rtol": 1e-4, "atol": 1e-5}
    return [
        _normalize_probe(rng, "channels first", (3, 2, 48), "float32", FIRST, 80, 32, 1, **exact),
        _normalize_probe(rng, "channels last, C = 3", (3, 3, 37), "float32", LAST, 48, 16, 4, **exact),
        _normalize_probe(rng, "bfloat16", (3, 2, 48), "bfloat16", FIRST, 80, 32, 1, rtol=0.02, atol=0.02),
        _normalize_probe(
            rng, "float32 at a mean of 3000", (3, 2, 48), "float32", FIRST, 80, 32, 1, mean=3e3, rounding=True,
            rtol=1e-3, atol=1e-2,
        ),
    ]  # fmt: skip


def _example(label, above=0.0, **options):
    numbers = np.array([1, 2, 6, 3, 4, 9, 2, 2, 5, 8, 7, 3, 1, 4, 4, 6, 2, 5, 9, 1]) + above
    shown = f"x = {numbers.tolist()}, gamma = 3, beta = 1, eps = 0.5, 12 values a program in tiles of 8"
    return _given(
        label, numbers[None, None], [3], [1], 0.5, "float32", FIRST, 12, 8, 1, shown=shown, **options
    )


QUESTION = Question(
    name="normalize_kernel",
    points=4,
    level=3,
    reference=Kernel("normalize", "normalize_kernel"),
    variant=variant_of("normalize"),
    variant_factory=True,
    in_place=True,
    call="normalize_kernel[grid](x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, …)",
    returns=returns("y", "the mean", "1/√(σ² + ε)"),
    probes=_normalize_probes,
    examples=(
        _example("twenty numbers, two programs", rtol=1e-4),
        _example("twenty above 4000", above=4000.25, rounding=True, rtol=1e-3, atol=1e-2),
    ),
    properties=PROPERTIES,
    misconceptions=(
        mistake("reads-x-three-times", READS=2),
        mistake("strided-loads", LANES="apart"),
        mistake("one-program-a-channel", {"WORK": "first"}, {"WORK": "all"}),
        mistake("float16-accumulator", TYPE="half"),
        mistake("e-x2-minus-mean2", rounding=True, MERGE="moments"),
        mistake("no-mask", {"MASK": "none"}, {"MASK": "channels alone"}),
        mistake("races", SAVES="all"),
        mistake("counts-ignored", MERGE="equal"),
        mistake("spread-of-means-forgotten", MERGE="within"),
        mistake("eps-outside-sqrt", EPS="outside"),
        mistake("gamma-ignored", GAMMA=False),
    ),
)
