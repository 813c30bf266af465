"""Lesson 08: Return η/‖w‖² for a layer that batch norm follows."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question


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


QUESTION = Question(
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
