"""Three paths of the gradient: three items."""

import numpy as np

from bn_course.review.computing import bn, bn_gradient
from bn_course.review.item import RIGHT, ask, item, whole


@item("paths-one-output", idea="paths")
def one_output(draw):
    n = int(draw.integers(4, 10))
    dx = bn_gradient(np.eye(n)[1], draw.normal(size=n))
    return ask(
        f"A batch of {n}, one feature, batch norm in training. The loss looks at the output of one example alone. For how many of the {n} inputs is the gradient different from zero?",
        int((np.abs(dx) > 1e-9).sum()),
        {
            RIGHT: (f"all {n}", n),
            "rows-do-not-mix": ("one: that example's", 1),
            "gradient-taken-away": ("none: batch norm takes it away", 0),
        },
    )


@item("paths-constant", idea="paths")
def constant(draw):
    c, sigma = int(draw.integers(2, 9)), int(draw.choice([2, 5]))
    x, dy = sigma * np.array([-1.0, 1.0, -1.0, 1.0]), np.array(whole(draw, 4), float)
    return ask(
        f"Batch norm in training, γ = 1, its input has deviation {sigma}. The loss changes so that {c} is added to the gradient of every output. The gradient of each input",
        (bn_gradient(dy + c, x) - bn_gradient(dy, x))[0],
        {
            RIGHT: ("stays as it was", 0.0),
            "detached": (f"grows by {c / sigma:g}", c / sigma),
            "straight-through": (f"grows by {c}", float(c)),
        },
    )


@item("paths-spread", idea="paths")
def spread(draw):
    c, sigma = int(draw.integers(2, 9)), int(draw.choice([2, 5]))
    x = sigma * np.array([-1.0, 1.0, -1.0, 1.0])
    return ask(
        f"x̂ is −1, 1, −1, 1 and the deviation of the input is {sigma}, ε = 0, γ = 1. The gradient that arrives is {c}·x̂: the loss asks the batch to spread out. The gradient of the input is",
        bn_gradient(c * bn(x), x)[1],
        {
            RIGHT: ("zero", 0.0),
            "detached": (f"{c / sigma:g}·x̂", c / sigma),
            "straight-through": (f"{c}·x̂", float(c)),
        },
    )
