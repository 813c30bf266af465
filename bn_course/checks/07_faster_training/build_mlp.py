"""Lesson 07: Build a multilayer perceptron with batch norm where it belongs, or without."""

from itertools import pairwise

import numpy as np

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import HERE


def build_mlp(sizes, normalise=True):
    """Linear without bias, BatchNorm1d, ReLU for each hidden layer, then Linear."""
    from bn_course.nets import mlp

    return mlp(sizes, "batch" if normalise else "none")


def _build_variant(
    sizes,
    normalise=None,
    *,
    default=True,
    obey=True,
    hidden_bias="without-norm",
    last_bias=True,
    order="norm-first",
    norm="batch",
    width="outputs",
    shared=False,
    output_norm=False,
    start="torch",
    activation="hidden",
):
    from torch import nn

    normalise = default if normalise is None else normalise
    normalise = normalise if obey is True else obey == "always"
    bias = {"without-norm": not normalise, "always": True, "never": False}[hidden_bias]
    make = {"batch": nn.BatchNorm1d, "layer": nn.LayerNorm}[norm]
    one = make(sizes[1]) if shared and len(sizes) > 2 else None
    layers = []
    for inputs, outputs in pairwise(sizes[:-1]):
        layers.append(nn.Linear(inputs, outputs, bias=bias))
        features = outputs if width == "outputs" else inputs
        norms = [one or make(features)] if normalise else []
        pair = norms + ([] if activation == "none" else [nn.ReLU()])
        layers += pair if order == "norm-first" else pair[::-1]
    last_bias = bias if last_bias == "as hidden" else last_bias
    layers.append(nn.Linear(sizes[-2], sizes[-1], bias=last_bias))
    if normalise and output_norm:
        layers.append(make(sizes[-1]))
    if activation == "everywhere":
        layers.append(nn.ReLU())
    for layer in layers:
        if isinstance(layer, nn.Linear) and start != "torch":
            _OWN_START[start](layer)
    return nn.Sequential(*layers)


_OWN_START = {
    "Kaiming": lambda layer: _init().kaiming_normal_(layer.weight, nonlinearity="relu"),
    "uniform Kaiming": lambda layer: _init().kaiming_uniform_(layer.weight, nonlinearity="relu"),
    "Xavier": lambda layer: _init().xavier_uniform_(layer.weight),
    "no bias": lambda layer: None if layer.bias is None else _init().zeros_(layer.bias),
}


def _init():
    from torch.nn import init

    return init


_STRUCTURE = ("the layers", "the number of parameters")

_START = ("each layer's largest number and standard deviation, in units of 1/√inputs", "γ and β")
_OUTPUTS = ("the output in training", "the output in evaluation")


def _layers_of(label, sizes, *normalise, shown=None):
    said = ", ".join(map(str, (sizes, *normalise)))
    return Probe(
        label, (sizes, *normalise), f"{HERE}:structure", returns=_STRUCTURE, shown=f"build_mlp({said})"
    )


def _start_of(label, sizes, normalise):
    shown = f"build_mlp({sizes}, {normalise}), as it is built"
    args = (sizes, normalise)
    return Probe(label, args, f"{HERE}:begins", rtol=0.1, atol=0.01, returns=_START, shown=shown)


def _output_of(label, x, sizes, normalise):
    shown = f"build_mlp({sizes}, {normalise}), parameters filled in"
    args = (x, sizes, normalise)
    return Probe(label, args, f"{HERE}:outputs", rtol=1e-4, atol=1e-4, returns=_OUTPUTS, shown=shown)


def _build_probes(rng):
    sizes = [int(size) for size in rng.choice(np.arange(3, 12), 4, replace=False)]
    return [
        _layers_of("two hidden layers", sizes, True),
        _layers_of("two hidden layers, not normalised", sizes, False),
        _layers_of("normalise left at its default", [4, 7, 3]),
        _layers_of("three hidden layers of one width", [5, 5, 5, 5, 2], True),
        _layers_of("no hidden layer", [6, 2], True),
        _start_of("wide layers, as they are built", [60, 400, 300], False),
        _start_of("normalised layers, as they are built", [60, 80, 400], True),
        _output_of("a batch of 6", rng.normal(size=(6, 4)), [4, 5, 3, 2], True),
        _output_of("a batch of 6, not normalised", rng.normal(size=(6, 4)), [4, 5, 3, 2], False),
    ]


QUESTION = Question(
    name="build_mlp",
    points=2,
    level=1,
    reference=build_mlp,
    variant=_build_variant,
    returns=_STRUCTURE,
    probes=_build_probes,
    examples=(
        _layers_of("one hidden layer", [2, 3, 1], True),
        _layers_of("one hidden layer, not normalised", [2, 3, 1], False),
        _layers_of("normalise left at its default", [2, 3, 1]),
        _layers_of("two hidden layers", [2, 3, 3, 1], True),
        _start_of("wide layers, as they are built", [60, 400, 300], False),
    ),
    version=2,
    call="build_mlp(sizes, normalise=True)",
    misconceptions=(
        mistake("bias-kept", hidden_bias="always"),
        mistake("bias-missing", hidden_bias="never"),
        mistake("last-bias-missing", {"last_bias": False}, {"last_bias": "as hidden"}),
        mistake("norm-after-activation", order="activation-first"),
        mistake("layer-norm-instead", norm="layer"),
        mistake("norm-of-inputs-width", width="inputs"),
        mistake("one-norm-for-all", shared=True),
        mistake(
            "output-normalised",
            {"output_norm": True},
            *({"output_norm": True, "last_bias": kind} for kind in (False, "as hidden")),
            {"output_norm": True, "activation": "everywhere"},
            {"output_norm": True, "activation": "everywhere", "last_bias": "as hidden"},
        ),
        mistake("activation-on-output", activation="everywhere"),
        mistake("no-activation", activation="none"),
        mistake("normalise-ignored", {"obey": "always"}, {"obey": "never"}),
        mistake("default-off", default=False),
        mistake("own-start", *({"start": start} for start in _OWN_START)),
    ),
)
