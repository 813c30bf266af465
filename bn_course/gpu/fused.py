"""The kernels as PyTorch sees them: plans for launching, an autograd function, a module."""

import math
from dataclasses import dataclass

import torch
import triton
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from bn_course.gpu import kernels


@dataclass(frozen=True)
class Plan:
    """How the work is cut up: the rungs of lesson 06's ladder.

    Attributes:
        splits: programs that share a channel; None chooses enough to fill the device.
        reverse: whether pass 2 goes backwards through what pass 1 read.
        group_bytes: so many bytes of channels go through both passes before the next, to be found in the
            L2 cache the second time; None takes all channels at once.
    """

    splits: int | None = None
    reverse: bool = True
    group_bytes: int | None = None


ONE_PROGRAM = Plan(splits=1, reverse=False)
SPLIT = Plan(reverse=False)
REVERSED = Plan()
GROUPED = Plan(group_bytes=20 * 2**20)  # x and y of a group in 60 MB of L2, with room for both directions

PROGRAMS = 1024  # a few for each of a large GPU's processors, so that none waits for the last


@dataclass(frozen=True)
class _Launch:
    """Sizes of x as the kernels take them, and how its channels and values are cut."""

    channels: int
    values: int
    positions: int
    channels_last: bool
    block_m: int
    block_c: int
    splits: int
    per_split: int
    group: int

    @classmethod
    def of(cls, x: Tensor, plan: Plan) -> "_Launch":
        n, c = x.shape[:2]
        positions = x[0, 0].numel()
        values = n * positions
        channels_last = x.stride(1) == 1 and c > 1
        block_c = min(64, triton.next_power_of_2(c)) if channels_last else 1
        most = min(512, 8192 // block_c) if channels_last else 2048
        block_m = min(triton.next_power_of_2(values), most)
        tiles = triton.cdiv(values, block_m)
        blocks = triton.cdiv(c, block_c)
        # Pass 2 reads two float32 of every split: no more bytes than the values that it has to itself.
        worth = math.isqrt(values * x.element_size() // 8)
        splits = plan.splits or max(1, min(tiles, PROGRAMS // blocks, worth))
        per_split = triton.cdiv(tiles, splits) * block_m
        splits = triton.cdiv(values, per_split)  # none without work
        group = blocks
        if plan.group_bytes is not None:
            group = max(1, plan.group_bytes // (values * x.element_size() * block_c))
        return cls(c, values, positions, channels_last, block_m, block_c, splits, per_split, group * block_c)

    @property
    def groups(self) -> list[tuple[int, tuple[int, int]]]:
        """(first channel, grid) of each group."""
        starts = range(0, self.channels, self.group)
        sizes = (min(self.group, self.channels - start) for start in starts)
        return [(s, (triton.cdiv(n, self.block_c), self.splits)) for s, n in zip(starts, sizes, strict=True)]

    @property
    def blocks(self) -> dict[str, int]:
        """What pass 1 is compiled for: at most 32 values a thread, a product and a sum in one instruction."""
        return {
            "S": self.positions,
            "LAST": self.channels_last,
            "BLOCK_M": self.block_m,
            "BLOCK_C": self.block_c,
            "num_warps": 8 if self.channels_last else 4,
            "enable_fp_fusion": True,
        }

    @property
    def blocks_and_parts(self) -> dict[str, int]:
        """What pass 2 is compiled for: it takes up to 2048 of the parts that pass 1 left at once."""
        return {**self.blocks, "PARTS": min(triton.next_power_of_2(self.splits), 2048 // self.block_c)}


def forward(x, gamma, beta, running_mean, running_var, eps, momentum, training, relu, residual, plan):
    """y, and μ and 1/√(σ² + ε) of the batch, (C,) in float32; in training the running statistics change."""
    x = _dense(x)
    residual = None if residual is None else residual.contiguous(memory_format=_format(x))
    launch = _Launch.of(x, plan)
    y = torch.empty_like(x)
    parts = x.new_empty((2, launch.splits, launch.channels), dtype=torch.float32)
    saved = x.new_empty((2, launch.channels), dtype=torch.float32)
    tracked = running_mean is not None
    for first, grid in launch.groups:
        sizes = (first, launch.channels, launch.values, launch.per_split)
        if training:
            kernels.stats_kernel[grid](x, *parts, *sizes, **launch.blocks)
        kernels.normalise_kernel[grid](
            x, x if residual is None else residual, y, gamma, beta, *parts, *saved,
            running_mean if tracked else saved[0], running_var if tracked else saved[1],
            eps, momentum, *sizes, launch.splits, **launch.blocks_and_parts,
            TRAINING=training, TRACKED=tracked and training, RELU=relu, ADD=residual is not None,
            REVERSE=plan.reverse,
        )  # fmt: skip
    return y, *saved


def backward(dy, x, y, gamma, mean, inv_std, relu, add, plan):
    """(dx, dgamma, dbeta, dresidual); dresidual is None unless `add`."""
    x = _dense(x)
    dy = dy.contiguous(memory_format=_format(x))
    launch = _Launch.of(x, plan)
    dx, dgamma, dbeta = torch.empty_like(x), torch.empty_like(gamma), torch.empty_like(gamma)
    dresidual = torch.empty_like(x) if add else None
    parts = x.new_empty((2, launch.splits, launch.channels), dtype=torch.float32)
    y = y if relu else x  # not read
    for first, grid in launch.groups:
        sizes = (first, launch.channels, launch.values, launch.per_split)
        kernels.gradient_sums_kernel[grid](
            x, y, dy, mean, inv_std, *parts, *sizes, **launch.blocks, RELU=relu
        )
        kernels.dx_kernel[grid](
            x, y, dy, dx, dresidual if add else dx, gamma, mean, inv_std, *parts, dbeta, dgamma,
            *sizes, launch.splits, **launch.blocks_and_parts, RELU=relu, ADD=add, REVERSE=plan.reverse,
        )  # fmt: skip
    return dx, dgamma, dbeta, dresidual


class FusedBatchNormFunction(torch.autograd.Function):
    """y = [relu](batch_norm(x) [+ residual]) in training, differentiable once."""

    @staticmethod
    def forward(ctx, x, gamma, beta, residual, running_mean, running_var, eps, momentum, relu, plan):
        y, mean, inv_std = forward(
            x, gamma, beta, running_mean, running_var, eps, momentum, True, relu, residual, plan
        )
        ctx.save_for_backward(x, y if relu else None, gamma, mean, inv_std)
        ctx.settings = relu, residual is not None, plan
        return y

    @staticmethod
    @once_differentiable
    def backward(ctx, dy):
        x, y, gamma, mean, inv_std = ctx.saved_tensors
        dx, dgamma, dbeta, dresidual = backward(dy, x, y, gamma, mean, inv_std, *ctx.settings)
        return dx, dgamma, dbeta, dresidual, *[None] * 6


class FusedBatchNorm2d(nn.BatchNorm2d):
    """`nn.BatchNorm2d` by our kernels, with an optional residual and ReLU: relu(bn(x) + residual).

    Takes NCHW and channels-last, float32, bfloat16 and float16, with parameters and statistics in float32.

    Raises:
        ValueError: momentum is None, there are no γ and β or no running statistics, x has one value a
            channel in training, is empty, or has a type that is not one of the three.
    """

    def __init__(self, num_features: int, eps: float = 1e-5, momentum: float = 0.1, relu: bool = False):
        super().__init__(num_features, eps, momentum)
        if momentum is None:
            raise ValueError("momentum is None; the fused layer needs a number")
        self.relu = relu
        self.plan = REVERSED

    def forward(self, x: Tensor, residual: Tensor | None = None) -> Tensor:
        self._check_input_dim(x)
        self._check(x, residual)
        running = self.running_mean, self.running_var
        if not self.training:
            return self._infer(x, residual)
        self.num_batches_tracked += 1
        settings = self.eps, self.momentum, self.relu, self.plan
        return FusedBatchNormFunction.apply(x, self.weight, self.bias, residual, *running, *settings)

    def _infer(self, x: Tensor, residual: Tensor | None) -> Tensor:
        """By the kernel; by PyTorch where somebody wants gradients through fixed statistics."""
        settings = self.running_mean, self.running_var, self.weight, self.bias
        wanted = (x, self.weight, self.bias, *(() if residual is None else (residual,)))
        if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in wanted):
            y = functional.batch_norm(x, *settings, eps=self.eps)
            y = y if residual is None else y + residual
            return torch.relu(y) if self.relu else y
        mean, var, gamma, beta = settings
        return forward(x, gamma, beta, mean, var, self.eps, 0.0, False, self.relu, residual, self.plan)[0]

    def _check(self, x: Tensor, residual: Tensor | None) -> None:
        if x.dtype not in (torch.float32, torch.bfloat16, torch.float16):
            raise ValueError(f"x is {x.dtype}; the kernels take float32, bfloat16 and float16")
        if x.shape[1] != self.num_features:
            raise ValueError(f"x has {x.shape[1]} channels; the layer has {self.num_features}")
        if x.numel() == 0 or (self.training and x.numel() == x.shape[1]):
            raise ValueError(f"x has shape {tuple(x.shape)}; training needs more than one value a channel")
        if residual is not None and residual.shape != x.shape:
            raise ValueError(f"residual has shape {tuple(residual.shape)}; it must be x's, {tuple(x.shape)}")


def _dense(x: Tensor) -> Tensor:
    """x itself where it lies in one of the two layouts without gaps, a copy otherwise."""
    return x.contiguous(memory_format=_format(x))


def _format(x: Tensor) -> torch.memory_format:
    last = x.dim() == 4 and x.is_contiguous(memory_format=torch.channels_last) and not x.is_contiguous()
    return torch.channels_last if last else torch.contiguous_format
