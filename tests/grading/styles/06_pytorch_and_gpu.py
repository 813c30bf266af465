"""Right answers to lesson 06's questions, written in other ways."""

import math

import numpy as np
import torch
from styles import kernels, more_kernels
from torch import nn
from torch.nn import functional

# --- bytes_moved ------------------------------------------------------------------------------


def bytes_by_branches(shape, dtype, op):
    if isinstance(dtype, torch.dtype):
        width = torch.empty(0, dtype=dtype).element_size()
    elif dtype == "bfloat16":
        width = 2
    else:
        width = np.dtype(dtype).itemsize
    count = 1
    for size in shape:
        count *= size
    if op == "inference":
        return 2 * count * width
    if op == "training":
        return 3 * count * width
    return 5 * count * width


def bytes_by_reads_and_writes(shape, dtype, op):
    name = dtype.__name__ if isinstance(dtype, type) else str(dtype).removeprefix("torch.")
    tensor = int(np.prod(shape)) * getattr(torch, name).itemsize
    reads, writes = {"inference": ("x", "y"), "training": ("xx", "y"), "backward": (["x", "dy"] * 2, ["dx"])}[
        op
    ]
    return tensor * (len(reads) + len(writes))


def bytes_as_a_float(shape, dtype, op):
    if not isinstance(dtype, torch.dtype):
        dtype = getattr(torch, dtype if isinstance(dtype, str) else np.dtype(dtype).name)
    return float({"inference": 2, "training": 3, "backward": 5}[op] * math.prod(shape) * dtype.itemsize)


# --- BatchNormFunction ------------------------------------------------------------------------


class FunctionByRows(torch.autograd.Function):
    """Everything as (C, M): a row a channel."""

    @staticmethod
    def rows(x):
        return x.transpose(0, 1).flatten(1)

    @staticmethod
    def back(rows, like):
        moved = like.transpose(0, 1)
        return rows.reshape(moved.shape).transpose(0, 1)

    @classmethod
    def hat(cls, x, eps):
        rows = cls.rows(x)
        centred = rows - rows.mean(1, keepdim=True)
        inv_std = (centred.square().mean(1, keepdim=True) + eps) ** -0.5
        return centred * inv_std, inv_std

    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma)
        ctx.eps = eps
        x_hat, _ = FunctionByRows.hat(x, eps)
        return FunctionByRows.back(gamma[:, None] * x_hat + beta[:, None], x)

    @staticmethod
    def backward(ctx, dy):
        x, gamma = ctx.saved_tensors
        x_hat, inv_std = FunctionByRows.hat(x, ctx.eps)
        rows = FunctionByRows.rows(dy)
        dx_hat = gamma[:, None] * rows
        along = x_hat * (dx_hat * x_hat).mean(1, keepdim=True)
        dx = inv_std * (dx_hat - dx_hat.mean(1, keepdim=True) - along)
        return FunctionByRows.back(dx, x), (rows * x_hat).sum(1), rows.sum(1), None


class FunctionByEinsum(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma, beta)
        ctx.eps = eps
        return functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)

    @staticmethod
    def backward(ctx, dy):
        x, gamma, _ = ctx.saved_tensors
        shape = (1, -1, *[1] * (x.dim() - 2))
        count = x.numel() / x.shape[1]
        mean = torch.einsum("nc...->c", x) / count
        centred = x - mean.view(shape)
        inv_std = 1 / torch.sqrt(torch.einsum("nc...,nc...->c", centred, centred) / count + ctx.eps)
        x_hat = centred * inv_std.view(shape)
        dbeta, dgamma = torch.einsum("nc...->c", dy), torch.einsum("nc...,nc...->c", dy, x_hat)
        inner = count * dy - dbeta.view(shape) - x_hat * dgamma.view(shape)
        return (gamma * inv_std / count).view(shape) * inner, dgamma, dbeta, None


class FunctionByAutograd(torch.autograd.Function):
    """The backward pass leaves the work to autograd."""

    @staticmethod
    def forward(ctx, x, gamma, beta, eps):
        ctx.save_for_backward(x, gamma, beta)
        ctx.eps = eps
        return functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)

    @staticmethod
    def backward(ctx, dy):
        x, gamma, beta = ctx.saved_tensors
        again = torch.is_grad_enabled()
        with torch.enable_grad():
            x = x if x.requires_grad else x.detach().requires_grad_()
            axes = [0, *range(2, x.dim())]
            shape = (1, -1, *[1] * (x.dim() - 2))
            std = torch.sqrt(torch.var(x, axes, correction=0, keepdim=True) + ctx.eps)
            y = (x - x.mean(axes, keepdim=True)) / std * gamma.view(shape) + beta.view(shape)
            return *torch.autograd.grad(y, (x, gamma, beta), dy, create_graph=again), None


