"""Right answers written in other ways than the reference."""

from collections import OrderedDict
from itertools import groupby, pairwise

import numpy as np

# --- build_mlp --------------------------------------------------------------------------------


def build_in_a_loop(sizes, normalise=True):
    from torch import nn

    layers = []
    for i in range(len(sizes) - 2):
        layers.append(nn.Linear(sizes[i], sizes[i + 1], bias=not normalise))
        if normalise:
            layers.append(nn.BatchNorm1d(sizes[i + 1]))
        layers.append(nn.ReLU(inplace=True))
    layers.append(nn.Linear(sizes[-2], sizes[-1]))
    return nn.Sequential(*layers)


def build_of_blocks(sizes, normalise=True):
    """A Sequential for each hidden layer."""
    from torch import nn

    def block(inputs, outputs):
        norm = nn.BatchNorm1d(outputs) if normalise else nn.Identity()
        return nn.Sequential(nn.Linear(inputs, outputs, bias=not normalise), norm, nn.ReLU())

    hidden = [block(a, b) for a, b in pairwise(sizes[:-1])]
    return nn.Sequential(*hidden, nn.Linear(*sizes[-2:]))


def build_with_names(sizes, normalise=True):
    """Named layers, one ReLU used everywhere."""
    from torch import nn

    relu, named = nn.ReLU(), OrderedDict()
    for number, (inputs, outputs) in enumerate(pairwise(sizes), start=1):
        if number == len(sizes) - 1:
            named["output"] = nn.Linear(inputs, outputs)
        elif normalise:
            named[f"linear{number}"] = nn.Linear(inputs, outputs, bias=False)
            named[f"norm{number}"] = nn.BatchNorm1d(outputs)
            named[f"relu{number}"] = relu
        else:
            named[f"linear{number}"] = nn.Linear(inputs, outputs)
            named[f"relu{number}"] = relu
    return nn.Sequential(named)


# --- weight_decay_groups ----------------------------------------------------------------------


def groups_by_layer(model, weight_decay):
    from torch import nn

    decaying, others = [], []
    for module in model.modules():
        for name, parameter in module.named_parameters(recurse=False):
            is_weight = isinstance(module, nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d) and name == "weight"
            (decaying if is_weight else others).append(parameter)
    return [
        {"params": others, "weight_decay": 0},
        {"params": decaying, "weight_decay": weight_decay},
    ]


def groups_by_name(model, weight_decay):
    """The full name says which module owns it; tuples and generators instead of lists."""
    modules = dict(model.named_modules())

    def decays(name):
        owner, _, last = name.rpartition(".")
        return last != "bias" and "Norm" not in type(modules[owner]).__name__

    named = list(model.named_parameters())
    return (
        {"params": (p for n, p in named if decays(n)), "weight_decay": weight_decay},
        {"params": tuple(p for n, p in named if not decays(n)), "weight_decay": 0.0},
    )


def groups_by_recursion(model, weight_decay):
    from torch import nn

    def split(module):
        weights, rest = [], []
        for child in module.children():
            below = split(child)
            weights += below[0]
            rest += below[1]
        own = dict(module.named_parameters(recurse=False))
        if isinstance(module, nn.Linear) or hasattr(module, "kernel_size"):
            weights.append(own.pop("weight"))
        return weights, rest + list(own.values())

    weights, rest = split(model)
    return [{"params": weights, "weight_decay": weight_decay}, {"params": rest, "weight_decay": 0.0}]


# --- steps_to_target --------------------------------------------------------------------------


def steps_from_the_end(accuracies, target):
    step = len(accuracies)
    while step > 0 and accuracies[step - 1] >= target:
        step -= 1
    return step if step < len(accuracies) else None


def steps_with_numpy(accuracies, target):
    below = np.flatnonzero(np.asarray(accuracies) < target)
    step = below[-1] + 1 if below.size else 0
    return step if step < len(accuracies) else None


def steps_by_the_lowest_to_come(accuracies, target):
    lowest = np.minimum.accumulate(np.array(accuracies)[::-1])[::-1]
    there = lowest >= target
    return int(there.argmax()) if there.any() else None


def steps_by_stretches(accuracies, target):
    begin, last = 0, None
    for reached, stretch in groupby(list(accuracies), lambda a: a >= target):
        last = begin if reached else None
        begin += len(list(stretch))
    return last


# --- zero_init_residual -----------------------------------------------------------------------


def zero_by_types(model):
    import torch
    from torch import nn

    norms = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.LayerNorm, nn.GroupNorm)
    for block in model.modules():
        if hasattr(block, "branch"):
            last = [layer for layer in block.branch.modules() if isinstance(layer, norms)][-1]
            with torch.no_grad():
                last.weight.fill_(0)


def zero_from_the_end(model):
    """The first norm met when the branch is read backwards; `.data`, as older code does."""
    from torch import nn

    def close(layers):
        for layer in reversed(list(layers)):
            if isinstance(layer, nn.Sequential):
                if close(layer):
                    return True
            elif "Norm" in type(layer).__name__:
                layer.weight.data *= 0
                return True
        return False

    model.apply(lambda module: close(module.branch) if hasattr(module, "branch") else None)


def zero_with_a_new_parameter(model):
    """A parameter of zeros takes γ's place."""
    import torch
    from torch import nn

    for module in model.modules():
        branch = getattr(module, "branch", None)
        if branch is None:
            continue
        norms = [m for m in branch.modules() if hasattr(m, "eps")]
        norms[-1].weight = nn.Parameter(torch.zeros_like(norms[-1].weight))


STYLES = {
    "build_mlp": {
        "a loop over indices": build_in_a_loop,
        "a block a layer": build_of_blocks,
        "named layers": build_with_names,
    },
    "weight_decay_groups": {
        "by layer, the other way round": groups_by_layer,
        "by full names": groups_by_name,
        "recursion": groups_by_recursion,
    },
    "steps_to_target": {
        "from the end": steps_from_the_end,
        "NumPy": steps_with_numpy,
        "the lowest to come": steps_by_the_lowest_to_come,
        "stretches": steps_by_stretches,
    },
    "zero_init_residual": {
        "by types": zero_by_types,
        "read backwards": zero_from_the_end,
        "a new parameter": zero_with_a_new_parameter,
    },
}
