"""Lesson 01: Give every column of x mean 0 and deviation 1; a constant column becomes zeros."""

import numpy as np

from bn_course.checks._shared import known, own
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
    task="Give every column of x mean 0 and deviation 1; a constant column becomes zeros.",
    ask=(
        "A column is 5, 5, 5. What does your code divide by there, and what is it that is divided?",
        "By σ = 0, and the centred column is 0, 0, 0: NaN. Any divisor that is not 0 leaves the zeros that are asked for.",
    ),
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
            "float32, a large mean",
            (np.array([[10001], [10003], [10006]], dtype=np.float32),),
            rounding=True,
        ),
    ),
    misconceptions=(
        own(
            "sample-variance",
            "You divide the sum of squares by N − 1.",
            "The columns then have the deviation √((N − 1)/N), not 1. N − 1 is for estimating a variance "
            "that you cannot see from a sample of it; here the deviation of these very numbers is to be 1. "
            "NumPy's `std` divides by N unless `ddof=1` says otherwise; torch's and pandas' divide by N − 1.",
            ddof=1,
        ),
        own(
            "wrong-axis",
            "You take the mean and the deviation of each row.",
            "A row is one example: its numbers are in different units, metres beside years, and their mean "
            "means nothing. Each feature is a column, so the statistics run over the examples: axis 0.",
            {"axis": 1},
            {"axis": 1, "keepdims": False},
        ),
        known("global-statistics", axis=None),
        known("mean-not-subtracted", centre="none"),
        known("only-centred", spread="none"),
        known("divides-by-variance", spread="var"),
        own(
            "divides-by-norm",
            "You divide by the length of the centred column.",
            "Its length is √(Σ(x − μ)²), which grows with N. The deviation is √(Σ(x − μ)²/N).",
            spread="norm",
        ),
        own(
            "mean-absolute-deviation",
            "You divide by the mean of |x − μ|.",
            "That is a measure of spread too, and a smaller one. The standard deviation is the root of the "
            "mean square.",
            spread="absolute",
        ),
        own(
            "min-max",
            "You scale each column to the interval from 0 to 1.",
            "That is min-max scaling. It leaves a mean that is not zero, and its scale hangs on the two most "
            "extreme examples. Here each column gets mean 0 and deviation 1.",
            centre="min",
            spread="range",
        ),
        own(
            "division-before-subtraction",
            "You compute x − (μ/σ): the division comes before the subtraction.",
            "In Python, as on paper, `x - mean / std` is x − (mean/std). Put x − mean in brackets.",
            order="precedence",
        ),
        own(
            "mean-not-scaled",
            "You compute x/σ − μ.",
            "After the division the column's mean is μ/σ, so μ is no longer what has to be subtracted. "
            "Subtract first.",
            order="scale-first",
        ),
        own(
            "constant-column-nan",
            "A constant column becomes NaN.",
            "Its deviation is 0, and 0/0 is not a number. One NaN in the data makes every gradient NaN. "
            "Divide by something else where σ is 0.",
            guard="none",
        ),
        own(
            "constant-column-kept",
            "You leave a constant column as it is.",
            "It should be centred all the same, and then it is zeros: a column without information, and "
            "without influence.",
            guard="kept",
        ),
        own(
            "constant-column-dropped",
            "You leave constant columns out of the result.",
            "The result should have the shape of x, so that the weights still fit.",
            guard="dropped",
        ),
        own(
            "eps-too-large",
            "You add an ε to the variance or to the deviation that is large enough to show.",
            "It avoids 0/0, and it also shrinks every column whose deviation is small: in other units the "
            "same data come out differently. An ε here must vanish beside any real deviation (1e-8 is small "
            "enough), or σ = 0 is treated by itself. In batch norm ε is part of the definition: lesson 02.",
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
        known("one-pass-variance", rounding=True),
        known("mutates-input"),
    ),
    properties=(
        Property("every column has mean 0", _column_means),
        Property("every column that varies has deviation 1", _column_deviations),
        Property("a constant column becomes zeros", _constant_columns),
    ),
    hints=(
        "Two statistics for each column, so two arrays of D numbers. Over which axis does NumPy have to go?",
        "`x.mean(axis=0)` and `x.std(axis=0)` have shape (D,), and NumPy lines them up with the columns of x.",
        "What is the deviation of a constant column, and what happens when you divide by it? Its centred "
        "values are zeros already, so any other divisor will do.",
        "`std = x.std(axis=0)`, then `(x - x.mean(axis=0)) / np.where(std > 0, std, 1)`.",
    ),
)
