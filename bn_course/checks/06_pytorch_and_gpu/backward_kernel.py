"""Lesson 06: the last step of the backward pass as a kernel, dx from the sums of all parts."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Question

from ._kernel_question import LAYOUTS, PROPERTIES, Kernel, probe, returns, sums_of, variant_of

FIRST, LAST = LAYOUTS


def _backward_probe(rng, label, shape, dtype, layout, per_split, block_m, block_c, mean=2.0, **options):
    along = (1, shape[1], 1)
    x = rng.normal(rng.uniform(mean, 1.5 * mean, along), rng.uniform(0.5, 2.0, along), shape)
    dy = rng.normal(0.5, 1.0, shape)
    gamma = rng.uniform(0.5, 2.0, shape[1])
    return _given(label, x, dy, gamma, dtype, layout, per_split, block_m, block_c, **options)


def _given(label, x, dy, gamma, dtype, layout, per_split, block_m, block_c, **options):
    x, dy, gamma = (np.asarray(array, np.float32) for array in (x, dy, gamma))
    shown = options.pop("shown", None) or (
        f"x, dy {x.shape}, {dtype}, {layout}, {per_split} values a program in tiles of {block_m} × {block_c}"
    )
    args = x, dy, gamma, *sums_of(x, dy, per_split), dtype, layout, per_split, block_m, block_c
    return probe("backward", label, *args, shown=shown, **options)


def _backward_probes(rng):
    exact = {"rtol": 1e-4, "atol": 1e-5}
    return [
        _backward_probe(rng, "channels first", (3, 2, 48), "float32", FIRST, 48, 32, 1, **exact),
        _backward_probe(rng, "channels last, C = 3", (3, 3, 37), "float32", LAST, 48, 16, 4, **exact),
        _backward_probe(rng, "bfloat16", (3, 2, 48), "bfloat16", FIRST, 48, 32, 1, rtol=0.02, atol=0.02),
    ]


def _example():
    x = np.arange(44.0) % 10
    dy = np.where(np.arange(44) % 3 == 0, 1.1, -0.3) + (np.arange(44) < 16)
    shown = "x = 0 … 9 over and over; dy = 1.1, −0.3, −0.3 in turn, 1 more in the first part; gamma = 3; 16 a program"
    options = {"rtol": 1e-4, "shown": shown}
    return _given(
        "44 numbers, three programs",
        x[None, None],
        dy[None, None],
        [3],
        "float32",
        FIRST,
        16,
        8,
        1,
        **options,
    )


QUESTION = Question(
    name="backward_kernel",
    points=4,
    level=3,
    reference=Kernel("backward", "backward_kernel"),
    variant=variant_of("backward"),
    variant_factory=True,
    in_place=True,
    call="backward_kernel[grid](x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, …)",
    returns=returns("dx", "dbeta", "dgamma"),
    probes=_backward_probes,
    examples=(_example(),),
    properties=PROPERTIES,
    misconceptions=(
        mistake("reads-x-three-times", READS=2),
        mistake("strided-loads", LANES="apart"),
        mistake("one-program-a-channel", {"WORK": "first"}, {"WORK": "all"}),
        mistake("float16-accumulator", TYPE="half"),
        mistake("no-mask", {"MASK": "none"}, {"MASK": "channels alone"}),
        mistake("races", TOTAL="all"),
        mistake("atomic-order", TOTAL="atomic"),
        mistake("mean-detached", TERMS="spread"),
        mistake("var-detached", TERMS="shift"),
        mistake("sum-not-mean", MEANS=False),
        mistake("gamma-not-in-dx", GAMMA=False),
    ),
)
