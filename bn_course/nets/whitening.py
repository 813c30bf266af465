"""Full normalisation: the features are decorrelated too, not only put on one scale. (appendix 13b)"""

import torch
from torch import Tensor, nn


def whitening_matrix(cov: Tensor, iterations: int = 5) -> Tensor:
    """About cov^(−1/2), for a covariance (D, D), by Newton's iteration: three to about a dozen steps.

    P ← ½ (3 P − P³ Σ), from P = I, for Σ = cov / trace(cov); the result is P / √trace(cov). Products of
    matrices alone, so a gradient goes through safely where eigenvalues coincide. Many more steps do not
    help: once it has converged, each one enlarges the rounding error of the one before.

    Source: Huang et al. 2019, Iterative Normalization, arXiv:1904.03441, algorithm 1.
    """
    trace = cov.trace()
    scaled = cov / trace
    p = torch.eye(len(cov), dtype=cov.dtype)
    for _ in range(iterations):
        p = 0.5 * (3 * p - p @ p @ p @ scaled)
    return p / trace.sqrt()


class DecorrelatedBatchNorm1d(nn.Module):
    """y = γ · Σ^(−1/2) (x − μ) + β over the batch (N, D): each feature has variance 1 and none correlates.

    μ and Σ = (x − μ)ᵀ(x − μ)/N + ε I are the batch's in training. Evaluation uses running ones, of both the
    same share `momentum` a batch. N should be well above D: Σ has D (D + 1)/2 numbers to estimate.

    Source: Huang et al. 2018, Decorrelated Batch Normalization, arXiv:1804.08450.
    """

    def __init__(self, num_features: int, iterations: int = 5, eps: float = 1e-3, momentum: float = 0.1):
        super().__init__()
        self.iterations, self.eps, self.momentum = iterations, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_cov", torch.eye(num_features))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 2 or x.shape[1] != len(self.weight):
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, {len(self.weight)})")
        mean, cov = self._statistics(x)
        matrix = whitening_matrix(cov + self.eps * torch.eye(len(cov), dtype=x.dtype), self.iterations)
        return self.weight * ((x - mean) @ matrix) + self.bias

    def _statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        if not self.training:
            return self.running_mean, self.running_cov
        if len(x) < 2:
            raise ValueError(f"x has shape {tuple(x.shape)}; training needs at least 2 examples")
        mean = x.mean(0)
        cov = (x - mean).T @ (x - mean) / len(x)
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum)
            self.running_cov.lerp_(cov * len(x) / (len(x) - 1), self.momentum)
        return mean, cov
