"""Lesson 12: The weight whose rows have the directions of v and the lengths g."""

import numpy as np

from bn_course import norms
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question


# --- weight_norm ------------------------------------------------------------------------------
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
    ]


def _weight(v, g, label="one row"):
    return Probe(label, (np.array(v, float), np.array(g, float)))


def _rows_have_length_g(args, value):
    lengths = np.linalg.norm(np.asarray(value), axis=-1)
    worst = np.abs(lengths - np.abs(args[1])).max()
    return f"row i of w should have length |g[i]|; it is off by {worst:.2g}" if worst > 1e-5 else None


QUESTION = Question(
    name="weight_norm",
    points=1,
    level=1,
    task="The weight whose rows have the directions of v and the lengths g.",
    ask=(
        "Multiply v by 7. What happens to the weight? Multiply g by −1?",
        "Nothing, and every row turns round. Each row of the weight has length |g|: compute it.",
    ),
    reference=weight_norm,
    variant=_weight_variant,
    returns=("w",),
    probes=_weight_probes,
    examples=(
        _weight([[3, 4]], [10]),
        _weight([[3, 4]], [-2]),
        _weight([[3, 4], [0, 2]], [10, 1], label="two rows"),
        _weight([[3, 4], [0, 2], [1, 0]], [1, 2, 3], label="three rows"),
    ),
    properties=(Property("row i has length |g[i]|", _rows_have_length_g),),
    misconceptions=(
        own(
            "wrong-axis",
            "You divide by the length of each column.",
            "A row of v, (out, in), holds the weights of one output. Its length is what g replaces.",
            axis="columns",
        ),
        own(
            "one-norm-for-all",
            "You divide by the length of the whole matrix.",
            "Each output has its own length. (PyTorch's `weight_norm` does what you did with `dim=None`.)",
            axis="all",
        ),
        own(
            "not-divided",
            "You multiply v by g and do not divide by ‖v‖.",
            "The length of v must not matter: only its direction goes into w.",
            length="one",
        ),
        own(
            "norm-squared",
            "You divide by the square of the length.",
            "v/‖v‖ has length 1; v/‖v‖² has length 1/‖v‖. The root is missing.",
            power=2,
        ),
        own(
            "sum-of-absolutes",
            "You divide by the sum of the absolute values.",
            "‖v‖ is the Euclidean length, √Σv². (`np.linalg.norm` gives it; `ord=1` does not.)",
            length="sum",
        ),
        own(
            "largest-entry",
            "You divide by the largest absolute value.",
            "‖v‖ is the Euclidean length, √Σv².",
            length="largest",
        ),
        own(
            "mean-not-sum",
            "You divide by the root mean square of each row.",
            "A length is the root of the sum of squares. With the mean, rows come out √in times too long.",
            length="rms",
        ),
        own(
            "g-ignored",
            "You return v/‖v‖: g has no effect.",
            "g is the length of w, and it is learned.",
            g_is="ignored",
        ),
        own(
            "g-as-logarithm",
            "You multiply by exp(g).",
            "The paper tried this too, to keep lengths positive, and found no use for it. Here g is the length itself.",
            g_is="exp",
        ),
        own(
            "sign-of-g-lost",
            "You multiply by |g|.",
            "A negative g turns the direction round; gradient descent may pass through 0.",
            g_is="size",
        ),
        own(
            "one-g-for-all",
            "You use one number of g for all rows.",
            "g has one entry for each output.",
            g_is="first",
        ),
        own(
            "g-along-inputs",
            "You scale the columns by g.",
            "NumPy lines up the last axes, so g of shape (out,) runs along the inputs. Write `g[:, None]`.",
            along="columns",
        ),
        own(
            "mean-subtracted",
            "You subtract the mean of each row first.",
            "That is centred weight normalisation, a step towards weight standardisation. Weight norm keeps the direction of v.",
            centre=True,
        ),
        own(
            "weight-transposed",
            "You return the weight transposed.",
            "w has the shape of v, (out, in).",
            turned=True,
        ),
        known("mutates-input"),
    ),
    hints=(
        "Which entries belong to one output? They share a length.",
        "`np.linalg.norm(v, axis=1, keepdims=True)` gives the length of each row, shape (out, 1).",
        "g has shape (out,). To run along the rows it needs the shape (out, 1): `g[:, None]`.",
        "`g[:, None] * v / np.linalg.norm(v, axis=1, keepdims=True)`.",
    ),
)
