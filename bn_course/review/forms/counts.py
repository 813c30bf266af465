"""Small batches and N·H·W: three items."""

import numpy as np

from bn_course import norms
from bn_course.review.computing import bn, bn_gradient
from bn_course.review.item import RIGHT, ask, item, whole


@item("counts-values", idea="counts")
def values(draw):
    n, c, h = int(draw.choice([4, 8])), int(draw.choice([16, 64])), int(draw.choice([7, 10]))
    x = np.zeros((n, c, h, h))
    return ask(
        f"A batch of {n} images with {c} channels of {h} × {h}. How many numbers are averaged for one mean of batch norm?",
        x.size // norms.statistics(x, (0, 2, 3))[0].size,
        {
            RIGHT: (f"{n * h * h}", n * h * h),
            "n-instead-of-nhw": (f"{n}", n),
            "per-instance": (f"{h * h}", h * h),
            "global-statistics": (f"{n * c * h * h}", n * c * h * h),
        },
    )


@item("counts-two", idea="counts")
def two(draw):
    a, b = sorted(whole(draw, 2, 0, 60))
    half = (b - a) / 2
    return ask(
        f"In training a batch has two examples. A feature is {a} in one and {b} in the other; γ = 1, β = 0, ε tiny. Out come",
        bn([a, b]),
        {
            RIGHT: ("−1 and 1", [-1.0, 1.0]),
            "distance-remembered": (f"−{half:g} and {half:g}", [-half, half]),
            "sample-variance": ("−0.71 and 0.71", [-np.sqrt(0.5), np.sqrt(0.5)]),
            "min-max": ("0 and 1", [0.0, 1.0]),
        },
    )


@item("counts-accumulate", idea="counts")
def accumulate(draw):
    n = int(draw.choice([8, 12, 16]))
    x, dy = draw.normal(size=(2, n))
    halves = [bn_gradient(dy[part], x[part]) for part in (slice(n // 2), slice(n // 2, n))]
    same = np.allclose(np.concatenate(halves), bn_gradient(dy, x))
    return ask(
        f"{n} examples do not fit into memory. Two batches of {n // 2} are run, and their gradients added before the step. With batch norm this gives",
        "same" if same else "other",
        {
            RIGHT: (f"another gradient than one batch of {n}", "other"),
            "rows-do-not-mix": (f"the gradient of one batch of {n}", "same"),
            "n-instead-of-nhw": (f"the gradient of one batch of {n}, divided by 2", "half"),
        },
    )
