"""Batch renormalisation: in training, nearly what inference will do. (lesson 10)"""

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.modules.batchnorm import _BatchNorm


class BatchRenorm1d(_BatchNorm):
    """y = γ (x̂ r + d) + β in training, with x̂ = (x − μ)/√(σ² + ε) as in batch norm, and

    r = √(σ² + ε)/√(running_var + ε), clipped to [1/r_max, r_max],
    d = (μ − running_mean)/√(running_var + ε), clipped to [−d_max, d_max],

    both taken as constants in the backward pass and from the running statistics before this batch's
    update. Where neither is clipped, y is what evaluation would give. r_max = 1 and d_max = 0 is batch norm.

    `r_max` and `d_max` are attributes, to be raised during training: the paper starts at (1, 0) and
    relaxes to (3, 5). The running statistics follow PyTorch (the paper averages σ, this σ²).

    Args:
        num_features, eps, momentum: as in `torch.nn.BatchNorm1d`.
        r_max, d_max: the bounds, r_max ≥ 1 and d_max ≥ 0.

    Shapes: x (N, C) or (N, C, L), as in `torch.nn.BatchNorm1d`.

    Raises:
        ValueError: x has other axes or one value a channel in training; a bound is too small.

    Source: Ioffe 2017, Batch Renormalization, arXiv:1702.03275, Algorithm 1.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.1,
        r_max: float = 3.0,
        d_max: float = 5.0,
    ):
        super().__init__(num_features, eps, momentum)
        if r_max < 1 or d_max < 0:
            raise ValueError(f"r_max is {r_max} and d_max {d_max}; they must be at least 1 and 0")
        self.r_max, self.d_max = r_max, d_max

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim not in (2, 3):
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, C) or (N, C, L)")

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return super().forward(x)
        self._check_input_dim(x)
        with torch.no_grad():
            var, mean = torch.var_mean(x, (0, *range(2, x.ndim)), correction=0)
            running_std = torch.sqrt(self.running_var + self.eps)
            r = (torch.sqrt(var + self.eps) / running_std).clamp(1 / self.r_max, self.r_max)
            d = ((mean - self.running_mean) / running_std).clamp(-self.d_max, self.d_max)
            self.num_batches_tracked += 1
        # γ (x̂ r + d) + β is batch norm with scale γ r and shift γ d + β; it moves the running statistics.
        return functional.batch_norm(
            x,
            self.running_mean,
            self.running_var,
            self.weight * r,
            self.weight * d + self.bias,
            training=True,
            momentum=self.momentum,
            eps=self.eps,
        )
