"""Lesson 07, weight_decay_groups."""

from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Question

from ._shared import HERE


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
            "rank and no bias": parameter.ndim > 1 and not bias,
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
    value = {"given": weight_decay, "or 0.01": weight_decay or 0.01}.get(value, value)
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
        _groups_of("no decay at all", _PLAIN, 0.0, "Linear, BatchNorm1d, ReLU, Linear"),
        _groups_of("layer norm over two axes", _RANK_TWO, 0.3, "Conv1d, LayerNorm([2, 5]), ReLU"),
    ]


QUESTION = Question(
    name="weight_decay_groups",
    points=3,
    level=2,
    reference=weight_decay_groups,
    variant=_groups_variant,
    returns=_GROUPS,
    probes=_groups_probes,
    examples=(
        _groups_of("a perceptron", _PLAIN, 0.1, "Linear(2, 3), BatchNorm1d(3), ReLU, Linear(3, 1)"),
        _groups_of("layer norm over two axes", _RANK_TWO, 0.1, "Conv1d(3, 2, 1), LayerNorm([2, 5]), ReLU"),
        _groups_of("images", _IMAGES, 0.1, "Conv2d, BatchNorm2d, ReLU, Conv2d, GroupNorm"),
        _groups_of("no decay at all", _PLAIN, 0.0, "Linear(2, 3), BatchNorm1d(3), ReLU, Linear(3, 1)"),
        _groups_of("a block", _NESTED, 0.1, "Linear, a residual block with BatchNorm1d, Linear"),
    ),
    call="weight_decay_groups(model, weight_decay)",
    misconceptions=(
        mistake("by-rank", {"rule": "rank"}, {"rule": "rank and no bias"}),
        mistake("norm-scales-decay", rule="name"),
        mistake("biases-decay", rule="norms-only"),
        mistake("batch-norm-alone", rule="batch-norm-only"),
        mistake("convolutions-forgotten", rule="linear-only"),
        mistake("linear-forgotten", rule="convolution-only"),
        mistake("everything-decays", rule="everything"),
        mistake("groups-exchanged", rule="swapped"),
        mistake("top-level-only", walk="children"),
        mistake("listed-twice", walk="twice"),
        mistake("norms-left-out", left_out="norms"),
        mistake("biases-left-out", left_out="biases"),
        mistake("key-missing", says_zero=False),
        mistake("zero-decay-replaced", value="or 0.01"),
        mistake("decay-hard-coded", {"value": 0.01}, {"value": 1e-4}, {"value": 5e-4}),
    ),
)
