"""Which parameters weight decay may pull to zero."""

from typing import Any

from torch import nn

DECAYING = (nn.Linear, nn.modules.conv._ConvNd)


def weight_decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Two groups for an optimiser: the weights of linear and convolution layers decay, the rest does not.

    The rest is every bias and all parameters of norms, whatever their rank. A parameter that several
    layers share is listed once, and decays if it is the weight of one that does.

    Source: He et al., Bag of Tricks for Image Classification (2019), arXiv:1812.01187, section 3.1.
    """
    weights = [layer.weight for layer in model.modules() if isinstance(layer, DECAYING)]
    decaying = {id(weight) for weight in weights}
    groups: dict[bool, list[nn.Parameter]] = {True: [], False: []}
    for parameter in model.parameters():
        groups[id(parameter) in decaying].append(parameter)
    return [
        {"params": groups[True], "weight_decay": weight_decay},
        {"params": groups[False], "weight_decay": 0.0},
    ]
