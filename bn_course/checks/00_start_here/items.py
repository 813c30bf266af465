"""Lesson 00: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn
from bn_course.review.item import RIGHT, ask, item, whole


@item("00-slide-mean", idea="forgets")
def slide_mean(draw):
    x, shift = whole(draw, 3), int(draw.integers(2, 9))
    moved = bn([n + shift for n in x])
    return ask(
        f"A batch of one feature is {x[0]}, {x[1]}, {x[2]}. Somebody adds {shift} to every number. The output of batch norm (γ = 1, β = 0)",
        moved[0] - bn(x)[0],
        {
            RIGHT: ("stays where it is", 0.0),
            "shift-remembered": (f"moves up by {shift}", float(shift)),
            "shift-becomes-scale": (f"becomes {shift} times as wide", (shift - 1) * bn(x)[0]),
        },
        why="The mean goes up with the numbers and is subtracted.",
    )


@item("ask-double", idea="rounding")
def double(draw):
    x = int(draw.integers(3, 9))
    reference = find_question("double").reference
    return ask(
        f"`double` is tried at x = 2 alone, and 2x, x² and x + 2 all give 4. At x = {x}, what must it give?",
        reference(np.array([float(x)]))[0],
        {RIGHT: 2.0 * x, "squared": float(x * x), "adds-two": x + 2.0, "one-example-proves": 4.0},
        why="An example on which the likely mistakes agree proves nothing.",
    )
