"""Batch norm in training, written in several ways, each ready to be timed on the same tensors."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from bn_course import norms
from bn_course.nets.batch_norm import BatchNormFunction, per_channel, shared_axes

EPS = 1e-5


def composed(x: Tensor, gamma: Tensor, beta: Tensor) -> Tensor:
    """The formula in torch operations; autograd finds the backward pass."""
    mean = x.mean(shared_axes(x), keepdim=True)
    centred = x - mean
    inv_std = torch.rsqrt((centred * centred).mean(shared_axes(x), keepdim=True) + EPS)
    return per_channel(gamma, x) * (centred * inv_std) + per_channel(beta, x)


def contestants(
    shape: tuple[int, ...],
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
    compiled: bool = False,
    ours: bool | None = None,
) -> dict[str, Callable[[], object]]:
    """What can run here: name → a function that does one forward and one backward pass, and returns ∂L/∂x.

    Args:
        shape: (N, C, …) of x.
        compiled: also `torch.compile`, whose first call takes some ten seconds.
        ours: also the fused kernels; None means on a GPU, where they are not interpreted.
    """
    torch.manual_seed(0)
    x = torch.randn(shape, device=device).to(dtype)
    dy = torch.randn(shape, device=device).to(dtype)
    last = {} if x.dim() != 4 else {"memory_format": torch.channels_last}
    found: dict[str, Callable[[], object]] = {}
    gamma, beta = (nn.Parameter(torch.full((shape[1],), v, device=device)) for v in (1.5, 0.5))
    if device == "cpu" and dtype == torch.float32:
        arrays = [tensor.detach().numpy() for tensor in (x, dy, gamma, beta)]
        found["NumPy"] = partial(_numpy, *arrays)
        found["NumPy, bare"] = _numpy_bare(*arrays)
    found["torch operations"] = _torch(lambda x: composed(x, gamma, beta), x, dy)
    found["autograd Function"] = _torch(lambda x: BatchNormFunction.apply(x, gamma, beta, EPS), x, dy)
    layer = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}[x.dim()]
    found["nn.BatchNorm"] = _torch(layer(shape[1]).to(device), x, dy)
    if last:
        found["nn.BatchNorm, channels last"] = _torch(layer(shape[1]).to(device), x.to(**last), dy.to(**last))
    if compiled:
        fast = torch.compile(lambda x: composed(x, gamma, beta), dynamic=False)
        found["torch.compile"] = _torch(fast, x, dy)
    if last and (device != "cpu" if ours is None else ours):
        found |= _fused(x, dy, last)
    return found


def _torch(layer: Callable[[Tensor], Tensor], x: Tensor, dy: Tensor) -> Callable[[], object]:
    leaf = x.detach().clone(memory_format=torch.preserve_format).requires_grad_()

    def both_ways():
        leaf.grad = None
        layer(leaf).backward(dy)
        return leaf.grad

    return both_ways


def _numpy(x: np.ndarray, dy: np.ndarray, gamma: np.ndarray, beta: np.ndarray) -> np.ndarray:
    norms.batch_norm(x, gamma, beta, EPS)
    return norms.batch_norm_backward(dy, x, gamma, EPS)[0]


def _numpy_bare(
    x: np.ndarray, dy: np.ndarray, gamma: np.ndarray, beta: np.ndarray
) -> Callable[[], np.ndarray]:
    """The fewest passes that NumPy can do it in: nothing checked, sums in float32, every array made once,
    and x − μ and 1/σ kept for the way back."""
    axes, column = "ncdhw"[: x.ndim], (1, -1, *[1] * (x.ndim - 2))
    gamma, beta = gamma.reshape(column), beta.reshape(column)
    m = np.float32(x.size // x.shape[1])
    samples = np.ones(len(x), np.float32)
    pixels = np.ones(x[0, 0].size, np.float32)
    centred, y = np.empty_like(x), np.empty_like(x)

    def total(a):
        by_sample = a if a.ndim == 2 else a.reshape(*a.shape[:2], -1) @ pixels
        return (samples @ by_sample).reshape(column)

    def products(a):
        return np.einsum(f"{axes},{axes}->c", a, centred).reshape(column)

    def both_ways():
        np.subtract(x, total(x) / m, out=centred)
        inv_std = 1 / np.sqrt(products(centred) / m + np.float32(EPS))
        scale = gamma * inv_std
        np.multiply(centred, scale, out=y)
        np.add(y, beta, out=y)
        mean_dy, slope = total(dy) / m, products(dy) * inv_std**2 / m
        dx = np.multiply(centred, slope, out=centred)
        np.subtract(dy, dx, out=dx)
        np.subtract(dx, mean_dy, out=dx)
        return np.multiply(dx, scale, out=dx)

    return both_ways


def _fused(x: Tensor, dy: Tensor, last: dict) -> dict[str, Callable[[], object]]:
    """The rungs of the ladder."""
    from bn_course.gpu import fused

    plans = {
        "one program a channel": fused.ONE_PROGRAM,
        "split": fused.SPLIT,
        "split, second pass reversed": fused.REVERSED,
        "split, reversed, in groups": fused.GROUPED,
    }
    found = {}
    for name, plan in plans.items():
        layer = fused.FusedBatchNorm2d(x.shape[1]).to(x.device)
        layer.plan = plan
        found[f"ours: {name}"] = _torch(layer, x, dy)
    layer = fused.FusedBatchNorm2d(x.shape[1]).to(x.device)
    found["ours: channels last"] = _torch(layer, x.to(**last), dy.to(**last))
    pair = nn.Sequential(nn.BatchNorm2d(x.shape[1]), nn.ReLU()).to(x.device)
    found["nn.BatchNorm, then ReLU"] = _torch(pair, x, dy)
    found["ours: with ReLU"] = _torch(fused.FusedBatchNorm2d(x.shape[1], relu=True).to(x.device), x, dy)
    return found
