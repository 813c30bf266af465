"""Lesson 01: Return the standard deviation of h after each layer h ← activation(h @ W), as a list of floats."""

from itertools import pairwise

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


def layer_stds(x, weights, activation):
    """For each layer h ← activation(h @ W): the standard deviation over all entries of h."""
    stds, h = [], x
    for weight in weights:
        h = activation(h @ weight)
        stds.append(float(h.std()))
    return stds


def _layer_stds(
    x,
    weights,
    activation,
    *,
    activate="after",
    record="after",
    transposed=False,
    chained=True,
    measure="std",
    ddof=0,
    listed="layers",
):
    measures = {
        "std": lambda h: h.std(ddof=ddof),
        "var": lambda h: h.var(ddof=ddof),
        "rms": lambda h: np.sqrt((h**2).mean()),
        "mean": lambda h: h.mean(),
        "features": lambda h: h.std(axis=0, ddof=ddof).mean(),
        "examples": lambda h: h.std(axis=1, ddof=ddof).mean(),
        "each-feature": lambda h: h.std(axis=0, ddof=ddof),
    }[measure]
    stds, h = [measures(x)] if listed == "with-input" else [], x
    last = len(weights) - 1
    for i, weight in enumerate(weights):
        skipped = {"never": True, "not-last": i == last, "only-last": i < last}.get(activate, False)
        act = (lambda a: a) if skipped else activation
        start = h if chained else x
        weight = weight.T if transposed else weight
        a = act(start) @ weight if activate == "before" else start @ weight
        h = a if activate == "before" else act(a)
        stds.append(measures(a if record == "before" else h))
    return {"last": lambda: stds[-1], "backwards": lambda: stds[::-1]}.get(listed, lambda: stds)()


def _net(label, rng, n, sizes, activation):
    x = rng.normal(size=(n, sizes[0])) * 1.5 + 0.3
    weights = [rng.normal(size=(i, o)) * 1.2 for i, o in pairwise(sizes)]
    return _stds_probe(label, x, weights, activation)


def _stds_probe(label, x, weights, activation):
    shown = f"x = {x.tolist()}, weights = {[w.tolist() for w in weights]}, activation = {activation}"
    return Probe(
        label,
        (x, list(weights), activation),
        driver="01_why_normalise:with_activation",
        returns=tuple(f"layer {i}" for i in range(1, len(weights) + 1)),
        shown=shown,
    )


def _layer_stds_probes(rng):
    return [
        _net("three layers with ReLU", rng, 6, (4, 5, 3, 7), "relu"),
        _net("three layers with tanh", rng, 6, (3, 5, 4, 2), "tanh"),
        _net("three square layers with ReLU", rng, 5, (4, 4, 4, 4), "relu"),
        _net("two layers with the sigmoid", rng, 7, (2, 4, 3), "sigmoid"),
        _net("one layer without an activation", rng, 6, (3, 2), "identity"),
    ]


def _not_negative(args, value):
    return "a standard deviation is negative" if min(map(float, value)) < 0 else None


def _first_layer(args, value):
    x, weights, activation = args
    if activation != "identity":
        return None
    # σ² = mean of the features' variances + variance of the features' means
    h = x @ weights[0]
    std = np.sqrt(h.var(axis=0).mean() + h.mean(axis=0).var())
    return None if np.isclose(float(value[0]), std, rtol=1e-4) else "the first is not that of x @ W"


QUESTION = Question(
    name="layer_stds",
    version=2,
    points=2,
    level=2,
    reference=layer_stds,
    variant=_layer_stds,
    returns=("the standard deviations",),
    probes=_layer_stds_probes,
    examples=(
        _stds_probe("one layer", np.array([[1.0], [3.0]]), [np.array([[2.0]])], "identity"),
        _stds_probe(
            "two layers with ReLU", np.array([[1.0], [-3.0]]), [np.array([[2.0]]), np.array([[-3.0]])], "relu"
        ),
        _stds_probe(
            "two layers of two with ReLU",
            np.array([[1.0, -2.0], [0.0, 3.0]]),
            [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([[0.0, 2.0], [-1.0, 1.0]])],
            "relu",
        ),
    ),
    misconceptions=(
        mistake("before-activation", record="before"),
        mistake("input-listed", listed="with-input"),
        mistake("last-layer-only", listed="last"),
        mistake("backwards", listed="backwards"),
        mistake("activation-ignored", activate="never"),
        mistake("last-layer-linear", activate="not-last"),
        mistake("activation-at-the-end-only", activate="only-last"),
        mistake("activation-before-weights", activate="before"),
        mistake("per-feature", {"measure": "features"}, {"measure": "each-feature"}),
        mistake("per-example", measure="examples"),
        mistake("no-sqrt", measure="var"),
        mistake("root-mean-square", measure="rms"),
        mistake("mean-instead", measure="mean"),
        mistake("sample-variance", ddof=1),
        mistake("weights-transposed", transposed=True),
        mistake("not-chained", chained=False),
        mistake("mutates-input"),
    ),
    properties=(
        Property("no standard deviation is negative", _not_negative),
        Property("one layer without an activation is x @ W", _first_layer),
    ),
)
