"""Lesson 08, gradient_growth_per_layer."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


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
        Probe("two layers", (norms(2, 1.5),)),
        Probe("small numbers", (norms(6, 1.2, scale=1e-3),)),
    ]


def _growth_positive(args, value):
    return "the rate is not positive" if float(np.asarray(value)) <= 0 else None


QUESTION = Question(
    name="gradient_growth_per_layer",
    version=2,
    points=2,
    level=2,
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
        mistake("ends-only", fit="ends"),
        mistake("ends-and-wrong-root", fit="ends-by-n"),
        mistake("total-growth", fit="total"),
        mistake("mean-of-ratios", fit="mean-ratio"),
        mistake("median-of-ratios", fit="median-ratio"),
        mistake("line-through-zero", fit="through-zero"),
        mistake("axes-swapped", fit="swapped"),
        mistake("intercept-instead", fit="intercept"),
        mistake(
            "no-logarithm",
            {"fit": "no-log"},
            {"fit": "no-log", "finish": "none"},
            {"fit": "no-log", "finish": "plus-one"},
        ),
        mistake("no-exponential", finish="none"),
        mistake("one-plus-slope", finish="plus-one"),
        mistake("mixed-bases", {"log": "ten"}, {"log": "two"}),
        mistake("backwards", order="backwards"),
        mistake("squared-norms", power=2),
        mistake("mutates-input"),
    ),
    properties=(Property("a growth is positive", _growth_positive),),
)
