"""Lesson 03: The gradient of f at x by central differences, for x of any shape."""

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


def numerical_gradient(f, x, h=1e-5):
    point = np.array(x, dtype=float)
    gradient = np.zeros_like(point)
    for index in np.ndindex(point.shape):
        centre = point[index]
        point[index] = centre + h
        above = f(point)
        point[index] = centre - h
        below = f(point)
        point[index] = centre
        gradient[index] = (above - below) / (2 * h)
    return gradient


def _numerical_variant(
    f,
    x,
    h=None,
    *,
    h_default=1e-5,
    h_fixed=None,
    upper=1,
    lower=-1,
    divisor="2h",
    sign=1,
    storage="copy",
    moves="one",
    result="float",
):
    h = h_default if h is None else h
    h = h if h_fixed is None else h_fixed
    entries = _ENTRIES[storage](x)
    points = (x if storage in ("ravel", "flatten") else entries,) * 2
    moved = (entries, entries)
    if storage == "two-copies":
        moved = points = (entries, entries.copy())
    gradient = np.zeros(entries.shape, dtype=x.dtype if result == "as-x" else float)
    for index in _indices(entries, moves):
        centre = np.array(entries[index])
        moved[0][index] = moved[0][index] + upper * h
        above = f(points[0])
        back = 0 if storage == "two-copies" else upper
        moved[1][index] = moved[1][index] + (lower - back) * h
        below = f(points[1])
        if storage == "arithmetic":
            entries[index] = entries[index] - lower * h
        elif storage not in ("never", "two-copies"):
            entries[index] = centre
        by = {"2h": 2 * h, "h": h, "2": 2.0, "1": 1.0, "2/h": 2 / h}.get(divisor, 2 * h)
        gradient[index] = above - below / by if divisor == "below" else sign * (above - below) / by
    return gradient.reshape(-1) if result == "flat" else gradient.reshape(x.shape)


# Where the entries are moved: in a copy, in x itself, in a flat view of it (or what is taken for one).
_ENTRIES = {
    "copy": lambda x: np.array(x, dtype=float),
    "integers": np.copy,
    "arithmetic": lambda x: x,
    "never": lambda x: x,
    "two-copies": lambda x: np.array(x, dtype=float),
    "ravel": np.ravel,
    "flatten": lambda x: x.flatten(),
}


def _indices(entries, moves):
    if moves == "rows":
        return range(len(entries))
    return [...] if moves == "all" else np.ndindex(entries.shape)


def _numerical_probes(rng):
    def probe(label, name, x, *more):
        return Probe(label, (name, x, *more), driver="03_backward_pass:gradient")

    return [
        probe(
            "a table, a function of all entries together, h = 0.1", "coupled", rng.normal(size=(3, 4)), 0.1
        ),
        probe("a row, cubes, h = 0.5", "cubes", rng.normal(size=5) + 0.2, 0.5),
        probe("whole numbers, h = 0.25", "coupled", np.array([[1, -2], [0, 2], [1, 1]]), 0.25),
        probe("a single number (no axes), h = 0.5", "cubes", np.array(1.3), 0.5),
        probe("three axes, h = 0.2", "coupled", rng.normal(size=(2, 3, 2)), 0.2),
        probe(
            "every other column of an array", "coupled", rng.normal(size=(2, 3)), 0.1, "every other column"
        ),
        probe("a transposed array", "coupled", rng.normal(size=(3, 2)), 0.1, "transposed"),
        probe("a linear function, h left at its default", "linear", rng.normal(size=(2, 3))),
        probe("a function that wiggles fast, h left at its default", "rapid", rng.uniform(-0.3, 0.3, size=4)),
    ]


def _numerical_example(name, formula, x, *h):
    x = np.array(x)
    given = f"f(x) = {formula}, x = {' '.join(str(x).split())}" + "".join(f", h = {step}" for step in h)
    return Probe("a small case", (name, x, *h), driver="03_backward_pass:gradient", shown=given)


def _linear_is_exact(args, value):
    name, x, *_ = args
    if name != "linear":
        return None
    weights = 1 + np.arange(x.size).reshape(x.shape)
    worst = np.abs(value[0] - weights).max()
    message = f"the gradient of Σ w·x is w, whatever h is; yours is off by {worst:.2g}"
    return message if worst > 1e-5 else None


def _x_came_back(args, value):
    changed = int(value[1])
    entries = "1 entry" if changed == 1 else f"{changed} entries"
    return f"x should come back as it was, to the last bit; {entries} changed" if changed else None


QUESTION = Question(
    name="numerical_gradient",
    points=2,
    level=2,
    reference=numerical_gradient,
    variant=_numerical_variant,
    call="numerical_gradient(f, x, h=1e-5)",
    returns=("gradient", "entries of x that changed"),
    probes=_numerical_probes,
    examples=(
        _numerical_example("squares", "Σ x²", [1.0, 3.0], 0.5),
        _numerical_example("cubes", "x[0]³ + 2·x[1]³", [1.0, 0.1], 0.1),
        _numerical_example("squares", "Σ x²", [1, 3], 0.5),
        _numerical_example("squares", "Σ x²", [[1.0, 3.0]], 0.5),
        _numerical_example("cubes", "x[0]³ + 2·x[1]³", [1, 2], 0.25),
        _numerical_example("rapid", "sin(20000·x)", [0.0]),
        Probe(
            "a transposed array",
            ("squares", np.array([[1.0, 3.0], [2.0, 5.0]]), 0.5, "transposed"),
            driver="03_backward_pass:gradient",
            shown="f(x) = Σ x², x the transpose of [[1. 2.] [3. 5.]], h = 0.5",
        ),
    ),
    misconceptions=(
        mistake("forward-differences", {"lower": 0, "divisor": "h"}, {"upper": 0, "divisor": "h"}),
        mistake("half-a-step", {"lower": 0}, {"upper": 0}),
        mistake("divides-by-h", divisor="h"),
        mistake("not-divided", {"divisor": "1"}, {"divisor": "2"}),
        mistake("times-h", divisor="2/h"),
        mistake("brackets-missing", divisor="below"),
        mistake("wrong-sign", sign=-1),
        mistake("h-ignored", {"h_fixed": 1e-5}, {"h_fixed": 1e-4}, {"h_fixed": 1e-3}, {"h_fixed": 1e-6}),
        mistake(
            "h-default", {"h_default": 1e-3}, {"h_default": 1e-4}, {"h_default": 1e-6}, {"h_default": 1e-8}
        ),
        mistake("all-at-once", moves="all"),
        mistake("rows-at-once", moves="rows"),
        mistake("not-restored", {"storage": "never"}, {"storage": "two-copies"}),
        mistake("restores-by-arithmetic", storage="arithmetic"),
        mistake(
            "integers-rounded",
            {"storage": "integers"},
            {"result": "as-x"},
            {"storage": "integers", "result": "as-x"},
        ),
        mistake(
            "flat-copy", {"storage": "ravel"}, {"storage": "flatten"}, {"storage": "ravel", "result": "as-x"}
        ),
        mistake("flat-result", result="flat"),
    ),
    properties=(
        Property("x comes back as it was", _x_came_back),
        Property("a linear function's gradient is exact", _linear_is_exact),
    ),
)
