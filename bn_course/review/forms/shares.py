"""What shares a statistic: three items."""

import numpy as np

from bn_course import norms
from bn_course.review.computing import bn
from bn_course.review.item import RIGHT, ask, item, whole


@item("shares-neighbours", idea="shares")
def neighbours(draw):
    one, a, b = whole(draw, 3)
    others = whole(draw, 2, 20, 40)
    before, after = bn([one, a, b])[0], bn([one, *others])[0]
    return ask(
        f"In training, an example whose feature is {one} is in a batch with {a} and {b}, and later in one with {others[0]} and {others[1]}. What batch norm makes of the {one} is",
        "same" if np.isclose(before, after) else "other",
        {
            RIGHT: ("another number the second time", "other"),
            "rows-do-not-mix": ("the same number: it is the same example", "same"),
            "parameters-set-statistics": ("decided by γ and β alone", "parameters"),
        },
    )


@item("shares-images", idea="shares")
def images(draw):
    n, c, h = int(draw.choice([8, 16])), int(draw.choice([3, 32])), int(draw.choice([14, 28]))
    x = np.zeros((n, c, h, h))
    return ask(
        f"A batch of {n} images with {c} channels of {h} × {h} pixels, (N, C, H, W). How many means does batch norm take of it?",
        norms.statistics(x, (0, 2, 3))[0].size,
        {
            RIGHT: (f"{c}", c),
            "per-position": (f"{c * h * h}: one for each channel and pixel", c * h * h),
            "per-instance": (f"{n * c}: one for each channel of each image", n * c),
            "global-statistics": ("1", 1),
        },
    )


@item("shares-outlier", idea="shares")
def outlier(draw):
    n, d = int(draw.integers(4, 7)), int(draw.integers(3, 6))
    row, column, size = int(draw.integers(n)), int(draw.integers(d)), int(draw.choice([100, 1000]))
    x = draw.normal(size=(n, d))
    other = x.copy()
    other[row, column] += size
    one, zero = np.ones(d), np.zeros(d)
    moved = ~np.isclose(norms.batch_norm(x, one, zero), norms.batch_norm(other, one, zero))
    return ask(
        f"A table of {n} examples with {d} features. One number is spoilt: {size} is added to feature {column + 1} of example {row + 1}. How many of the {n * d} outputs of batch norm change, in training?",
        int(moved.sum()),
        {
            RIGHT: (f"{n}: feature {column + 1} of every example", n),
            "rows-do-not-mix": ("1: that number alone", 1),
            "wrong-axis": (f"{d}: the features of example {row + 1}", d),
            "global-statistics": (f"{n * d}: all of them", n * d),
        },
    )
