"""Lesson 01, max_stable_learning_rate."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.checks._probes import small
from bn_course.grading.question import Probe, Property, Question


def max_stable_learning_rate(x):
    """2/λmax(xᵀx/N): below it gradient descent on f(w) = ‖xw − t‖²/(2N) converges."""
    return 2 / np.linalg.eigvalsh(x.T @ x / len(x))[-1]


def _max_stable_learning_rate(x, *, numerator=2, per="n", spectrum="largest", centred=False, inverse=False):
    n, d = x.shape
    x = x - x.mean(axis=0) if centred else x
    divisor = {"n": n, "nothing": 1, "n-1": n - 1, "d": d, "entries": n * d, "sqrt": np.sqrt(n)}[per]
    hessian = x.T @ x / divisor
    values = np.linalg.eigvalsh(hessian)
    curvature = {
        "largest": lambda: values[-1],
        "smallest": lambda: values[0],
        "trace": lambda: values.sum(),
        "mean": lambda: values.mean(),
        "diagonal": lambda: np.diag(hessian).max(),
        "frobenius": lambda: np.linalg.norm(hessian),
        "singular": lambda: np.linalg.svd(x, compute_uv=False)[0] / divisor,
        "condition": lambda: values[-1] / values[0],
        "sum-of-ends": lambda: values[0] + values[-1],
        "example": lambda: (x**2).sum(axis=1).max(),
        "largest-entry": lambda: abs(hessian).max(),
    }[spectrum]()
    return curvature if inverse else numerator / curvature


def _rate_probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.5, 3, d) + rng.normal(size=d)

    with_ones = np.column_stack([np.ones(8), table(8, 3)])
    return [
        Probe("seven examples of three features", (table(7, 3),)),
        Probe("a column of ones among the features", (with_ones,)),
        Probe("two features", (table(5, 2),)),
        Probe("a single feature", (table(6, 1),)),
    ]


def _is_the_limit(args, value):
    hessian = args[0].T @ args[0] / len(args[0])
    error = np.ones(len(hessian))

    def left(share):
        step = np.eye(len(hessian)) - share * float(value) * hessian
        with np.errstate(all="ignore"):
            return np.linalg.norm(np.linalg.matrix_power(step, 4096) @ error)

    if not left(0.99) < np.linalg.norm(error):
        return "with 0.99 times your rate, gradient descent diverges"
    if left(1.01) < np.linalg.norm(error):
        return "with 1.01 times your rate, gradient descent still converges"
    return None


QUESTION = Question(
    name="max_stable_learning_rate",
    points=2,
    level=2,
    reference=max_stable_learning_rate,
    variant=_max_stable_learning_rate,
    returns=("the learning rate",),
    probes=_rate_probes,
    examples=(
        small([[1], [3]], label="two examples of one feature"),
        small([[1, 0], [0, 2]], label="two examples of two features"),
        small([[1, 1], [1, 2], [1, 6]], label="three examples of two features"),
    ),
    misconceptions=(
        mistake("half-the-limit", numerator=1),
        mistake("twice-the-limit", numerator=4),
        mistake("not-averaged", per="nothing"),
        mistake("divides-by-n-minus-one", per="n-1"),
        mistake("divides-by-features", {"per": "d"}, {"per": "entries"}),
        mistake("smallest-eigenvalue", spectrum="smallest"),
        mistake(
            "singular-value",
            {"spectrum": "singular"},
            {"spectrum": "singular", "per": "nothing"},
            {"spectrum": "singular", "per": "sqrt"},
        ),
        mistake("trace", spectrum="trace"),
        mistake("mean-eigenvalue", spectrum="mean"),
        mistake("features-one-by-one", {"spectrum": "diagonal"}, {"spectrum": "largest-entry"}),
        mistake("frobenius", spectrum="frobenius"),
        mistake("condition-number", {"spectrum": "condition"}, {"spectrum": "condition", "inverse": True}),
        mistake("best-rate", spectrum="sum-of-ends"),
        mistake("curvature-returned", inverse=True),
        mistake("covariance", {"centred": True}, {"centred": True, "per": "n-1"}),
        mistake("largest-example", spectrum="example"),
        mistake("mutates-input"),
    ),
    properties=(Property("descent converges just below it and diverges just above", _is_the_limit),),
)
