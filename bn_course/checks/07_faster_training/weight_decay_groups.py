"""Lesson 07, weight_decay_groups."""

from bn_course.checks._shared import own
from bn_course.grading.question import Probe, Question

from ._shared import HERE


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
    return Probe(label, (layers, weight_decay), f"{HERE}:groups", atol=1e-9, returns=_GROUPS, shown=shown)


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


QUESTION = Question(
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
