"""Scale invariance: three items."""

import numpy as np

from bn_course.review.computing import bn, bn_gradient
from bn_course.review.item import RIGHT, ask, item


def _problem(draw):
    return draw.normal(size=(8, 3)), draw.normal(size=3), draw.normal(size=8)


@item("scale-input", idea="scale")
def scale_input(draw):
    factor = int(draw.choice([3, 5, 10]))
    x = draw.normal(0, 2, size=6)
    return ask(
        f"All weights of a layer are made {factor} times larger. Batch norm follows it, ε is tiny. In training its output",
        (bn(factor * x) / bn(x))[0],
        {
            RIGHT: ("stays as it is", 1.0),
            "scale-remembered": (f"is {factor} times larger", float(factor)),
            "scale-turned-round": (f"is {factor} times smaller", 1 / factor),
        },
    )


@item("scale-gradient", idea="scale")
def scale_gradient(draw):
    factor = int(draw.choice([3, 5, 10]))
    x, w, dy = _problem(draw)
    gradients = [x.T @ bn_gradient(dy, x @ v) for v in (factor * w, w)]
    return ask(
        f"All weights of a layer that batch norm follows are made {factor} times larger; the loss stays. The gradient of these weights is",
        np.linalg.norm(gradients[0]) / np.linalg.norm(gradients[1]),
        {
            RIGHT: (f"{factor} times smaller", 1 / factor),
            "scale-remembered": (f"{factor} times larger", float(factor)),
            "scale-has-no-effect": ("the same, as the loss is", 1.0),
        },
    )


@item("scale-decay", idea="scale")
def scale_decay(draw):
    factor = int(draw.choice([2, 3]))
    x, w, dy = _problem(draw)

    def turn(w):  # of the direction of w, for a tiny step
        g = 1e-6 * x.T @ bn_gradient(dy, x @ w)
        return np.linalg.norm((w - g) / np.linalg.norm(w - g) - w / np.linalg.norm(w))

    return ask(
        f"Weight decay has made the weights of a layer before batch norm {factor} times shorter. With the same learning rate, a small step now turns their direction",
        round(turn(w / factor) / turn(w), 2),
        {
            RIGHT: (f"{factor**2} times as far", float(factor**2)),
            "one-factor-only": (f"{factor} times as far", float(factor)),
            "scale-has-no-effect": ("as far as before", 1.0),
            "scale-remembered": (f"{factor} times less", round(1 / factor, 2)),
        },
    )
