"""Lesson 07: Build a multilayer perceptron with batch norm where it belongs, or without."""

from itertools import pairwise

import numpy as np

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Question

from ._shared import HERE


# --- build_mlp --------------------------------------------------------------------------------
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
    layers.append(nn.Linear(sizes[-2], sizes[-1], bias=last_bias))
    if normalise and output_norm:
        layers.append(make(sizes[-1]))
    if activation == "everywhere":
        layers.append(nn.ReLU())
    return nn.Sequential(*layers)


_STRUCTURE = ("the layers", "the number of parameters")


_OUTPUTS = ("the output in training", "the output in evaluation")


def _layers_of(label, sizes, *normalise, shown=None):
    said = ", ".join(map(str, (sizes, *normalise)))
    return Probe(
        label, (sizes, *normalise), f"{HERE}:structure", returns=_STRUCTURE, shown=f"build_mlp({said})"
    )


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
        _output_of("a batch of 6", rng.normal(size=(6, 4)), [4, 5, 3, 2], True),
        _output_of("a batch of 6, not normalised", rng.normal(size=(6, 4)), [4, 5, 3, 2], False),
    ]


QUESTION = Question(
    name="build_mlp",
    points=2,
    level=1,
    task="Build a multilayer perceptron with batch norm where it belongs, or without.",
    ask=(
        "How many parameters has `build_mlp([4, 8, 3])`? Count by hand, then let PyTorch count.",
        "32 + 16 + 27 = 75. 83 has the hidden bias that batch norm takes away again; without norms it is 40 + 27 = 67.",
    ),
    reference=build_mlp,
    variant=_build_variant,
    returns=_STRUCTURE,
    probes=_build_probes,
    examples=(
        _layers_of("one hidden layer", [2, 3, 1], True),
        _layers_of("one hidden layer, not normalised", [2, 3, 1], False),
        _layers_of("normalise left at its default", [2, 3, 1]),
        _layers_of("two hidden layers", [2, 3, 3, 1], True),
    ),
    call="build_mlp(sizes, normalise=True)",
    misconceptions=(
        own(
            "bias-kept",
            "Your linear layers have a bias although batch norm follows.",
            "Batch norm subtracts the mean, and the bias with it: the bias learns nothing, and β is there "
            "for the shift. `nn.Linear(…, bias=False)`.",
            hidden_bias="always",
        ),
        own(
            "bias-missing",
            "Without batch norm, your hidden layers have no bias.",
            "The bias may go only because β replaces it. Without a norm nothing does.",
            hidden_bias="never",
        ),
        own(
            "last-bias-missing",
            "Your last layer has no bias.",
            "No norm follows the last layer, so nothing stands in for its bias.",
            last_bias=False,
        ),
        own(
            "norm-after-activation",
            "You put the norm after the ReLU.",
            "That is a network that people use too, and the lesson compares the two. This question asks for "
            "Linear, BatchNorm1d, ReLU.",
            order="activation-first",
        ),
        own(
            "layer-norm-instead",
            "You use layer norm.",
            "`nn.LayerNorm` takes its statistics over the features of each example. Asked for is `nn.BatchNorm1d`.",
            norm="layer",
        ),
        own(
            "norm-of-inputs-width",
            "Your norm has as many features as the linear layer has inputs.",
            "It comes after the linear layer, so it has a γ and a β for each of its outputs. With layers of one "
            "width nobody notices.",
            width="inputs",
        ),
        own(
            "one-norm-for-all",
            "All hidden layers share one norm.",
            "Each layer has statistics of its own, and its own γ and β: make a new `nn.BatchNorm1d` each time.",
            shared=True,
        ),
        own(
            "output-normalised",
            "You normalise the output layer too.",
            "The logits may have any mean and size; normalising them ties every example's answer to its batch "
            "and takes away the size by which the network says how sure it is.",
            output_norm=True,
        ),
        own(
            "activation-on-output",
            "A ReLU follows your last layer.",
            "Logits may be negative. A ReLU there cuts half of them to zero, and their gradients too.",
            activation="everywhere",
        ),
        own(
            "no-activation",
            "There is no ReLU in your network.",
            "Linear layers and batch norm are affine (in evaluation exactly so): without an activation the whole "
            "network is one affine map.",
            activation="none",
        ),
        own(
            "normalise-ignored",
            "The argument `normalise` has no effect.",
            "With `normalise=False` there is no norm, and every linear layer has a bias.",
            {"obey": "always"},
            {"obey": "never"},
        ),
        own(
            "default-off",
            "Your default of `normalise` is not True.",
            "`build_mlp(sizes)` is to build the network with batch norm.",
            default=False,
        ),
    ),
    hints=(
        "Go through neighbouring pairs of sizes. All pairs but the last make a hidden layer.",
        "A hidden layer adds three modules, or two without the norm. The last pair adds one.",
        "`bias=not normalise` for hidden layers; the last layer always has one.",
        "`layers += [nn.Linear(a, b, bias=not normalise)]`, then `[nn.BatchNorm1d(b)] if normalise else []`, then "
        "`[nn.ReLU()]`; after the loop `nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))`.",
    ),
)
