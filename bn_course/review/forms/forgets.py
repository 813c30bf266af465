"""What the batch forgets: three items."""

import numpy as np

from bn_course.review.computing import bn
from bn_course.review.item import RIGHT, ask, item, whole


@item("forgets-bias", idea="forgets")
def bias(draw):
    b, sigma = int(draw.integers(2, 9)), float(draw.choice([2, 4]))
    x = np.array([-sigma, sigma, -sigma, sigma])
    return ask(
        f"Before a batch norm (γ = 1, β = 0) whose input has deviation {sigma:g}, a bias of {b} is added. In training its output",
        (bn(x + b) - bn(x))[0],
        {
            RIGHT: ("does not change", 0.0),
            "shift-remembered": (f"grows by {b}", float(b)),
            "shift-is-scaled": (f"grows by {b / sigma:g}", b / sigma),
        },
    )


@item("forgets-undo", idea="forgets")
def undo(draw):
    mean, sigma = int(draw.integers(5, 9)), int(draw.integers(2, 5))
    other = int(draw.integers(20, 40))
    b = other + np.array([-1.0, 1.0])
    return ask(
        f"γ = {sigma} and β = {mean} undo batch norm for a batch of mean {mean} and deviation {sigma}. γ and β stay, and in training a batch of mean {other} and deviation 1 comes by. The mean of what comes out is",
        bn(b, sigma, mean).mean(),
        {
            RIGHT: (f"{mean}", float(mean)),
            "undone-for-every-batch": (f"{other}, as it came in", float(other)),
            "affine-ignored": ("0", 0.0),
        },
    )


@item("forgets-two-batches", idea="forgets")
def two_batches(draw):
    x = np.array(whole(draw, 3))
    shift = int(draw.choice([10, 20, 50]))
    first, second = bn(x), bn(x + shift)
    said = [", ".join(map(str, v)) for v in (x, x + shift)]
    return ask(
        f"One batch is {said[0]}, another {said[1]}. With γ = 1, β = 0, batch norm makes in training of the second, compared with the first,",
        (second - first)[0],
        {
            RIGHT: ("the same three numbers", 0.0),
            "shift-remembered": (f"numbers larger by {shift}", float(shift)),
            "shift-is-scaled": (f"numbers larger by {shift / x.std():.1f}, that is {shift}/σ", shift / x.std()),
        },
    )
