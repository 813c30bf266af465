"""Lesson 08, gradient_growth_per_layer."""

import numpy as np

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Property, Question


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


QUESTION = Question(
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
