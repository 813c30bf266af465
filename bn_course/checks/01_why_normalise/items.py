"""Lesson 01: items that come back in review."""

import numpy as np

from bn_course.grading.catalogue import find_question
from bn_course.review.computing import bn
from bn_course.review.item import RIGHT, ask, item


def _largest_rate(x):
    """2 / λmax(xᵀx / N)."""
    x = np.asarray(x, float)
    return 2 / np.linalg.eigvalsh(x.T @ x / len(x)).max()


@item("01-unit", idea="scale")
def unit(draw):
    factor = int(draw.choice([10, 100, 1000]))
    x = draw.uniform(20, 90, size=(6, 1))
    return ask(
        f"A model has one weight, for an input in metres. Now the input is given in units {factor} times smaller, so that its numbers are {factor} times larger. The largest learning rate that works becomes",
        _largest_rate(x) / _largest_rate(x * factor),
        {
            RIGHT: (f"{factor**2} times smaller", factor**2),
            "rate-like-the-input": (f"{factor} times smaller", factor),
            "units-do-not-matter": ("no smaller: the problem is the same", 1.0),
            "rate-grows": (f"{factor} times larger", 1 / factor),
        },
        why="The curvature is the mean of x², and the largest rate is 2 divided by it.",
    )


@item("01-overshoot", idea="training")
def overshoot(draw):
    factor = float(draw.choice([0.5, 1.5, 1.8, 2.2, 2.5]))
    shrink = 1 - factor  # each step multiplies the distance from the minimum by this
    outcome = "flies off" if abs(shrink) > 1 else "settles in jumps" if shrink < 0 else "settles from one side"
    kinds = {
        "flies off": "flies off, further with each step",
        "settles in jumps": "jumps from one side of the minimum to the other, and settles",
        "settles from one side": "approaches from one side",
    }
    others = [kind for kind in kinds if kind != outcome]
    return ask(
        f"Gradient descent on a parabola of curvature λ, with a learning rate of {factor}/λ. The weight",
        outcome,
        {RIGHT: (kinds[outcome], outcome), "limit-unknown": (kinds[others[0]], others[0]), "sides-unknown": (kinds[others[1]], others[1])},
        why=f"A step multiplies the distance from the minimum by 1 − {factor} = {shrink:.1f}.",
    )


@item("01-centre-or-scale", idea="training")
def centre_or_scale(draw):
    mean = int(draw.integers(30, 90))
    x = draw.normal([mean, mean / 10], 1.0, size=(200, 2))

    def condition(x):
        eigenvalues = np.linalg.eigvalsh(x.T @ x / len(x))
        return eigenvalues[-1] / eigenvalues[0]

    centred, scaled = condition(x - x.mean(0)), condition(x / x.std(0))
    return ask(
        f"Two features have means {mean} and {mean / 10:.1f} and deviations of 1. What alone lowers the condition number of least squares more?",
        "centre" if 10 * centred < scaled else "scale" if 10 * scaled < centred else "alike",
        {
            RIGHT: ("subtracting μ", "centre"),
            "only-scales-matter": ("dividing by σ", "scale"),
            "both-alike": ("much the same", "alike"),
        },
        why="The deviations are equal already. The long axis of the valley comes from the means.",
    )


@item("01-bias", idea="paths")
def bias(draw):
    steps = int(draw.choice([50, 100, 200]))
    x, target, b = draw.normal(size=8), 1.0, 0.0
    losses = []
    for _ in range(steps):
        out = x + b - (x + b).mean()
        losses.append(((out - target) ** 2).mean() / 2)
        b -= 0.1 * (out - target).mean()  # the mean treated as a constant
    outcome = "grows" if b > 1 and abs(losses[-1] - losses[0]) < 1e-9 else "settles"
    return ask(
        f"A bias b, then a layer that subtracts the batch's mean. Descent takes {steps} steps on b, and its gradient treats the mean as a constant. The targets have mean 1, which the output never can. Then",
        outcome,
        {
            RIGHT: ("b grows steadily, and the loss is what it was", "grows"),
            "bias-settles": ("b settles where the loss is smallest", "settles"),
            "loss-explodes": ("loss and b both blow up", "explodes"),
        },
        why="The mean takes away whatever b adds, and the gradient does not know it: it is part of the function.",
    )


