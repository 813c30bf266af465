"""Lesson 01: Return the deviation of h after each layer h ← activation(h @ W), as a list of floats."""

from itertools import pairwise

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question


# layer_stds ----------------------------------------------------------------------------------------
def layer_stds(x, weights, activation):
    """For each layer h ← activation(h @ W): the deviation over all entries of h."""
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
        (x, tuple(weights), activation),
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
    return "a deviation is negative" if min(map(float, value)) < 0 else None


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
    points=2,
    level=2,
    task="Return the deviation of h after each layer h ← activation(h @ W), as a list of floats.",
    ask=(
        "For three weight matrices, how many numbers do you return, and behind which line of your loop is each measured?",
        "Three: the input is not listed. Each is the deviation of all entries of h behind the activation, and that h goes into the next layer.",
    ),
    reference=layer_stds,
    variant=_layer_stds,
    returns=("the deviations",),
    probes=_layer_stds_probes,
    examples=(
        _stds_probe("one layer", np.array([[1.0], [3.0]]), [np.array([[2.0]])], "identity"),
        _stds_probe(
            "two layers with ReLU",
            np.array([[1.0], [-3.0]]),
            [np.array([[2.0]]), np.array([[-3.0]])],
            "relu",
        ),
        _stds_probe(
            "two layers of two with ReLU",
            np.array([[1.0, -2.0], [0.0, 3.0]]),
            [np.array([[1.0, -1.0], [2.0, 0.0]]), np.array([[0.0, 2.0], [-1.0, 1.0]])],
            "relu",
        ),
    ),
    misconceptions=(
        own(
            "before-activation",
            "You measure before the activation.",
            "What the next layer receives is the activation's output, and that is where a signal has "
            "vanished, exploded or saturated. A tanh hides in its output what exploded before it.",
            record="before",
        ),
        own(
            "input-listed",
            "Your list begins with the input.",
            "One number for each layer: the input is not the output of one.",
            listed="with-input",
        ),
        own(
            "last-layer-only",
            "You return the last layer's deviation alone.",
            "One number for each layer, so that the list shows where a signal is lost. Append inside the loop.",
            listed="last",
        ),
        own(
            "backwards",
            "Your list runs from the last layer to the first.",
            "It should follow the signal: the first layer first.",
            listed="backwards",
        ),
        own(
            "activation-ignored",
            "You leave the activation out.",
            "Without it all layers together are one matrix, and the deviations are those of another net.",
            activate="never",
        ),
        own(
            "last-layer-linear",
            "You leave the activation out in the last layer.",
            "Nets for regression often do. Here every layer is h ← activation(h @ W), the last one too.",
            activate="not-last",
        ),
        own(
            "activation-at-the-end-only",
            "You apply the activation in the last layer alone.",
            "Every layer is h ← activation(h @ W).",
            activate="only-last",
        ),
        own(
            "activation-before-weights",
            "You compute activation(h) @ W.",
            "Here the activation comes after the weights: activation(h @ W).",
            activate="before",
        ),
        own(
            "per-feature",
            "You take the deviation of each feature, over the examples.",
            "Asked for is one deviation of all entries of h together, as `h.std()` gives it. It also counts "
            "how much the features differ from each other.",
            {"measure": "features"},
            {"measure": "each-feature"},
        ),
        own(
            "per-example",
            "You take the deviation of each example, over its features, and average.",
            "Asked for is one deviation of all entries of h together, as `h.std()` gives it.",
            measure="examples",
        ),
        known("no-sqrt", measure="var"),
        own(
            "root-mean-square",
            "You take the root of the mean square, without subtracting the mean.",
            "The two agree when the mean is 0. After a ReLU or a sigmoid it is not.",
            measure="rms",
        ),
        own(
            "mean-instead",
            "You return the means.",
            "The deviation is how far the entries lie from their mean: `h.std()`.",
            measure="mean",
        ),
        own(
            "sample-variance",
            "You divide the sum of squares by one less than the number of entries.",
            "The deviation of these very entries is asked for, not an estimate for others: NumPy's `std` as "
            "it is. (torch's `std` divides by one less unless `correction=0`.)",
            ddof=1,
        ),
        own(
            "weights-transposed",
            "You multiply by the transposed weights.",
            "Here W has the shape (in, out), so the layer is h @ W. (torch's `nn.Linear` keeps (out, in) and "
            "multiplies by the transpose.)",
            transposed=True,
        ),
        own(
            "not-chained",
            "You give every layer the input x.",
            "Each layer receives the output of the one before it: carry h from one turn of the loop to the next.",
            chained=False,
        ),
    ),
    properties=(
        Property("no deviation is negative", _not_negative),
        Property("one layer without an activation is x @ W", _first_layer),
    ),
    hints=(
        "A loop over the weights, and an h that starts as x and is replaced in every turn.",
        "In each turn: multiply, apply the activation, and append the deviation of what came out.",
        "`h.std()` without an axis is the deviation over all entries; `float(…)` makes it a plain number.",
        "`stds, h = [], x`, then `for W in weights:` with `h = activation(h @ W)` and "
        "`stds.append(float(h.std()))`, then `return stds`.",
    ),
)
