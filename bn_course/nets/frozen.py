"""Batch norm that stays as it was trained, while the rest of the network goes on learning. (lesson 13)"""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


def freeze_batch_norm(model: nn.Module) -> None:
    """Fix every batch norm layer of `model`: running statistics, γ and β stay what they are.

    The layers normalise with their running statistics from now on, after `model.train()` too; every other
    layer is as before. The names in `state_dict()` are the same.
    """
    for layer in model.modules():
        if isinstance(layer, _BatchNorm):
            layer.requires_grad_(False)
            layer.zero_grad()  # an optimiser still holds γ and β: without a gradient it leaves them alone
            layer.eval()
            layer.register_forward_pre_hook(_in_evaluation_mode)  # what `model.train()` undoes


def is_frozen(layer: nn.Module) -> bool:
    """Has `freeze_batch_norm` fixed this layer?"""
    return _in_evaluation_mode in layer._forward_pre_hooks.values()


def _in_evaluation_mode(layer: nn.Module, _inputs: tuple) -> None:
    layer.eval()