@item("01-vanish", idea="training")
def vanish(draw):
    layers = int(draw.choice([4, 6, 8, 10]))
    factor = int(draw.choice([1, 4]))
    share = 0.5 * factor  # of the mean square that a ReLU layer passes on when n·s² = factor
    return ask(
        f"{layers} layers of n ReLUs, weights of deviation s, n·s² = {factor}. The root mean square of the input is 1. That of the last layer is about",
        np.sqrt(share) ** layers,
        {
            RIGHT: np.sqrt(factor / 2) ** layers,
            "relu-loses-nothing": np.sqrt(factor) ** layers,
            "half-the-size": (factor / 2) ** layers,
            "depth-adds": np.sqrt(factor / 2) * layers,
        },
        why="A layer multiplies the mean square by n·s², and the ReLU keeps half of that.",
    )


@item("01-sigmoid", idea="training")
def sigmoid(draw):
    width, layers = 100, int(draw.choice([15, 20, 25]))
    a, b = draw.normal(size=(2, width))
    before = np.linalg.norm(a - b)
    for _ in range(layers):
        w = draw.normal(0, np.sqrt(1 / width), size=(width, width))
        a, b = (1 / (1 + np.exp(-h @ w)) for h in (a, b))
    share = np.linalg.norm(a - b) / before
    return ask(
        f"Two different inputs go through {layers} sigmoid layers with weights of deviation √(1/n). How different are the outputs, compared with the inputs?",
        "hardly" if share < 1e-6 else "some" if share < 0.5 else "as much",
        {
            RIGHT: ("millions of times less", "hardly"),
            "sigmoid-keeps-size": ("as different as the inputs", "as much"),
            "shrinks-slowly": (f"about {layers} times less", "some"),
        },
        why="A sigmoid's slope is at most ¼, and each layer multiplies by something below that.",
    )


@item("01-covariate", idea="training")
def covariate(draw):
    shift = float(draw.choice([2.0, 3.0]))
    x = draw.uniform(-1, 1, size=400)
    line = np.polyfit(x, x**2, 1)
    curve = np.polyfit(x, x**2, 2)
    new = x + shift
    errors = [np.abs(np.polyval(fit, new) - new**2).mean() > 0.1 for fit in (line, curve)]
    return ask(
        f"The rule is t = x². A line and a parabola are fitted where x lies between −1 and 1. Then the inputs move by {shift:g}, and the rule stays. The shift does serious harm to",
        "line" if errors == [True, False] else "both" if all(errors) else "neither",
        {
            RIGHT: ("the line only", "line"),
            "shift-always-harms": ("both", "both"),
            "same-rule-no-harm": ("neither: the rule is the same", "neither"),
        },
        why="A model that has the rule itself keeps it; one that fitted the place where the data were does not.",
    )


@item("01-constant", idea="rounding")
def constant(draw):
    value = int(draw.integers(2, 9))
    return ask(
        f"A feature of a training set is {value} in every example. Standardised, as `standardize` asks, it must become",
        bn([value] * 4, eps=1e-8)[0],
        {
            RIGHT: ("0, 0, 0 …", 0.0),
            "constant-column-kept": (f"{value}, {value}, {value} …", float(value)),
            "constant-column-nan": ("NaN: a division by zero", np.nan),
            "constant-becomes-one": ("1, 1, 1 …", 1.0),
        },
        why="Less its mean it is 0, and 0 divided by any number but 0 is 0.",
    )


@item("ask-layer-stds", idea="training")
def layer_stds(draw):
    layers = int(draw.integers(2, 6))
    weights = [draw.normal(size=(4, 4)) for _ in range(layers)]
    found = find_question("layer_stds").reference(draw.normal(size=(5, 4)), weights, np.tanh)
    return ask(
        f"`layer_stds` gets an input, {layers} weight matrices and an activation. How many deviations does it return, and of what?",
        len(found),
        {
            RIGHT: (f"{layers}: of each layer's output, behind the activation", layers),
            "input-listed": (f"{layers + 1}: of the input too", layers + 1),
            "last-layer-only": ("1: of the last layer's output", 1),
        },
        why="The input is not listed, and h goes into the next layer as it was measured.",
    )
