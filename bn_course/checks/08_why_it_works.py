"""Lesson 08: the effective learning rate, the loss along the gradient, gradients from layer to layer."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# effective_learning_rate ---------------------------------------------------------------------------


def effective_learning_rate(lr, weight):
    """η/‖w‖²: the rate at which the direction of w moves, where the length of w does not matter."""
    return float(lr / np.sum(weight**2))


def _effective(lr, weight, *, length="euclid", power=2, use="divide", rate="argument", guard=0.0):
    norm = {
        "euclid": lambda: np.sqrt(np.sum(weight**2)),
        "root-mean-square": lambda: np.sqrt(np.mean(weight**2)),
        "absolute": lambda: np.sum(abs(weight)),
        "spectral": lambda: np.linalg.norm(weight, 2),
        "largest": lambda: abs(weight).max(),
        "deviation": lambda: weight.std(),
        "rows": lambda: np.sqrt(np.sum(weight**2, axis=tuple(range(1, weight.ndim)))),
        "columns": lambda: np.sqrt(np.sum(weight**2, axis=0)),
    }[length]()
    lr = {"argument": lr, "squared": lr**2, "ignored": 1.0}[rate]
    size = norm**power + guard
    return {"divide": lr / size, "multiply": lr * size, "upside-down": size / lr}[use]


def _effective_probes(rng):
    def weight(*shape):
        return rng.normal(size=shape) * 0.8 + 0.3

    exact = {"atol": 1e-9}
    return [
        Probe("a linear layer, 4 by 3", (0.7, weight(4, 3)), **exact),
        Probe("a small learning rate", (0.03, weight(2, 5)), **exact),
        Probe("a rate above 1, short weights", (2.5, weight(3, 3) * 0.2), **exact),
        Probe("a vector", (0.4, weight(6)), **exact),
        Probe("a convolution, 2 by 3 by 3 by 3", (0.9, weight(2, 3, 3, 3)), **exact),
    ]


def _positive(args, value):
    return "the rate is not positive" if not np.all(np.asarray(value) > 0) else None


EFFECTIVE_LEARNING_RATE = Question(
    name="effective_learning_rate",
    points=1,
    level=1,
    task="Return η/‖w‖² for a layer that batch norm follows.",
    ask=(
        "Make every weight twice as large. What happens to the output, to the gradient, and to the angle by which a step turns w?",
        "Nothing, half, and a quarter: half the gradient on twice the length. Hence η over the sum of all squares.",
    ),
    reference=effective_learning_rate,
    variant=_effective,
    returns=("the effective learning rate",),
    probes=_effective_probes,
    examples=(
        Probe("one row of two", (0.5, np.array([[3.0, 4.0]]))),
        Probe("two rows of two", (2.0, np.array([[1.0, 2.0], [0.0, -2.0]]))),
        Probe("short weights, a small rate", (0.002, np.array([[0.01, 0.02]])), atol=1e-9),
    ),
    misconceptions=(
        own(
            "not-squared",
            "You divide by ‖w‖, not by its square.",
            "One factor 1/‖w‖ comes from the gradient, which shrinks as the weights grow. The other comes from "
            "the angle: a step of the same length turns a long vector less. Both count.",
            power=1,
        ),
        own(
            "squared-twice",
            "You divide by ‖w‖⁴.",
            "The sum of the squares is ‖w‖² already.",
            power=4,
        ),
        own(
            "mean-not-sum",
            "You divide by the mean of the squares.",
            "‖w‖² is their sum. With the mean the rate would not know how many weights there are.",
            length="root-mean-square",
        ),
        own(
            "deviation",
            "You divide by the variance of the weights.",
            "The length of w is measured from 0, so no mean is taken away, and the squares are added up.",
            length="deviation",
        ),
        own(
            "absolute-values",
            "You add up absolute values.",
            "‖w‖ is the Euclidean length, the root of the sum of the squares.",
            length="absolute",
        ),
        own(
            "spectral-norm",
            "You use the spectral norm, the largest singular value.",
            "For a matrix, `np.linalg.norm(w, 2)` is that one. ‖w‖ here takes all entries as one long vector: "
            "`np.linalg.norm(w)` without a second argument.",
            length="spectral",
        ),
        own(
            "largest-weight",
            "You divide by the square of the largest weight.",
            "All weights make up the length, not the largest alone.",
            length="largest",
        ),
        own(
            "one-rate-a-row",
            "You return a rate for each row, or for each column, of the weights.",
            "That is a fair thing to look at, since batch norm makes each row's length irrelevant by itself. Here "
            "one number for the whole layer is asked for: add over all axes.",
            {"length": "rows"},
            {"length": "columns"},
        ),
        own(
            "multiplied",
            "You multiply by ‖w‖².",
            "Longer weights turn more slowly: the effective rate falls as they grow.",
            use="multiply",
        ),
        own(
            "upside-down",
            "Your fraction is upside down: ‖w‖²/η.",
            "The effective rate is in proportion to the learning rate, so η belongs in the numerator.",
            use="upside-down",
        ),
        own(
            "rate-squared",
            "You square the learning rate.",
            "A step has the length η‖gradient‖, so the effective rate is in proportion to η.",
            rate="squared",
        ),
        own(
            "rate-ignored",
            "The learning rate has no effect in your answer.",
            "The effective rate is in proportion to η.",
            rate="ignored",
        ),
        own(
            "eps-added",
            "You add an ε to ‖w‖².",
            "No ε is asked for: weights of length 0 have no direction, and no effective rate.",
            guard=1e-5,
        ),
        known("mutates-input"),
    ),
    properties=(Property("the effective rate is positive", _positive),),
    hints=(
        "‖w‖² is the sum of the squares of all weights, whatever their shape. What divides by it?",
        "The longer the weights, the slower they turn, so ‖w‖² stands below the line and η above.",
        "`lr / np.sum(weight**2)`, or with `np.linalg.norm(weight) ** 2`.",
    ),
)

# loss_range_along_gradient -------------------------------------------------------------------------


def loss_range_along_gradient(loss, w, grad, step_sizes):
    """(min, max) of loss(w − s·grad) over the step sizes s."""
    losses = [loss(w - size * grad) for size in step_sizes]
    return min(losses), max(losses)


def _range(
    loss,
    w,
    grad,
    step_sizes,
    *,
    sign=-1,
    path="from-w",
    direction="gradient",
    start=False,
    sizes="all",
    returned="min-max",
):
    direction = {
        "gradient": grad,
        "unit": grad / np.linalg.norm(grad),
        "sign": np.sign(grad),
        "descent-on-w": w,
    }[direction]
    taken = {"all": step_sizes, "not-last": step_sizes[:-1], "not-first": step_sizes[1:]}[sizes]
    taken = np.concatenate([[0.0], taken]) if start else np.asarray(taken)
    reach = np.cumsum(taken) if path == "cumulative" else taken
    losses = np.array([loss(w + sign * size * direction) for size in reach])
    return {
        "min-max": lambda: (losses.min(), losses.max()),
        "max-min": lambda: (losses.max(), losses.min()),
        "width": lambda: losses.max() - losses.min(),
        "ends": lambda: (losses[0], losses[-1]),
        "where": lambda: (taken[losses.argmin()], taken[losses.argmax()]),
        "change": lambda: (losses.min() - loss(w), losses.max() - loss(w)),
        "all": lambda: losses,
    }[returned]()


def _loss_probe(label, curvature, centre, w, grad, step_sizes):
    arrays = [np.asarray(a, float) for a in (curvature, centre, w, grad, step_sizes)]
    lists = [a.tolist() for a in arrays]
    return Probe(
        label,
        tuple(arrays),
        driver="08_why_it_works:with_loss",
        shown=f"loss(v) = Σ c·(v − m)²/2 with c = {lists[0]} and m = {lists[1]}; "
        f"w = {lists[2]}, grad = {lists[3]}, step_sizes = {lists[4]}",
    )


def _range_probes(rng):
    def probe(label, shape, sizes):
        curvature = rng.uniform(0.3, 2.0, shape)
        centre, w = rng.normal(size=shape), rng.normal(size=shape) * 2
        slope = curvature * (w - centre)
        return _loss_probe(label, curvature, centre, w, slope + 0.2 * rng.normal(size=shape), sizes)

    return [
        probe("five weights, five steps", 5, [0.1, 0.45, 1.1, 1.6, 2.3]),
        probe("a matrix of weights", (3, 2), [0.05, 0.2, 0.3]),
        probe("steps that all overshoot", 4, [3.5, 2.5, 4.5, 3.0]),
        probe("steps in no order", (2, 3), [0.9, 0.2, 2.8, 0.4]),
        probe("a single step", 4, [0.3]),
    ]


def _in_order(args, value):
    low, high = (float(np.asarray(v)) for v in value)
    return "the first number is larger than the second" if low > high + 1e-9 else None


LOSS_RANGE_ALONG_GRADIENT = Question(
    name="loss_range_along_gradient",
    points=2,
    level=2,
    task="Return the smallest and the largest loss(w − s·grad) over the step sizes s.",
    ask=(
        "loss(w) = w², w = 1, gradient 2, steps 0.25 and 1. At which points do you evaluate the loss?",
        "At 0.5 and −1, both from w = 1: (0.25, 1). w itself is not among them, and no step begins where another ended.",
    ),
    reference=loss_range_along_gradient,
    variant=_range,
    returns=("the smallest loss", "the largest loss"),
    probes=_range_probes,
    examples=(
        _loss_probe("one weight, two steps", [1.0], [0.0], [4.0], [2.0], [1.0, 2.5]),
        _loss_probe("one weight, three steps", [2.0], [1.0], [3.0], [2.0], [2.0, 0.5, 1.5]),
        _loss_probe("two weights, two steps", [1.0, 2.0], [0.0, 0.0], [2.0, 1.0], [2.0, 3.0], [2.0, 1.0]),
    ),
    misconceptions=(
        own(
            "uphill",
            "You step along + grad.",
            "The gradient points uphill; a step of gradient descent is w − s·grad.",
            sign=1,
        ),
        own(
            "steps-accumulate",
            "You start each step where the last one ended.",
            "All points lie on one line through the same w: each step size is measured from there. Keep w, and "
            "compute w − s·grad anew for each s. (`w -= s * grad` would also change the caller's array.)",
            path="cumulative",
        ),
        own(
            "unit-gradient",
            "You divide the gradient by its length.",
            "A step of size s goes as far as s·‖grad‖: that is what gradient descent does at learning rate s, "
            "and why a steep place is dangerous.",
            direction="unit",
        ),
        own(
            "sign-of-gradient",
            "You step along the sign of the gradient.",
            "That is another method. Here each weight moves in proportion to its entry of grad.",
            direction="sign",
        ),
        own(
            "along-the-weights",
            "You step along w instead of grad.",
            "w − s·w changes the length of w. The landscape is wanted along the gradient.",
            direction="descent-on-w",
        ),
        own(
            "start-included",
            "You count the loss at w itself.",
            "s = 0 is among the points only if step_sizes has it.",
            start=True,
        ),
        own(
            "last-step-left-out",
            "You leave the last step size out.",
            "Every entry of step_sizes counts; the last one is often where the loss is largest.",
            sizes="not-last",
        ),
        own(
            "first-step-left-out",
            "You leave the first step size out.",
            "Every entry of step_sizes counts.",
            sizes="not-first",
        ),
        own(
            "swapped-outputs",
            "You return the largest loss first.",
            "The order is (min, max).",
            returned="max-min",
        ),
        own(
            "width-returned",
            "You return the difference of the two.",
            "Asked for are both ends of the range, (min, max).",
            returned="width",
        ),
        own(
            "ends-of-the-walk",
            "You return the losses at the first and the last step size.",
            "The smallest loss is often in between, and step_sizes need not be in order.",
            returned="ends",
        ),
        own(
            "where-not-what",
            "You return step sizes, not losses.",
            "Asked for is how low and how high the loss is, not where.",
            returned="where",
        ),
        own(
            "change-returned",
            "You subtract the loss at w.",
            "Asked for are the losses themselves.",
            returned="change",
        ),
        own(
            "all-losses-returned",
            "You return every loss.",
            "Asked for are the smallest and the largest of them.",
            returned="all",
        ),
    ),
    properties=(Property("the smallest comes first", _in_order),),
    hints=(
        "For each step size s there is one point, w − s·grad, and one loss. How many losses are there in all?",
        "Collect them: `losses = [loss(w - s * grad) for s in step_sizes]`. Each starts at the same w.",
        "Return `min(losses), max(losses)`.",
    ),
)

# gradient_growth_per_layer -------------------------------------------------------------------------


def gradient_growth_per_layer(norms):
    """exp of the least-squares slope of log norms over the layers, in the order given."""
    slope, _ = np.polyfit(np.arange(len(norms)), np.log(norms), 1)
    return float(np.exp(slope))


def _growth(norms, *, fit="line", log="natural", finish="exp", order="given", power=1):
    values = np.asarray(norms, float)[:: -1 if order == "backwards" else 1] ** power
    layers = np.arange(len(values), dtype=float)
    log_of = {"natural": np.log, "ten": np.log10, "two": np.log2}[log]
    logs = log_of(values)
    last = len(values) - 1
    slope = {
        "line": lambda: np.polyfit(layers, logs, 1)[0],
        "ends": lambda: (logs[-1] - logs[0]) / last,
        "ends-by-n": lambda: (logs[-1] - logs[0]) / (last + 1),
        "total": lambda: logs[-1] - logs[0],
        "mean-ratio": lambda: log_of((values[1:] / values[:-1]).mean()),
        "median-ratio": lambda: log_of(np.median(values[1:] / values[:-1])),
        "through-zero": lambda: (layers @ logs) / (layers @ layers),
        "swapped": lambda: np.polyfit(logs, layers, 1)[0],
        "intercept": lambda: np.polyfit(layers, logs, 1)[1],
        "no-log": lambda: np.polyfit(layers, values, 1)[0],
    }[fit]()
    return {"exp": lambda: np.exp(slope), "none": lambda: slope, "plus-one": lambda: 1 + slope}[finish]()


def _growth_probes(rng):
    def norms(layers, rate, scale=1.0):
        return (scale * rate ** np.arange(layers) * np.exp(0.2 * rng.normal(size=layers))).tolist()

    return [
        Probe("seven layers that grow", (norms(7, 1.3),)),
        Probe("nine layers that shrink", (norms(9, 0.6, scale=20.0),)),
        Probe("five layers about alike", (norms(5, 1.0, scale=3.0),)),
        Probe("small numbers", (norms(6, 1.2, scale=1e-3),)),
    ]


def _growth_positive(args, value):
    return "the rate is not positive" if float(np.asarray(value)) <= 0 else None


GRADIENT_GROWTH_PER_LAYER = Question(
    name="gradient_growth_per_layer",
    points=2,
    level=2,
    task="Return the factor by which norms grow from one layer to the next, from a line through their logs.",
    ask=(
        "What do you return for 1, 2, 4, 8? And for 1, 2, 4, 100, where the last layer alone is odd?",
        "2, and 4.27. First and last alone say 4.64: the line listens to every layer, on the scale on which growth is straight.",
    ),
    reference=gradient_growth_per_layer,
    variant=_growth,
    returns=("the growth a layer",),
    probes=_growth_probes,
    examples=(
        Probe("three layers", ([1.0, 4.0, 4.0],)),
        Probe("four layers", ([2.0, 4.0, 4.0, 16.0],)),
        Probe("four layers that shrink", ([8.0, 2.0, 1.0, 1.0],)),
    ),
    misconceptions=(
        own(
            "ends-only",
            "You use the first and the last norm alone: (last/first)^(1/(n − 1)).",
            "Two layers then decide, and those at the ends are the most unlike the rest. A line through all "
            "points lets each layer have its say.",
            fit="ends",
        ),
        own(
            "ends-and-wrong-root",
            "You take the n-th root of last/first.",
            "n layers have n − 1 steps between them; and a line through all points is asked for.",
            fit="ends-by-n",
        ),
        own(
            "total-growth",
            "You return how much the last is larger than the first.",
            "Asked for is the factor for one layer.",
            fit="total",
        ),
        own(
            "mean-of-ratios",
            "You average the ratios of neighbours.",
            "Ratios multiply, so a 2 and a ½ should cancel; their mean is 1.25. Take logarithms first, and fit a line.",
            fit="mean-ratio",
        ),
        own(
            "median-of-ratios",
            "You take the median of the ratios of neighbours.",
            "It overlooks all the others. The slope of a line through the logs uses every layer.",
            fit="median-ratio",
        ),
        own(
            "line-through-zero",
            "You force the line through log norm 0 at the first layer.",
            "The first norm need not be 1: let the line have an intercept. (`polyfit` gives it one.)",
            fit="through-zero",
        ),
        own(
            "axes-swapped",
            "You fit the layer against log norm.",
            "The order in `np.polyfit(x, y, 1)`: the layers are x, the logs are y.",
            fit="swapped",
        ),
        own(
            "intercept-instead",
            "You take the intercept of the line.",
            "`np.polyfit` gives the highest power first: the slope is `[0]`.",
            fit="intercept",
        ),
        own(
            "no-logarithm",
            "You fit the norms themselves, not their logarithms.",
            "Exponential growth is a straight line in the logarithm alone.",
            {"fit": "no-log"},
            {"fit": "no-log", "finish": "none"},
            {"fit": "no-log", "finish": "plus-one"},
        ),
        own(
            "no-exponential",
            "You return the slope of the logs.",
            "A slope of 0.19 means a factor of e^0.19 = 1.21: take `np.exp` of it.",
            finish="none",
        ),
        own(
            "one-plus-slope",
            "You return 1 + slope.",
            "That is e^slope for small slopes only.",
            finish="plus-one",
        ),
        own(
            "mixed-bases",
            "You take logarithms of base 10 or 2, and go back with e.",
            "`np.exp` undoes `np.log`. With `np.log10`, go back with 10**slope.",
            {"log": "ten"},
            {"log": "two"},
        ),
        own(
            "backwards",
            "You go through the list from its end.",
            "The growth is asked for in the order given.",
            order="backwards",
        ),
        own(
            "squared-norms",
            "Your rate is that of the squared norms.",
            "Theory often speaks of ‖gradient‖², which grows by π/(π − 1) a layer under batch norm. The norm itself "
            "grows by the root of that.",
            power=2,
        ),
    ),
    properties=(Property("a growth is positive", _growth_positive),),
    hints=(
        "If each norm is r times the one before, what does log norm look like against the layer?",
        "It is a straight line, with slope log r. Fit one through all points: `np.polyfit(layers, logs, 1)`.",
        "`slope = np.polyfit(np.arange(len(norms)), np.log(norms), 1)[0]`, and then `np.exp(slope)`.",
    ),
)

QUESTIONS = (EFFECTIVE_LEARNING_RATE, LOSS_RANGE_ALONG_GRADIENT, GRADIENT_GROWTH_PER_LAYER)

PREDICTIONS = {
    "08-noise": Prediction("b"),
    "08-plateau": Prediction("a"),
    "08-longer-weights": Prediction("b"),
    "08-every-step": Prediction("a"),
    "08-huge-rate": Prediction("c"),
    "08-decay": Prediction("c"),
    "08-fixed-affine": Prediction("b"),
    "08-explosion": Prediction("c"),
    "08-smaller-weights": Prediction("b"),
}
