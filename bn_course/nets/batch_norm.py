"""Batch norm for PyTorch by hand: the autograd function with its closed form, and the module. (lesson 06)

Both are the equal of PyTorch's own, argument by argument; the tests compare them.
"""

import torch
from torch import Tensor, nn


def shared_axes(x: Tensor) -> list[int]:
    """Every axis but that of the channels, which is axis 1."""
    return [0, *range(2, x.dim())]


def per_channel(vector: Tensor, x: Tensor) -> Tensor:
    """A vector (C,) shaped to broadcast against x (N, C, …)."""
    return vector.view(-1, *[1] * (x.dim() - 2))


class BatchNormFunction(torch.autograd.Function):
    """y = γ (x − μ) / √(σ² + ε) + β over every axis but 1, with the closed form as its backward pass.

    `BatchNormFunction.apply(x, gamma, beta, eps)`: x is (N, C, …), γ and β are (C,). With M values a channel,
    dβ = Σdy, dγ = Σ dy·x̂ and dx = γ/√(σ² + ε) · (dy − dβ/M − x̂·dγ/M). The backward pass is made of
    differentiable operations, so second derivatives work too.

    Source: Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.
    """

    @staticmethod
    def forward(ctx, x: Tensor, gamma: Tensor, beta: Tensor, eps: float) -> Tensor:
        ctx.save_for_backward(x, gamma)
        ctx.eps = eps
        x_hat, _ = standardised(x, eps)
        return per_channel(gamma, x) * x_hat + per_channel(beta, x)

    @staticmethod
    def backward(ctx, dy: Tensor):
        x, gamma = ctx.saved_tensors
        x_hat, inv_std = standardised(x, ctx.eps)
        axes, count = shared_axes(x), x.numel() // x.shape[1]
        dbeta, dgamma = dy.sum(axes), (dy * x_hat).sum(axes)
        mean_dy, mean_dy_x_hat = (per_channel(total / count, x) for total in (dbeta, dgamma))
        dx = per_channel(gamma, x) * inv_std * (dy - mean_dy - x_hat * mean_dy_x_hat)
        return dx, dgamma, dbeta, None


def standardised(x: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """(x − μ)/√(σ² + eps) and 1/√(σ² + eps), the second with the shared axes kept. Two passes."""
    centred = x - x.mean(shared_axes(x), keepdim=True)
    inv_std = torch.rsqrt((centred * centred).mean(shared_axes(x), keepdim=True) + eps)
    return centred * inv_std, inv_std


class BatchNorm2d(nn.Module):
    """`torch.nn.BatchNorm2d`, written out: its arguments but device and dtype, its outputs and its state.

    In training, or where no running statistics are tracked, the batch's own statistics are used. Running
    statistics follow new = (1 − momentum)·old + momentum·batch, or the plain average over all batches where
    momentum is None; the running variance is made of sample variances. Arithmetic on half-precision input is
    in float32.

    Raises:
        ValueError: x has not four axes, or one value a channel in training.
        RuntimeError: x has another number of channels.
    """

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
    ):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        self.affine, self.track_running_stats = affine, track_running_stats
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine and bias else None
        tracked = track_running_stats
        self.register_buffer("running_mean", torch.zeros(num_features) if tracked else None)
        self.register_buffer("running_var", torch.ones(num_features) if tracked else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if tracked else None)

    def forward(self, x: Tensor) -> Tensor:
        if x.dim() != 4:
            raise ValueError(f"expected 4D input (got {x.dim()}D input)")
        if x.shape[1] != self.num_features:
            raise RuntimeError(f"x has {x.shape[1]} channels; this layer has {self.num_features}")
        if self.training or self.running_mean is None:
            mean, var = self._of_the_batch(x)
        else:
            mean, var = self.running_mean, self.running_var
        wide = x if x.dtype == torch.float64 else x.float()
        y = (wide - per_channel(mean, x)) * torch.rsqrt(per_channel(var, x) + self.eps)
        if self.weight is not None:
            y = per_channel(self.weight, x) * y
        if self.bias is not None:
            y = y + per_channel(self.bias, x)
        return y.to(x.dtype)

    def _of_the_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The batch's mean and variance; the running ones move, in training."""
        count = x.numel() // x.shape[1]
        if count == 1:
            raise ValueError(f"expected more than 1 value per channel when training, got {tuple(x.shape)}")
        wide = x if x.dtype == torch.float64 else x.float()
        var, mean = torch.var_mean(wide, shared_axes(x), correction=0)
        if self.training and self.running_mean is not None:
            with torch.no_grad():
                self.num_batches_tracked += 1
                weight = 1 / self.num_batches_tracked.item() if self.momentum is None else self.momentum
                self.running_mean.lerp_(mean.to(self.running_mean.dtype), weight)
                sample_var = var * (count / (count - 1))
                self.running_var.lerp_(sample_var.to(self.running_var.dtype), weight)
        return mean, var
