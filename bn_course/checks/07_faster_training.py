"""Lesson 07: a network with and without batch norm, who decays, when it has arrived, zero γ."""

from itertools import pairwise

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Question

_HERE = "07_faster_training"

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
        label, (sizes, *normalise), f"{_HERE}:structure", returns=_STRUCTURE, shown=f"build_mlp({said})"
    )


def _output_of(label, x, sizes, normalise):
    shown = f"build_mlp({sizes}, {normalise}), parameters filled in"
    args = (x, sizes, normalise)
    return Probe(label, args, f"{_HERE}:outputs", rtol=1e-4, atol=1e-4, returns=_OUTPUTS, shown=shown)


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


_BUILD = Question(
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

# --- weight_decay_groups ----------------------------------------------------------------------


def weight_decay_groups(model, weight_decay):
    """Weights of linear and convolution layers decay; biases and norms do not."""
    from bn_course.nets.groups import weight_decay_groups

    return weight_decay_groups(model, weight_decay)


def _groups_variant(
    model, weight_decay, *, rule="layer", walk="all", left_out="none", says_zero=True, value="given"
):
    from torch import nn

    batch_norms = nn.modules.batchnorm._BatchNorm
    norms = (batch_norms, nn.LayerNorm, nn.GroupNorm)

    def decays(layer, name, parameter):
        norm, bias = isinstance(layer, norms), name == "bias"
        return {
            "layer": not norm and not bias,
            "rank": parameter.ndim > 1,
            "name": not bias,
            "norms-only": not norm,
            "batch-norm-only": not isinstance(layer, batch_norms) and not bias,
            "linear-only": isinstance(layer, nn.Linear) and not bias,
            "convolution-only": isinstance(layer, nn.Conv1d | nn.Conv2d) and not bias,
            "everything": True,
            "swapped": norm or bias,
        }[rule]

    groups = {True: [], False: []}
    for layer in model.children() if walk == "children" else model.modules():
        for name, parameter in layer.named_parameters(recurse=False):
            out = {"none": False, "norms": isinstance(layer, norms), "biases": name == "bias"}[left_out]
            if not out:
                groups[decays(layer, name, parameter)].append(parameter)
    if walk == "twice":
        groups[True] *= 2
    value = weight_decay if value == "given" else value
    without = {"params": groups[False], "weight_decay": 0.0}
    if not says_zero:
        del without["weight_decay"]
    return [{"params": groups[True], "weight_decay": value}, without]


_GROUPS = ("the weight decay of each parameter", "how often each is listed", "the number of groups")


def _groups_of(label, layers, weight_decay, shown):
    shown = f"{shown}, weight_decay = {weight_decay:g}"
    return Probe(label, (layers, weight_decay), f"{_HERE}:groups", atol=1e-9, returns=_GROUPS, shown=shown)


_PLAIN = [("linear", 2, 3), ("batch", 3), ("relu",), ("linear", 3, 1)]
_IMAGES = [("conv", 1, 2, 3), ("batch2d", 2), ("relu",), ("conv", 2, 2, 3), ("group", 1, 2)]
_NESTED = [("linear", 4, 4), ("residual", [("linear", 4, 4), ("batch", 4), ("relu",)]), ("linear", 4, 2)]
_RANK_TWO = [("conv1d", 3, 2, 1), ("layer", [2, 5]), ("relu",)]


def _groups_probes(rng):
    decay = float(rng.uniform(0.02, 0.2))
    everything = [*_IMAGES, ("sequential", [*_RANK_TWO, ("residual", _PLAIN)]), ("linear", 2, 2)]
    return [
        _groups_of("convolutions, norms and blocks", everything, decay, "a model of all kinds"),
        _groups_of("a perceptron", _PLAIN, 0.01, "Linear, BatchNorm1d, ReLU, Linear"),
        _groups_of("a residual block", _NESTED, 0.05, "Linear, a residual block, Linear"),
        _groups_of("layer norm over two axes", _RANK_TWO, 0.3, "Conv1d, LayerNorm([2, 5]), ReLU"),
    ]


_DECAY = Question(
    name="weight_decay_groups",
    points=3,
    level=2,
    task="Two groups of parameters: those that weight decay pulls to zero, and those that it leaves alone.",
    ask=(
        "In Linear(4, 8), LayerNorm(8), Linear(8, 3), which parameters have two axes? Is that the rule, or a coincidence?",
        "The two weights, and a coincidence: LayerNorm([4, 8]) has a γ of two axes. Ask which kind of layer a parameter belongs to.",
    ),
    reference=weight_decay_groups,
    variant=_groups_variant,
    returns=_GROUPS,
    probes=_groups_probes,
    examples=(
        _groups_of("a perceptron", _PLAIN, 0.1, "Linear(2, 3), BatchNorm1d(3), ReLU, Linear(3, 1)"),
        _groups_of("layer norm over two axes", _RANK_TWO, 0.1, "Conv1d(3, 2, 1), LayerNorm([2, 5]), ReLU"),
        _groups_of("images", _IMAGES, 0.1, "Conv2d, BatchNorm2d, ReLU, Conv2d, GroupNorm"),
        _groups_of("a block", _NESTED, 0.1, "Linear, a residual block with BatchNorm1d, Linear"),
    ),
    call="weight_decay_groups(model, weight_decay)",
    misconceptions=(
        own(
            "by-rank",
            "You go by the number of axes: what has two or more decays.",
            "Most norms have vectors, and `nn.LayerNorm([2, 5])` has a γ and a β of two axes. Go by the layer that "
            "the parameter belongs to.",
            rule="rank",
        ),
        own(
            "norm-scales-decay",
            "You leave out what is called bias, and the norms' γ decays.",
            "PyTorch calls γ `weight`. A name does not tell it from a linear layer's.",
            rule="name",
        ),
        own(
            "biases-decay",
            "You leave out the norms, and the biases of linear and convolution layers decay.",
            "A bias shifts; pulling it to zero makes nothing simpler. It belongs to the group without decay.",
            rule="norms-only",
        ),
        own(
            "batch-norm-alone",
            "Of the norms you leave out batch norm alone.",
            "Layer norm and group norm have a γ and a β too, and they are no `nn.BatchNorm…`.",
            rule="batch-norm-only",
        ),
        own(
            "convolutions-forgotten",
            "The weights of convolutions do not decay.",
            "A convolution's weight is a weight as a linear layer's is.",
            rule="linear-only",
        ),
        own(
            "linear-forgotten",
            "The weights of linear layers do not decay.",
            "A linear layer's weight is a weight as a convolution's is.",
            rule="convolution-only",
        ),
        own(
            "everything-decays",
            "Everything decays.",
            "That is what the optimiser does without groups. Biases and norms belong to a group with decay 0.",
            rule="everything",
        ),
        own(
            "groups-exchanged",
            "Biases and norms decay, and the weights do not.",
            "It is the other way round: the weights of linear and convolution layers decay.",
            rule="swapped",
        ),
        own(
            "top-level-only",
            "You look at the layers on top alone, and not at those inside them.",
            "`model.children()` gives the outermost layers; what sits in a block is in no group and is never "
            "trained. `model.modules()` goes all the way down.",
            walk="children",
        ),
        own(
            "listed-twice",
            "A parameter is listed more than once.",
            "An optimiser refuses that, or steps twice. In a loop over all modules, ask each for its own "
            "parameters: `module.parameters(recurse=False)`.",
            walk="twice",
        ),
        own(
            "norms-left-out",
            "The norms' parameters are in neither group.",
            "What no group lists is not trained: γ and β would keep their 1 and 0 for ever.",
            left_out="norms",
        ),
        own(
            "biases-left-out",
            "The biases are in neither group.",
            "What no group lists is not trained. No decay means a group with decay 0.",
            left_out="biases",
        ),
        own(
            "key-missing",
            "The group without decay does not say `weight_decay`.",
            "The optimiser then fills in its own default, which is 0.01 for AdamW. Write 0.0.",
            says_zero=False,
        ),
        own(
            "decay-hard-coded",
            "You use a decay of your own and ignore the argument.",
            "The caller says how strong the decay is.",
            {"value": 0.01},
            {"value": 1e-4},
            {"value": 5e-4},
        ),
    ),
    hints=(
        "Neither the name nor the shape of a parameter says what it is. The layer that it belongs to does.",
        "Go through `model.modules()`, and through each one's own parameters: "
        "`module.named_parameters(recurse=False)`.",
        "It decays if the module is an `nn.Linear` or a convolution and the name is not 'bias'.",
        'Return `[{"params": decaying, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]`.',
    ),
)

# --- steps_to_target --------------------------------------------------------------------------


def steps_to_target(accuracies, target):
    """The first step from which the accuracy is never below target again, or None."""
    from bn_course.nets.speed import steps_to_target

    return steps_to_target(accuracies, target)


def _steps_variant(accuracies, target, *, which="stays", strict=False, first=0, never=None, bar="given"):
    bar = {"given": target, "best": target * max(accuracies, default=1.0)}[bar]
    reached = [a > bar if strict else a >= bar for a in accuracies]
    steps = range(len(reached))
    fits = {
        "stays": lambda i: all(reached[i:]),
        "first": lambda i: reached[i],
        "two": lambda i: all(reached[i : i + 2]),
        "below": lambda i: all(reached[i + 1 :]),
        "last": lambda i: reached[i] and not any(reached[i + 1 :]),
    }[which]
    found = next((i for i in steps if fits(i)), None)
    if found is None:
        return {None: None, "length": len(reached), "minus-one": -1, "last": len(reached) - 1}[never]
    return found + first


def _steps_probes(rng):
    rising = 1 - 0.9 * np.exp(-np.arange(40) / 8) + rng.normal(0, 0.05, 40)
    rising[5], rising[-3:] = 0.97, 0.95  # passes early by luck, and stays at the end
    return [
        Probe("a noisy run of 40 steps", (rising, 0.9)),
        Probe("equal counts", (np.array([0.25, 0.5, 0.75, 0.5, 0.75, 0.75]), 0.75)),
        Probe("passes, and falls back at the end", (np.array([0.1, 0.95, 0.96, 0.4]), 0.9)),
        Probe("never", (np.array([0.1, 0.2, 0.3]), 0.5)),
        Probe("from the first step on", (np.array([0.9, 0.95, 0.99]), 0.8)),
        Probe("at the last step", (np.array([0.1, 0.2, 0.9]), 0.8)),
        Probe("above for two, below for one", (np.array([0.1, 0.9, 0.9, 0.2, 0.9, 0.8, 0.9]), 0.5)),
    ]


_STEPS = Question(
    name="steps_to_target",
    points=1,
    level=1,
    task="The first step from which the accuracy is never below the target again.",
    ask=(
        "Accuracies 0.5, 0.9, 0.8, 0.9, target 0.9. What do you return, and what if the run ended one step earlier?",
        "3, since step 1 was lost again; and None. Who returns 1 rewards a lucky step.",
    ),
    reference=steps_to_target,
    variant=_steps_variant,
    returns=("the step",),
    probes=_steps_probes,
    examples=(
        Probe("reached and kept", (np.array([0.5, 0.75, 1.0]), 0.75)),
        Probe("reached, lost, reached", (np.array([0.5, 1.0, 0.5, 1.0]), 0.75)),
        Probe("never reached", (np.array([0.25, 0.5]), 0.75)),
        Probe("lost after two", (np.array([1.0, 1.0, 0.0, 1.0]), 0.75)),
    ),
    misconceptions=(
        own(
            "first-crossing",
            "You return the first step at which the target is reached, though it is lost again later.",
            "A run that jumps about passes any target by luck. Asked for is the step from which it stays.",
            which="first",
        ),
        own(
            "looks-one-ahead",
            "You look at the next step alone.",
            "The accuracy must not fall below the target at any later step.",
            which="two",
        ),
        own(
            "one-too-early",
            "You return the last step *below* the target.",
            "The run is there one step later.",
            which="below",
        ),
        own(
            "last-crossing",
            "You return the last step at or above the target, when none follows.",
            "Asked for is where the last stretch at or above the target begins.",
            which="last",
        ),
        own(
            "equal-does-not-count",
            "You ask for more than the target.",
            "An accuracy equal to the target counts: `>=`.",
            strict=True,
        ),
        own(
            "counts-from-one",
            "You count the steps from 1.",
            "The first entry is step 0.",
            first=1,
        ),
        own(
            "number-for-never",
            "You return a number where the target is never reached for good.",
            "A number would be taken for a step. None says that there is none.",
            {"never": "length"},
            {"never": "minus-one"},
            {"never": "last"},
        ),
        own(
            "share-of-the-best",
            "You take the target as a share of the run's best accuracy.",
            "The target is an accuracy, the same for every run that is compared.",
            bar="best",
        ),
        known("mutates-input"),
    ),
    hints=(
        "Think of the run backwards: how far back from the end is it never below the target?",
        "Find the last step that is below the target. What you want is the next one, if there is one.",
        "Walk through the run with a candidate: set it where the target is reached and there is none, "
        "drop it whenever the accuracy is below.",
        "`below = [i for i, a in enumerate(accuracies) if a < target]`; the answer is `below[-1] + 1`, or 0 "
        "where `below` is empty, or None where that is the length.",
    ),
)

# --- zero_init_residual -----------------------------------------------------------------------


def zero_init_residual(model):
    """γ = 0 in the last norm of every residual block."""
    from bn_course.nets.zero_init import zero_init_residual

    return zero_init_residual(model)


def _zero_variant(
    model,
    *,
    norm="last",
    blocks="all",
    depth="inside",
    kinds="all",
    what="scale",
    trained=True,
    scope="blocks",
):
    import torch
    from torch import nn

    batch_norms = (nn.modules.batchnorm._BatchNorm,)
    norms = batch_norms if kinds == "batch" else (*batch_norms, nn.LayerNorm, nn.GroupNorm)
    modules = model.children() if blocks == "top-level" else model.modules()
    found = [m for m in modules if hasattr(m, "branch")]
    found = {"first": found[:1], "last": found[-1:]}.get(blocks, found)
    branches = [block.branch for block in found] if scope == "blocks" else [model]
    with torch.no_grad():
        for branch in branches:
            layers = list(branch.modules()) if depth == "inside" else list(branch)
            if depth == "very-last":
                layers = layers[-1:]
            kind = norms if what == "scale" else (nn.Linear, nn.Conv2d)
            those = [layer for layer in layers if isinstance(layer, kind)]
            chosen = {"last": those[-1:], "first": those[:1], "all": those}[norm]
            for layer in chosen:
                layer.weight.zero_()
                layer.weight.requires_grad_(trained)


_ZEROED = ("γ of all norms", "the other parameters", "which are trained")


def _half(kind="batch", width=2):
    norm = {"batch": ("batch", width), "layer": ("layer", width), "group": ("group", 1, width)}[kind]
    return [("linear", width, width), norm]


def _block(kind="batch", width=2):
    return ("residual", [*_half("batch", width), ("relu",), *_half(kind, width)])


def _zero_of(label, layers, shown):
    return Probe(label, (layers,), f"{_HERE}:initialised", returns=_ZEROED, shown=shown)


_TWO_BLOCKS = [("linear", 2, 2), ("batch", 2), _block(), _block(), ("linear", 2, 1)]
_IN_STAGES = [("batch", 2), ("sequential", [_block(), ("sequential", [_block()])]), _block(), ("batch", 2)]
_DROPOUT_LAST = [("residual", [*_half(), ("relu",), *_half(), ("dropout", 0.1)]), ("batch", 2)]
_NESTED_BRANCH = [("residual", [*_half(), ("relu",), ("sequential", _half())]), ("batch", 2)]
_OTHER_NORMS = [_block("layer"), _block("group"), ("batch", 2)]


def _zero_probes(rng):
    width = int(rng.integers(3, 6))
    middle = ("sequential", [_block("batch", width), _block("group", width)])
    drawn = [("linear", 2, width), ("batch", width), _block("layer", width), middle, _block("batch", width)]
    return [
        _zero_of("four blocks", drawn, "four blocks, two in a stage"),
        _zero_of("two blocks", _TWO_BLOCKS, "Linear, BatchNorm1d, two blocks, Linear"),
        _zero_of(
            "blocks in stages", _IN_STAGES, "BatchNorm1d, two blocks in nested stages, a block, BatchNorm1d"
        ),
        _zero_of("dropout at the end", _DROPOUT_LAST, "a block that ends in dropout, BatchNorm1d"),
        _zero_of("a branch within a branch", _NESTED_BRANCH, "a block with a nested Sequential, BatchNorm1d"),
        _zero_of(
            "other norms", _OTHER_NORMS, "a block with LayerNorm last, one with GroupNorm last, BatchNorm1d"
        ),
    ]


_ZERO = Question(
    name="zero_init_residual",
    points=2,
    level=2,
    task="Set γ to zero in the last norm of every residual block, so that each block starts as the identity.",
    ask=(
        "After your function, which parameters of a block have a gradient that is not zero?",
        "γ and β of its last norm; the layers below wait for that γ to move. With the first norm's γ at zero instead, the last norm sees zeros, and no γ ever moves.",
    ),
    reference=zero_init_residual,
    variant=_zero_variant,
    returns=_ZEROED,
    probes=_zero_probes,
    examples=(
        _zero_of(
            "two blocks",
            _TWO_BLOCKS,
            "a norm outside, then two blocks of linear, norm, ReLU, linear, norm, all of width 2",
        ),
        _zero_of(
            "dropout at the end", _DROPOUT_LAST, "a block that ends in norm and dropout; a norm after it"
        ),
        _zero_of(
            "nested",
            _NESTED_BRANCH,
            "a block whose last linear and norm sit in a Sequential; a norm after it",
        ),
        _zero_of("stages", _IN_STAGES, "a norm, two blocks in nested stages, a block, a norm"),
        _zero_of(
            "other norms", _OTHER_NORMS, "a block that ends in LayerNorm, one in GroupNorm; a norm after them"
        ),
    ),
    misconceptions=(
        own(
            "first-norm",
            "You set the first norm of each block to zero.",
            "The block is then zero up to its first activation, and what the second half makes of zeros is not "
            "zero once its norm has a shift. It is the last norm that closes the branch.",
            norm="first",
        ),
        own(
            "every-norm",
            "You set every norm of each block to zero.",
            "Two zeros in a row: neither γ gets a gradient through the other, and the branch learns nothing but a shift.",
            norm="all",
        ),
        own(
            "whole-model",
            "You go through the whole model, not block by block.",
            "A norm outside the blocks has no identity beside it: γ = 0 there cuts the network in two.",
            {"scope": "model"},
            {"scope": "model", "norm": "all"},
        ),
        own(
            "first-block-only",
            "You treat the first block alone.",
            "Every residual block starts as the identity.",
            blocks="first",
        ),
        own(
            "last-block-only",
            "You treat the last block alone.",
            "'The last norm' is that of each block.",
            blocks="last",
        ),
        own(
            "top-level-only",
            "You find the blocks on top alone, and not those inside a Sequential.",
            "Most models hold their blocks in stages. `model.modules()` goes all the way down.",
            blocks="top-level",
        ),
        own(
            "norm-taken-for-the-last-layer",
            "You look at the last layer of the branch alone.",
            "Dropout or an activation may follow the norm, or a Sequential may hold it. Look for the last one "
            "that is a norm.",
            depth="very-last",
        ),
        own(
            "nested-norm-missed",
            "You look at the layers of the branch, and not inside a Sequential among them.",
            "The last norm may sit in a nested Sequential: go through `block.branch.modules()`.",
            depth="flat",
        ),
        own(
            "batch-norm-alone",
            "You look for batch norm alone.",
            "Layer norm and group norm have a γ too, and here one of them is the last norm of its block.",
            kinds="batch",
        ),
        own(
            "weights-zeroed",
            "You set the weights of a linear or convolution layer to zero, not γ.",
            "That closes the branch as well, but batch norm then divides by √(0 + ε), and the first step is blown "
            "up by 1/√ε.",
            what="weights",
        ),
        own(
            "frozen",
            "You stop γ from being trained.",
            "It starts at zero and has to grow: `requires_grad` stays True.",
            trained=False,
        ),
    ),
    hints=(
        "A block is any module that has a `.branch`. Where are the blocks? Anywhere in `model.modules()`.",
        "In each block, collect the norms of `block.branch.modules()`, in order. The last one is the one.",
        "Norms are `nn.BatchNorm1d`, `2d`, `3d`, `nn.LayerNorm`, `nn.GroupNorm`; their γ is called `weight`.",
        "`nn.init.zeros_(norms[-1].weight)` sets it, without a gradient and without ending its training.",
    ),
)


QUESTIONS = (_BUILD, _DECAY, _STEPS, _ZERO)

PREDICTIONS = {
    "07-widest": Prediction("c"),
    "07-equal-rate": Prediction("b"),
    "07-step-cost": Prediction(1.4, factor=1.3),
    "07-articles": Prediction("b"),
    "07-scale": Prediction("c"),
    "07-depth": Prediction("b"),
    "07-placement": Prediction("c"),
    "07-full-batch": Prediction("b"),
    "07-zero-gamma": Prediction("b"),
    "07-decay": Prediction("a"),
}
