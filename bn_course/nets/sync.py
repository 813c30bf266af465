"""Batch norm whose batch is spread over several processes. (lesson 10)

    model = synchronised(model)     # before training; each worker has a copy of it

`torch.nn.SyncBatchNorm` does the same on GPUs, and refuses CPU tensors in training.
"""

import torch
from torch import Tensor, distributed, nn
from torch.autograd.function import once_differentiable
from torch.nn.modules.batchnorm import _BatchNorm


class SyncBatchNormFunction(torch.autograd.Function):
    """y = γ (x − μ)/√(σ² + ε) + β, with μ and σ² over the shards of all workers.

    Two all-reduces forward (Σx with n, then Σ(x − μ)²: never E[x²] − E[x]²) and one backward. The shards
    need not be equal, and may be empty. `dx` is the gradient of the *sum* of all workers' losses; dγ and
    dβ are this worker's share of it, so they are to be summed over the workers like any other gradient.

    Shapes: x (N, C, ...); weight and bias (C,). Returns y, and without a gradient μ (C,), σ² ÷ n (C,), n.
    """

    @staticmethod
    def forward(ctx, x: Tensor, weight: Tensor, bias: Tensor, eps: float):
        axes = (0, *range(2, x.ndim))
        sums = torch.cat([x.sum(axes), x.new_tensor([x.numel() / x.shape[1]])])
        distributed.all_reduce(sums)
        n = sums[-1]
        if n <= 1:
            raise ValueError(f"the workers have {n:.0f} values a channel together; training needs 2 or more")
        mean = sums[:-1] / n
        squares = (x - _per_channel(mean, x)).square().sum(axes)
        distributed.all_reduce(squares)
        var = squares / n
        inv_std = torch.rsqrt(var + eps)
        x_hat = (x - _per_channel(mean, x)) * _per_channel(inv_std, x)
        ctx.save_for_backward(x_hat, weight, inv_std, n)
        ctx.mark_non_differentiable(mean, var, n)
        return x_hat * _per_channel(weight, x) + _per_channel(bias, x), mean, var, n

    @staticmethod
    @once_differentiable
    def backward(ctx, dy: Tensor, *_):
        x_hat, weight, inv_std, n = ctx.saved_tensors
        axes = (0, *range(2, dy.ndim))
        dbeta, dgamma = dy.sum(axes), (dy * x_hat).sum(axes)
        sums = torch.stack([dbeta, dgamma])
        distributed.all_reduce(sums)
        shift, spread = (_per_channel(total / n, dy) for total in sums)
        dx = _per_channel(weight * inv_std, dy) * (dy - shift - x_hat * spread)
        return dx, dgamma, dbeta, None


def _per_channel(vector: Tensor, x: Tensor) -> Tensor:
    """(C,) → (1, C, 1, …), so that it runs along the channels of x."""
    return vector.reshape(1, -1, *[1] * (x.ndim - 2))


class SyncBatchNorm(_BatchNorm):
    """Batch norm of (N, C, ...) whose training statistics are those of all workers' shards together.

    Every worker of the process group must call it equally often. Parameters, buffers and evaluation are
    those of `torch.nn.BatchNorm1d`; in training without a process group, or with one worker, so is all
    else. The running variance takes σ² n/(n − 1), n being the values a channel of all workers.

    Raises:
        ValueError: x has fewer than 2 axes; all workers together have fewer than 2 values a channel.
    """

    def _check_input_dim(self, x: Tensor) -> None:
        if x.ndim < 2:
            raise ValueError(f"x has shape {tuple(x.shape)}; it must be (N, C, ...)")

    def forward(self, x: Tensor) -> Tensor:
        self._check_input_dim(x)
        if not self.training or not distributed.is_initialized():
            return super().forward(x)
        weight = x.new_ones(x.shape[1]) if self.weight is None else self.weight
        bias = x.new_zeros(x.shape[1]) if self.bias is None else self.bias
        y, mean, var, n = SyncBatchNormFunction.apply(x, weight, bias, self.eps)
        if self.running_mean is not None:
            self.num_batches_tracked += 1
            share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
            self.running_mean.lerp_(mean, share)
            self.running_var.lerp_(var * n / (n - 1), share)
        return y


def synchronised(model: nn.Module) -> nn.Module:
    """`model` with every batch norm replaced by a `SyncBatchNorm` that shares its parameters and buffers."""
    for name, layer in model.named_children():
        setattr(model, name, synchronised(layer))
    if not isinstance(model, _BatchNorm) or isinstance(model, SyncBatchNorm):
        return model
    layer = SyncBatchNorm(model.num_features, model.eps, model.momentum, False, model.track_running_stats)
    layer.training = model.training
    layer.affine, layer.weight, layer.bias = model.affine, model.weight, model.bias
    if model.track_running_stats:
        layer.running_mean, layer.running_var = model.running_mean, model.running_var
        layer.num_batches_tracked = model.num_batches_tracked
    return layer
