"""Residual blocks that start as the identity."""

import torch
from torch import nn

NORMS = (nn.modules.batchnorm._BatchNorm, nn.LayerNorm, nn.GroupNorm)


@torch.no_grad()
def zero_init_residual(model: nn.Module) -> None:
    """Set γ = 0 in the last norm of every residual block, so that y = x + branch(x) starts as y = x.

    A residual block is a module with a `.branch`, an `nn.Sequential`; the norm may sit in a Sequential
    within it. β is left at its 0. A block that ends in another layer than its norm starts as the
    identity only if that layer makes 0 of 0.

    Source: Goyal et al., Accurate, Large Minibatch SGD (2017), arXiv:1706.02677, section 5.1.
    """
    for block in model.modules():
        if not isinstance(getattr(block, "branch", None), nn.Sequential):
            continue
        norms = [layer for layer in block.branch.modules() if isinstance(layer, NORMS)]
        if norms:
            nn.init.zeros_(norms[-1].weight)
