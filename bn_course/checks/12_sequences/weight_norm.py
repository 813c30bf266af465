"""Lesson 12: The weight whose rows have the directions of v and the lengths g."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import small
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def weight_norm(v, g):
    """g·v/‖v‖, row by row."""
    return norms.weight_norm(v, g)


def _weight_variant(
    v, g, *, axis="rows", length="euclid", power=1, g_is="length", along="rows", centre=False, turned=False
):
    v = v - v.mean(axis=1, keepdims=True) if centre else v
    over = {"rows": 1, "columns": 0, "all": None}[axis]

    def total(values):
        return values.sum(axis=over, keepdims=True)

    norm = {
        "euclid": lambda: np.sqrt(total(v * v)),
        "sum": lambda: total(np.abs(v)),
        "largest": lambda: np.abs(v).max(axis=over, keepdims=True),
        "rms": lambda: np.sqrt(total(v * v) / (v.size / total(v * v).size)),
        "one": lambda: np.ones((1, 1)),
    }[length]()
    g = {
        "length": lambda: g,
        "ignored": lambda: np.ones_like(g),
        "exp": lambda: np.exp(g),
        "size": lambda: np.abs(g),
        "first": lambda: np.full_like(g, g[0]),
    }[g_is]()
    w = v / norm**power * (g[:, None] if along == "rows" else g)
    return w.T if turned else w


def _weight_probes(rng):
    def case(out, into):
        v = rng.normal(0.4, rng.uniform(0.5, 2.0, (out, 1)), (out, into))
        g = rng.uniform(0.4, 2.5, out) * np.where(np.arange(out) % 3 == 1, -1, 1)
        return v, g

    return [
        Probe("4 outputs of 3 inputs", case(4, 3)),
        Probe("as many outputs as inputs", case(3, 3)),
        Probe("2 outputs of 6 inputs", case(2, 6)),
        Probe("one output", case(1, 4)),
        Probe("one input", case(5, 1)),
        Probe("after a call with other numbers", case(3, 4), driver="after_another"),
    ]


def _rows_have_length_g(args, value):
    lengths = np.linalg.norm(np.asarray(value), axis=-1)
    worst = np.abs(lengths - np.abs(args[1])).max()
    return worst_of("row i of w should have length |g[i]|", worst)


QUESTION = Question(
    name="weight_norm",
    points=1,
    level=1,
    reference=weight_norm,
    variant=_weight_variant,
    returns=("w",),
    probes=_weight_probes,
    examples=(
        small([[3, 4]], [10], label="one row"),
        small([[3, 4]], [-2], label="one row"),
        small([[3, 4], [0, 2]], [10, 1], label="two rows"),
        small([[3, 4], [0, 2], [1, 0]], [1, 2, 3], label="three rows"),
    ),
    properties=(Property("row i has length |g[i]|", _rows_have_length_g),),
    misconceptions=(
        mistake("wrong-axis", axis="columns"),
        mistake("one-norm-for-all", axis="all"),
        mistake("not-divided", length="one"),
        mistake("norm-squared", power=2),
        mistake("sum-of-absolutes", length="sum"),
        mistake("largest-entry", length="largest"),
        mistake("mean-not-sum", length="rms"),
        mistake("g-ignored", g_is="ignored"),
        mistake("g-as-logarithm", g_is="exp"),
        mistake("sign-of-g-lost", g_is="size"),
        mistake("one-g-for-all", g_is="first"),
        mistake("g-along-inputs", along="columns"),
        mistake("mean-subtracted", centre=True),
        mistake("weight-transposed", turned=True),
        mistake("mutates-input"),
    ),
)
