"""Lesson 01: Give every column of x mean 0 and deviation 1; a constant column becomes zeros."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


# standardize ---------------------------------------------------------------------------------------
def standardize(x):
    """x̂ = (x − μ) / σ for each column of x (N, D); a constant column becomes zeros."""
    centred = x - x.mean(axis=0)
    std = x.std(axis=0)
    return centred / np.where(std > 0, std, 1)


def _standardize(
    x, *, axis=0, keepdims=True, ddof=0, centre="mean", spread="std", order="right", guard="one", eps=0.0
):
    mean = x.mean(axis=axis, keepdims=keepdims)
    low = x.min(axis=axis, keepdims=keepdims)
    var = ((x - x.mean(axis=axis, keepdims=True)) ** 2).sum(axis=axis, keepdims=keepdims)
    divisor = (x.size if axis is None else x.shape[axis]) - ddof
    std = {
        "std": lambda: np.sqrt(var / divisor),
        "var": lambda: var / divisor,
        "norm": lambda: np.sqrt(var),
        "absolute": lambda: abs(x - mean).mean(axis=axis, keepdims=keepdims),
        "range": lambda: x.max(axis=axis, keepdims=keepdims) - low,
        "none": lambda: np.ones_like(var),
    }[spread]()
    scale = {
        "one": lambda: np.where(std > 0, std, 1),
        "none": lambda: std,
        "kept": lambda: np.where(std > 0, std, 1),
        "dropped": lambda: np.where(std > 0, std, 1),
        "eps-inside": lambda: np.sqrt(std**2 + eps),
        "eps-outside": lambda: std + eps,
    }[guard]()
    shift = {"mean": mean, "none": np.zeros_like(mean), "min": low}[centre]
    x_hat = {
        "right": lambda: (x - shift) / scale,
        "precedence": lambda: x - shift / scale,
        "scale-first": lambda: x / scale - shift,
    }[order]()
    varies = np.ptp(x, axis=0) > 0
    if guard == "kept":
        return np.where(varies, x_hat, x)
    return x_hat[:, varies] if guard == "dropped" else x_hat


def _standardize_probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.3, 20, d) + rng.normal(size=d) * 5

    constant = table(6, 4)
    constant[:, 2] = 0.75
    small = rng.normal(size=(7, 3)) * 0.05 + 0.2
    # An answer may guard its division by adding 1e-8; rtol leaves room for that, not for 1e-5.
    room = {"rtol": 1e-4}
    return [
        Probe("six examples of four features", (table(6, 4),), **room),
        Probe("features with a deviation of about 0.05", (small,), **room),
        Probe("a constant feature among others", (constant,), **room),
        Probe("as many features as examples", (table(5, 5),), **room),
        Probe("float32, mean 1000", (rng.normal(1000, 1, size=(64, 3)).astype(np.float32),), rounding=True),
    ]


def _column_means(args, value):
    worst = abs(np.mean(value, axis=0, dtype=float)).max()
    return None if worst < 1e-6 else f"a column has the mean {worst:.2g}"


def _column_deviations(args, value):
    varies = np.ptp(args[0], axis=0) > 0
    stds = np.std(np.asarray(value, dtype=float)[:, varies], axis=0)
    worst = stds[np.argmax(abs(stds - 1))]
    return None if abs(worst - 1) < 1e-4 else f"a column that varies has the deviation {worst:.4g}"


def _constant_columns(args, value):
    constant = np.ptp(args[0], axis=0) == 0
    return None if np.all(np.asarray(value)[:, constant] == 0) else "a constant column is not zeros"


QUESTION = Question(
    name="standardize",
    points=2,
    level=1,
    reference=standardize,
    variant=_standardize,
    returns=("the standardised x",),
    probes=_standardize_probes,
    examples=(
        Probe("two examples", (np.array([[0.0], [4.0]]),)),
        Probe("two examples, one feature constant", (np.array([[0.0, 8.0], [4.0, 8.0]]),)),
        Probe("two examples, two features", (np.array([[0.0, 1.0], [8.0, 3.0]]),)),
        Probe("three examples", (np.array([[0.0], [0.0], [3.0]]),)),
        Probe("a small deviation", (np.array([[0.0], [0.002]]),), rtol=1e-4),
        Probe(
            "float32, a large mean", (np.array([[10001], [10003], [10006]], dtype=np.float32),), rounding=True
        ),
    ),
    misconceptions=(
        mistake("sample-variance", ddof=1),
        mistake("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": False}),
        mistake("global-statistics", axis=None),
        mistake("mean-not-subtracted", centre="none"),
        mistake("only-centred", spread="none"),
        mistake("divides-by-variance", spread="var"),
        mistake("divides-by-norm", spread="norm"),
        mistake("mean-absolute-deviation", spread="absolute"),
        mistake("min-max", centre="min", spread="range"),
        mistake("division-before-subtraction", order="precedence"),
        mistake("mean-not-scaled", order="scale-first"),
        mistake("constant-column-nan", guard="none"),
        mistake("constant-column-kept", guard="kept"),
        mistake("constant-column-dropped", guard="dropped"),
        mistake(
            "eps-too-large",
            *(
                {"guard": guard, "eps": eps}
                for guard, eps in (
                    ("eps-inside", 1e-5),
                    ("eps-inside", 1e-3),
                    ("eps-inside", 1e-6),
                    ("eps-outside", 1e-5),
                    ("eps-outside", 1e-3),
                )
            ),
        ),
        mistake("one-pass-variance", rounding=True),
        mistake("mutates-input"),
    ),
    properties=(
        Property("every column has mean 0", _column_means),
        Property("every column that varies has deviation 1", _column_deviations),
        Property("a constant column becomes zeros", _constant_columns),
    ),
)
