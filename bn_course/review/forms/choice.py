"""Which norm for what: three items."""

import numpy as np

from bn_course import norms
from bn_course.review.item import RIGHT, ask, item

_AXES = {"batch norm": (0, 2, 3), "layer norm": (1, 2, 3), "instance norm": (2, 3)}


def _images(draw, n=3):
    return draw.normal(draw.normal(0, 3, size=(1, 4, 1, 1)), 1, size=(n, 4, 5, 5))


@item("choice-one-image", idea="choice")
def one_image(draw):
    x, other = _images(draw), _images(draw)
    other[0] = x[0]
    fits = []
    for name, axes in _AXES.items():
        y, z = norms.standardize(x, axes), norms.standardize(other, axes)
        if np.allclose(y[0], z[0]) and np.ptp(y[0].mean(axis=(1, 2))) > 0.1:
            fits.append(name)
    size = str(draw.choice(["one image", "two images"]))
    return ask(
        f"Memory allows {size} a batch. An image's output should depend on that image alone, and it should still be seen which of its channels answer strongly. Which norm does that?",
        "+".join(fits),
        {
            RIGHT: ("layer norm over C, H and W", "layer norm"),
            "batch-norm-for-everything": ("batch norm", "batch norm"),
            "instance-keeps-strengths": ("instance norm", "instance norm"),
        },
    )


@item("choice-light", idea="choice")
def light(draw):
    scene = draw.uniform(0, 1, size=(3, 5, 5))
    pictures = scene * draw.uniform(0.2, 1, size=(4, 3, 1, 1))
    alike = [name for name, axes in _AXES.items() if np.ptp(norms.standardize(pictures, axes), axis=0).max() < 0.1]
    what = str(draw.choice(["scene is photographed in four lights", "picture is printed with four sets of inks"]))
    return ask(
        f"The same {what}, which multiply each colour by a number of their own. Which norm makes the four alike?",
        "+".join(alike),
        {
            RIGHT: ("instance norm", "instance norm"),
            "batch-norm-for-everything": ("batch norm", "batch norm"),
            "layer-norm-for-everything": ("layer norm over C, H and W", "layer norm"),
        },
    )


@item("choice-text", idea="choice")
def text(draw):
    x = draw.normal(size=(4, 8, 6))  # (N, T, D)
    other = x.copy()
    other[:, -1] = draw.normal(3, 2, size=(4, 6))
    axes = {"layer norm": (2,), "batch norm": (0, 1), "both axes": (1, 2)}
    blind = [n for n, a in axes.items() if np.allclose(norms.standardize(x, a)[:, :-1], norms.standardize(other, a)[:, :-1])]
    goal = str(draw.choice(["predicts the next character of a text", "predicts the next value of a signal"]))
    return ask(
        f"A model {goal}, at all positions at once. No position may know of later ones. With which norm, in training, does none?",
        "+".join(blind),
        {
            RIGHT: ("layer norm, over the features of each position", "layer norm"),
            "batch-norm-for-everything": ("batch norm, over examples and positions", "batch norm"),
            "layer-norm-for-everything": ("layer norm, over positions and features", "both axes"),
        },
    )
