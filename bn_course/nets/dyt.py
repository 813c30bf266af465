"""Networks without normalisation: a squashing function, or branches that start at nothing. (lesson 13)"""

import torch
from torch import Tensor, nn


class DynamicTanh(nn.Module):
    """y = γ · tanh(α x) + β, with one learned α and a γ and a β for each feature, the last axis.

    Args:
        num_features: of the last axis.
        alpha: where α starts; 0.5 in the paper.

    Source: Zhu et al. 2025, Transformers without Normalization, arXiv:2503.10622.
    """

    def __init__(self, num_features: int, alpha: float = 0.5):
        super().__init__()
        self.alpha = nn.Parameter(torch.tensor(float(alpha)))
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))

    def forward(self, x: Tensor) -> Tensor:
        return self.weight * torch.tanh(self.alpha * x) + self.bias


class ScaledResidual(nn.Module):
    """y = x + scale · branch(x), with a learned `scale` that starts at 0: the block starts as the identity.

    Source: De and Smith 2020 (SkipInit), Batch Normalization Biases Residual Blocks Towards the Identity
    Function, arXiv:2002.10444. Zhang et al. 2019 (Fixup), arXiv:1901.09321, start the last
    layer of the branch at 0 instead.
    """

    def __init__(self, *branch: nn.Module):
        super().__init__()
        self.branch = nn.Sequential(*branch)
        self.scale = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.scale * self.branch(x)


def scaled_residual_mlp(inputs: int, width: int, depth: int, classes: int) -> nn.Sequential:
    """`residual_mlp` without norms, each block's branch times a learned scale that starts at 0."""
    blocks = [ScaledResidual(nn.ReLU(), nn.Linear(width, width)) for _ in range(depth)]
    return nn.Sequential(nn.Linear(inputs, width), *blocks, nn.ReLU(), nn.Linear(width, classes))
