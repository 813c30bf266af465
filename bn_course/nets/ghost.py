"""Batch norm over parts of the batch: a small batch's noise, whatever batch the optimiser has. (lesson 09)"""

import torch
from torch import Tensor, nn
from torch.nn import functional


class GhostBatchNorm1d(nn.Module):
    """Batch normalisation of (N, D) in ghost batches of `ghost_size` consecutive examples, each by itself.

    In training, x̂ = (x − μ_g) / √(σ²_g + ε), where g is the ghost batch of the example; a last, smaller
    one is normalised by itself too. In evaluation it is `nn.BatchNorm1d`, whose running statistics it keeps:
    one step of `momentum` a batch, towards the mean of the batch and the variance within its ghost batches,
    Σ(x − μ_g)² / (N − number of ghost batches). With one ghost batch that is `nn.BatchNorm1d` itself.

    Args:
        num_features: D.
        ghost_size: examples that share a statistic, at least 2.
        eps: ε, added to the variance.
        momentum: weight of the new batch in the running statistics.

    Raises:
        ValueError: `ghost_size` is below 2; x is not (N, D); in training, a last ghost batch of one.

    Source: Hoffer, Hubara and Soudry, Train longer, generalize better (2017), arXiv:1705.08741, algorithm 1.
    It takes a step of `momentum` for each ghost batch, so that small ones also make a short memory.
    """

    def __init__(self, num_features: int, ghost_size: int, eps: float = 1e-5, momentum: float = 0.1):
        super().__init__()
        if ghost_size < 2:
            raise ValueError(f"ghost_size is {ghost_size}; it must be at least 2: one value has no spread")
        self.num_features, self.ghost_size = num_features, ghost_size
        self.eps, self.momentum = eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features))
        self.bias = nn.Parameter(torch.zeros(num_features))
        self.register_buffer("running_mean", torch.zeros(num_features))
        self.register_buffer("running_var", torch.ones(num_features))

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim != 2 or x.shape[1] != self.num_features:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, {self.num_features})")
        if not self.training:
            running = self.running_mean, self.running_var
            return functional.batch_norm(x, *running, self.weight, self.bias, eps=self.eps)
        last = len(x) % self.ghost_size
        if len(x) == 0 or last == 1:
            raise ValueError(
                f"x has {len(x)} examples: ghost batches of {self.ghost_size} leave a last one of {last}; "
                "it must have at least 2"
            )
        parts = [part for part in x.tensor_split([len(x) - last]) if len(part)]
        x_hats, squares = zip(*(self._standardise(part) for part in parts), strict=True)
        ghosts = -(-len(x) // self.ghost_size)
        with torch.no_grad():
            self.running_mean.lerp_(x.mean(0), self.momentum)
            self.running_var.lerp_(sum(squares) / (len(x) - ghosts), self.momentum)
        return torch.cat(x_hats) * self.weight + self.bias

    def _standardise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x̂ of the ghost batches in x, all of one size, and Σ(x − μ_g)² over all of them (D,)."""
        size, features = min(self.ghost_size, len(x)), self.num_features
        columns = x.unflatten(0, (-1, size)).transpose(0, 1).reshape(size, -1)  # (size, G·D): a plain BN
        mean, var = x.new_zeros(columns.shape[1]), x.new_ones(columns.shape[1])
        x_hat = functional.batch_norm(columns, mean, var, training=True, momentum=1.0, eps=self.eps)
        x_hat = x_hat.reshape(size, -1, features).transpose(0, 1).reshape(x.shape)
        return x_hat, (size - 1) * var.view(-1, features).sum(0)  # var is the sample's, ÷(size − 1)

    def extra_repr(self) -> str:
        return f"{self.num_features}, ghost_size={self.ghost_size}, eps={self.eps}, momentum={self.momentum}"
