"""Folding a trained network: its batch norm layers become part of the layers before them. (lesson 13)"""

import copy

import torch
from torch import nn

from bn_course.norms import fold_into_conv, fold_into_linear

_FOLDS = {
    nn.Linear: (nn.BatchNorm1d, fold_into_linear),
    nn.Conv2d: (nn.BatchNorm2d, fold_into_conv),
}


def folded(model: nn.Module) -> nn.Module:
    """A copy of `model`, in evaluation mode, that gives the same outputs without the norms it can fold.

    In each `nn.Sequential` of the model, however deep, a linear layer followed at once by `BatchNorm1d`,
    or a convolution followed at once by `BatchNorm2d`, becomes one layer (arithmetic in float64, then back
    to the weight's type). A norm anywhere else, or without running statistics, stays.

    Linear layers take (N, in): with (N, T, in) a `BatchNorm1d` behind them has T channels.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.1; Jacob et al. 2018, arXiv:1712.05877, 3.2.
    """
    model = copy.deepcopy(model).eval()
    return _fold_below(model)


def _fold_below(module: nn.Module) -> nn.Module:
    for name, child in module.named_children():
        setattr(module, name, _fold_below(child))
    if type(module) is not nn.Sequential:
        return module
    layers: list[nn.Module] = []
    for layer in module:
        if layers and _fits(layers[-1], layer):
            _take_in(layers[-1], layer)
        else:
            layers.append(layer)
    return nn.Sequential(*layers).eval()


def _fits(layer: nn.Module, norm: nn.Module) -> bool:
    kind, _ = _FOLDS.get(type(layer), (None, None))
    return kind is not None and type(norm) is kind and norm.running_var is not None


@torch.no_grad()
def _take_in(layer: nn.Module, norm: nn.Module) -> None:
    _, fold = _FOLDS[type(layer)]
    ones, zeros = torch.ones_like(norm.running_var), torch.zeros_like(norm.running_var)
    gamma = ones if norm.weight is None else norm.weight
    beta = zeros if norm.bias is None else norm.bias
    tensors = (layer.weight, layer.bias, gamma, beta, norm.running_mean, norm.running_var)
    arrays = (None if t is None else t.double().cpu().numpy() for t in tensors)
    like = layer.weight
    parts = (torch.from_numpy(part).to(like) for part in fold(*arrays, eps=norm.eps))
    layer.weight, layer.bias = (nn.Parameter(part, like.requires_grad) for part in parts)