# --- BatchNorm2d ------------------------------------------------------------------------------


class LayerByFunctional(nn.Module):
    """The statistics by hand, the rest by PyTorch's function."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.num_features, self.eps, self.momentum = num_features, eps, momentum
        if affine:
            self.weight, self.bias = (
                nn.Parameter(torch.ones(num_features)),
                nn.Parameter(torch.zeros(num_features)),
            )
        else:
            self.register_parameter("weight", None)
            self.register_parameter("bias", None)
        self.register_buffer("running_mean", torch.zeros(num_features) if track_running_stats else None)
        self.register_buffer("running_var", torch.ones(num_features) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", torch.tensor(0) if track_running_stats else None)

    def forward(self, x):
        if x.ndim != 4:
            raise ValueError(f"four axes are needed, not {x.ndim}")
        momentum = self.momentum
        if self.training and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if momentum is None:
                momentum = 1.0 / float(self.num_batches_tracked)
        by_batch = self.training or self.running_mean is None
        statistics = (self.running_mean, self.running_var)
        return functional.batch_norm(
            x, *statistics, self.weight, self.bias, by_batch, momentum or 0.0, self.eps
        )


class LayerByInheritance(nn.BatchNorm2d):
    pass


class LayerByHand(nn.Module):
    """With einsum and explicit numbers; the buffers are replaced rather than changed."""

    def __init__(self, num_features, eps=1e-5, momentum=0.1, affine=True, track_running_stats=True):
        super().__init__()
        self.c, self.eps, self.momentum = num_features, eps, momentum
        self.weight = nn.Parameter(torch.ones(num_features)) if affine else None
        self.bias = nn.Parameter(torch.zeros(num_features)) if affine else None
        for name, value in (("mean", torch.zeros(num_features)), ("var", torch.ones(num_features))):
            self.register_buffer(f"running_{name}", value if track_running_stats else None)
        counter = torch.zeros((), dtype=torch.long) if track_running_stats else None
        self.register_buffer("num_batches_tracked", counter)

    def forward(self, x):
        if len(x.shape) != 4:
            raise ValueError("(N, C, H, W)")
        n, c, h, w = x.shape
        if c != self.c:
            raise RuntimeError(f"{self.c} channels")
        z = x.float() if x.dtype in (torch.float16, torch.bfloat16) else x
        mean, var = self.running_mean, self.running_var
        if self.training or mean is None:
            m = n * h * w
            if m == 1:
                raise ValueError("one value a channel")
            mean = torch.einsum("nchw->c", z) / m
            centred = z - mean[None, :, None, None]
            var = torch.einsum("nchw,nchw->c", centred, centred) / m
            if self.training and self.running_mean is not None:
                self.num_batches_tracked = self.num_batches_tracked + 1
                a = self.momentum if self.momentum is not None else 1 / self.num_batches_tracked.item()
                self.running_mean = (1 - a) * self.running_mean + a * mean.detach()
                self.running_var = (1 - a) * self.running_var + a * var.detach() * m / (m - 1)
        z = (z - mean[None, :, None, None]) / torch.sqrt(var + self.eps)[None, :, None, None]
        if self.weight is not None:
            z = torch.addcmul(self.bias[None, :, None, None], self.weight[None, :, None, None], z)
        return z.to(x.dtype)


STYLES = {
    "bytes_moved": {
        "branches": bytes_by_branches,
        "reads and writes": bytes_by_reads_and_writes,
        "a float": bytes_as_a_float,
    },
    "BatchNormFunction": {
        "rows": FunctionByRows,
        "einsum": FunctionByEinsum,
        "autograd inside": FunctionByAutograd,
    },
    "BatchNorm2d": {
        "functional": LayerByFunctional,
        "inheritance": LayerByInheritance,
        "by hand": LayerByHand,
    },
    "stats_kernel": {
        "turned": kernels.stats_turned,
        "about the first tile": kernels.stats_about_the_first,
        "Welford in lanes": kernels.stats_by_lanes,
    },
    "normalize_kernel": {
        "parts in turn": kernels.normalize_in_turn,
        "from the end": kernels.normalize_backwards,
        "about the first part": kernels.normalize_small,
    },
    "backward_kernel": {
        "parts in turn": more_kernels.backward_in_turn,
        "by dx̂": more_kernels.backward_by_hat,
        "from the end": more_kernels.backward_from_the_end,
    },
    "fused_relu_kernel": {
        "where": more_kernels.fused_by_where,
        "turned": more_kernels.fused_turned,
        "from the end": more_kernels.fused_from_the_end,
    },
    "layer_norm_kernel": {
        "rsqrt": more_kernels.row_by_rsqrt,
        "about the largest": more_kernels.row_about_its_first,
        "a block": more_kernels.row_as_a_block,
    },
}
