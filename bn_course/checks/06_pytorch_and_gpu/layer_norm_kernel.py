"""Lesson 06: layer norm in one pass, a row kept on the chip."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Question

from ._kernel_question import PROPERTIES, Kernel, probe, returns, variant_of


def _given(label, x, gamma, beta, eps, dtype, block, **options):
    arrays = [np.asarray(array, np.float32) for array in (x, gamma, beta)]
    shown = options.pop("shown", None) or f"x {arrays[0].shape}, {dtype}, BLOCK = {block}"
    return probe("layer_norm", label, *arrays, eps, dtype, block, shown=shown, **options)


def _layer_probe(rng, label, shape, dtype, block, mean=2.0, **options):
    x = rng.normal(mean, rng.uniform(0.5, 2.0, (shape[0], 1)), shape)
    gamma, beta = rng.uniform(0.5, 2.0, shape[1]), rng.normal(size=shape[1])
    return _given(label, x, gamma, beta, 0.1, dtype, block, **options)


def _layer_probes(rng):
    exact = {"rtol": 1e-4, "atol": 1e-5}
    return [
        _layer_probe(rng, "rows of 48 in a block of 64", (4, 48), "float32", 64, **exact),
        _layer_probe(rng, "rows that fill their block", (3, 32), "float32", 32, **exact),
        _layer_probe(rng, "rows of 37", (3, 37), "float32", 64, **exact),
        _layer_probe(rng, "bfloat16", (4, 48), "bfloat16", 64, rtol=0.02, atol=0.02),
        _layer_probe(rng, "float16", (4, 48), "float16", 64, rtol=0.02, atol=0.02),
        _layer_probe(
            rng, "float32 at a mean of 3000", (4, 48), "float32", 64, mean=3e3, rounding=True, rtol=1e-3, atol=1e-2
        ),
    ]  # fmt: skip


def _example(label, dtype="float32", above=0.0, **options):
    x = np.array([[1, 2, 6, 3, 4, 8], [2, 2, 5, 1, 3, 5]]) + above
    shown = f"x = {x.tolist()}, {dtype}, gamma = 3, beta = 1, eps = 0.5, BLOCK = 8"
    return _given(label, x, [3] * 6, [1] * 6, 0.5, dtype, 8, shown=shown, **options)


QUESTION = Question(
    name="layer_norm_kernel",
    points=3,
    level=2,
    reference=Kernel("layer_norm", "layer_norm_kernel"),
    variant=variant_of("layer_norm"),
    variant_factory=True,
    in_place=True,
    call="layer_norm_kernel[(N,)](x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK)",
    returns=returns("y"),
    probes=_layer_probes,
    examples=(
        _example("two rows of six", rtol=1e-4),
        _example("two rows in bfloat16", "bfloat16", rtol=2e-2),
        _example("two rows above 4000", above=4000.25, rounding=True, rtol=1e-3, atol=1e-2),
    ),
    properties=PROPERTIES,
    misconceptions=(
        mistake("reads-x-three-times", READS=3),
        mistake("float16-accumulator", TYPE="half"),
        mistake("e-x2-minus-mean2", rounding=True, SQUARES="moments"),
        mistake("no-mask", MASK="none"),
        mistake("masked-lanes-counted", MASK="not in the variance"),
        mistake("divides-by-block", COUNT="BLOCK"),
        mistake("sample-variance", COUNT="D - 1"),
        mistake("eps-outside-sqrt", EPS="outside"),
        mistake("affine-ignored", AFFINE="none"),
    ),
)
