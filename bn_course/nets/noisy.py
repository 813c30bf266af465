"""Batch norm whose output is shifted and stretched at random: covariate shift on purpose. (lesson 08)"""

import torch
from torch import Tensor, nn


class NoisyBatchNorm1d(nn.BatchNorm1d):
    """Batch norm that, in training, moves the distribution of each feature anew at every step.

    y = s·BN(x) + m, with m drawn evenly from (−shift, shift) and s from (1, 1 + stretch), for each feature
    and each forward pass, the same for all examples of the batch. So the layer above never meets the same
    input distribution twice. In evaluation it is `nn.BatchNorm1d`.

    Args:
        num_features: D.
        shift: the largest |m|, in units of what batch norm puts out; not negative.
        stretch: the largest s − 1; not negative.

    Source: after Santurkar, Tsipras, Ilyas and Mądry (2018), How does batch normalization help
    optimization?, arXiv:1805.11604, section 2.1. Their noise has parts for single examples as well.
    """

    def __init__(self, num_features: int, shift: float = 0.5, stretch: float = 0.25):
        if shift < 0 or stretch < 0:
            raise ValueError(f"shift is {shift} and stretch is {stretch}; neither may be negative")
        super().__init__(num_features)
        self.shift, self.stretch = shift, stretch

    def forward(self, x: Tensor) -> Tensor:
        y = super().forward(x)
        if not self.training:
            return y
        s = 1 + self.stretch * torch.rand(self.num_features, dtype=y.dtype, device=y.device)
        m = self.shift * (2 * torch.rand(self.num_features, dtype=y.dtype, device=y.device) - 1)
        return y * s + m  # (N, D)
