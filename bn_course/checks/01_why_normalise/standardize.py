"""Lesson 01: Give every column of x mean 0 and standard deviation 1; a constant column becomes zeros."""

import numpy as np

from bn_course.checks._forward import SINGLE
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import far_from_zero, small, to_ten_digits
from bn_course.grading.question import Probe, Property, Question


def standardize(x):
    """x̂ = (x − μ) / σ for each column of x (N, D); a constant column becomes zeros."""
    constant = x.max(axis=0) == x.min(axis=0)  # σ of equal numbers need not be 0 in floating point
    centred = np.where(constant, 0, x - x.mean(axis=0))
    return centred / np.where(constant, 1, x.std(axis=0))


def _variant(
    x,
    *,
    axis=0,
    keepdims=True,
    ddof=0,
    centre="mean",
    spread="std",
    order="right",
    guard="zeros",
    eps=0.0,
    result=None,
):
    varies = np.ptp(x, axis=0) > 0
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
        "none": lambda: std,
        "deviation": lambda: np.where(std > 0, std, 1),
        "eps-inside": lambda: np.sqrt(std**2 + eps),
        "eps-outside": lambda: std + eps,
        "floor": lambda: np.maximum(std, eps),
        "threshold": lambda: np.where(std > eps, std, 1),
    }.get(guard, lambda: np.where(varies if axis == 0 else std > 0, std, 1))()
    shift = {"mean": mean, "none": np.zeros_like(mean), "min": low}[centre]
    x_hat = {
        "right": lambda: (x - shift) / scale,
        "precedence": lambda: x - shift / scale,
        "scale-first": lambda: x / scale - shift,
    }[order]()
    x_hat = np.where(varies, x_hat, x) if guard == "kept" else x_hat
    x_hat = x_hat[:, varies] if guard == "dropped" else x_hat
    return x_hat if result is None else x_hat.astype(result)


def _probes(rng):
    def table(n, d):
        return rng.normal(size=(n, d)) * np.geomspace(0.3, 20, d) + rng.normal(size=d) * 5

    constant = table(6, 4)
    constant[:, 2] = 0.75
    uneven = table(200, 2)
    uneven[:, 0], tenths = 1975.3, table(3, 3)
    tenths[:, 1] = 0.1
    # An answer may guard its division by adding 1e-8; rtol leaves room for that, not for 1e-5.
    room = {"rtol": 1e-4}
    return [
        Probe("six examples of four features", (table(6, 4),), **room),
        Probe("features of small scale", (rng.normal(size=(7, 3)) * [0.05, 2e-3, 2e-4] + 0.2,), **room),
        Probe("a constant feature among others", (constant,), **room),
        Probe("a feature that is 0.1 everywhere", (tenths,), **room),
        # Beside 1e-8 the rounding of a mean of 1975.3 is not nothing.
        Probe("a feature that is 1975.3 in 200 examples", (uneven,), rtol=1e-4, atol=2e-3),
        Probe("float64, to ten digits", (1000 * table(6, 3),), rtol=1e-9, atol=1e-10),
        Probe("after a call with other numbers", (table(6, 4),), driver="after_another", **room),
        Probe("as many features as examples", (table(5, 5),), **room),
        Probe("float32, mean 1000", (rng.normal(1000, 1, size=(64, 3)).astype(np.float32),), rounding=True),
    ]


def _column_means(args, value):
    worst = abs(np.mean(value, axis=0, dtype=float)[np.ptp(args[0], axis=0) > 0]).max(initial=0)
    return None if worst < 1e-6 else f"a column has the mean {worst:.2g}"


def _column_deviations(args, value):
    varies = np.ptp(args[0], axis=0) > 0
    stds = np.std(np.asarray(value, dtype=float)[:, varies], axis=0)
    worst = stds[np.argmax(abs(stds - 1))]
    return None if abs(worst - 1) < 1e-4 else f"a column that varies has the standard deviation {worst:.4g}"


def _constant_columns(args, value):
    constant = np.ptp(args[0], axis=0) == 0
    worst = abs(np.asarray(value, dtype=float)[:, constant]).max(initial=0)
    return None if worst < 2e-3 else f"a constant column should be zeros; it reaches {worst:.2g}"


QUESTION = Question(
    name="standardize",
    version=2,
    points=2,
    level=1,
    reference=standardize,
    variant=_variant,
    returns=("the standardised x",),
    probes=_probes,
    examples=(
        small([[0], [4]], label="two examples"),
        small([[0, 8], [4, 8]], label="two examples, one feature constant"),
        small([[0, 1], [8, 3]], label="two examples, two features"),
        small([[0], [0], [3]], label="three examples"),
        small([[0.1], [0.1], [0.1]], label="three times 0.1"),
        small([[0], [0.0004]], label="a small deviation", rtol=1e-4),
        to_ten_digits([[0], [1000], [4000]]),
        far_from_zero([[10001], [10003], [10006]]),
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
        mistake("constant-by-deviation", guard="deviation"),
        mistake("constant-column-kept", guard="kept"),
        mistake("constant-column-dropped", guard="dropped"),
        mistake(
            "floor-too-large",
            *(
                {"guard": guard, "eps": eps}
                for guard in ("floor", "threshold")
                for eps in (1e-3, 0.01, 0.1, 1.0)
            ),
        ),
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
        SINGLE,
        mistake("mutates-input"),
    ),
    properties=(
        Property("every column has mean 0", _column_means),
        Property("every column that varies has standard deviation 1", _column_deviations),
        Property("a constant column becomes zeros", _constant_columns),
    ),
)
