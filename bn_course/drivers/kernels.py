"""How the probes of lesson 06 use a kernel: launched over a grid, its loads and stores counted.

Each driver makes the tensors from plain arrays, launches the kernel under the meter, and returns what was
written, then in words what it did to memory (`CONDUCT`). A kernel that writes nothing gives None.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

# What the words that follow the numbers are about.
CONDUCT = (
    "how often the bytes cross the bus",
    "the sectors that it fetches",
    "the work of its programs",
    "its sums",
    "addresses outside, and memory that nobody wrote",
    "two programs at one address",
    "the same programs in another order",
)
GOOD = ("once", "used whole", "even", "in float32", "none", "none", "the same bits")
_SLACK = 1.02  # the bytes may exceed the least by so much
_UNEVEN = 1.6  # times the mean: the busiest program's bytes; a last part that is short is no fault
_WASTE = 1.6  # times the sectors that the bytes would fill


def stats(answer, x, dtype, layout, per_split, block_m, block_c):
    """mean and m2, (splits, C), of x (N, C, S) in parts of `per_split` values a channel."""
    import torch

    x, sizes, grid = _cut(x, dtype, layout, per_split, block_c)
    mean, m2 = (torch.full((grid[1], x.shape[1]), torch.nan) for _ in range(2))
    arguments = x, mean, m2, *sizes
    outputs = {"mean": mean, "m2": m2}
    return _run(answer, {"x": x}, outputs, arguments, grid, BLOCK_M=block_m, BLOCK_C=block_c)


def normalize(answer, x, gamma, beta, eps, means, m2, dtype, layout, per_split, block_m, block_c):
    """y, (N, C, S), and μ and 1/√(σ² + ε), (C,), from the statistics of all parts, (splits, C)."""
    import torch

    x, sizes, grid = _cut(x, dtype, layout, per_split, block_c)
    y, saved = torch.full_like(x, torch.nan), torch.full((2, x.shape[1]), torch.nan)
    parts = [torch.tensor(array) for array in (gamma, beta, means, m2)]
    outputs = {"y": y, "saved_mean": saved[0], "saved_inv_std": saved[1]}
    channels, positions, values, per_split, *strides = sizes
    numbers = (eps, channels, positions, values, per_split, grid[1], *strides)
    return _run(
        answer, {"x": x, "y": y}, outputs, (x, y, *parts, *saved, *numbers), grid,
        BLOCK_M=block_m, BLOCK_C=block_c, SPLITS=_power(grid[1]),
    )  # fmt: skip


def backward(answer, x, dy, gamma, mean, inv_std, dbeta, dgamma, dtype, layout, per_split, block_m, block_c):
    """dx, (N, C, S), and dβ and dγ, (C,), from the sums of all parts, (splits, C)."""
    import torch

    x, sizes, grid = _cut(x, dtype, layout, per_split, block_c)
    dy = _cut(dy, dtype, layout, per_split, block_c)[0]
    dx, totals = torch.full_like(x, torch.nan), torch.zeros(2, x.shape[1])
    given = [torch.tensor(array) for array in (gamma, mean, inv_std, dbeta, dgamma)]
    outputs = {"dx": dx, "dbeta": totals[0], "dgamma": totals[1]}
    channels, positions, values, per_split, *strides = sizes
    numbers = (channels, positions, values, per_split, grid[1], *strides)
    return _run(
        answer, {"x": x, "dy": dy, "dx": dx}, outputs, (x, dy, dx, *given, *totals, *numbers), grid,
        BLOCK_M=block_m, BLOCK_C=block_c, SPLITS=_power(grid[1]), fresh=("dx",),
    )  # fmt: skip


def fused_relu(answer, x, residual, scale, shift, dtype, layout, per_split, block_m, block_c):
    """y, (N, C, S)."""
    import torch

    x, sizes, grid = _cut(x, dtype, layout, per_split, block_c)
    residual = _cut(residual, dtype, layout, per_split, block_c)[0]
    y = torch.full_like(x, torch.nan)
    tensors = (x, residual, y, torch.tensor(scale), torch.tensor(shift))
    large = {"x": x, "residual": residual, "y": y}
    return _run(answer, large, {"y": y}, (*tensors, *sizes), grid, BLOCK_M=block_m, BLOCK_C=block_c)


def layer_norm(answer, x, gamma, beta, eps, dtype, block):
    """y, (N, D)."""
    import torch

    x = torch.tensor(x).to(getattr(torch, dtype))
    y = torch.full_like(x, torch.nan)
    numbers = (eps, x.shape[1], x.stride(0))
    arguments = (x, y, torch.tensor(gamma), torch.tensor(beta), *numbers)
    return _run(answer, {"x": x, "y": y}, {"y": y}, arguments, (len(x),), BLOCK=block)


def _cut(x: np.ndarray, dtype: str, layout: str, per_split: int, block_c: int):
    """x as a tensor of that type and layout; C, S, M, per_split and the strides; the grid."""
    import torch

    tensor = torch.tensor(x).to(getattr(torch, dtype))
    if layout == "channels last":
        tensor = tensor.transpose(1, 2).contiguous().transpose(1, 2)
    n, channels, positions = x.shape
    sizes = (channels, positions, n * positions, per_split, *tensor.stride())
    return tensor, sizes, (-(-channels // block_c), -(-n * positions // per_split))


def _power(n: int) -> int:
    return 1 << (n - 1).bit_length()


def _run(
    answer: Any, large: dict, outputs: dict, arguments: Sequence, grid: tuple[int, ...],
    fresh: tuple[str, ...] | None = None, **blocks: int,
):  # fmt: skip
    """The outputs, and in words what the kernel did; None where it wrote nothing."""
    from bn_course.drivers.kernel_source import refuse_what_is_no_kernel
    from bn_course.gpu.meter import Meter
    from bn_course.gpu.meter.interpreting import python_of

    if not hasattr(answer, "fn"):
        return _no_kernel(answer, len(arguments) + len(blocks))
    function = python_of(answer)
    refuse_what_is_no_kernel(function)
    before = [tensor.clone() for tensor in outputs.values()]
    fresh = tuple(outputs) if fresh is None else fresh
    launch = Meter().launch(answer, grid, *arguments, fresh=fresh, **blocks)
    if not any(True for kind in ("write", "atomic") for _ in launch.of(kind=kind)):
        return None
    values = [tensor.clone() for tensor in outputs.values()]
    same = True
    if launch.races or any(True for _ in launch.of(kind="atomic")):  # else no order can matter
        for tensor, old in zip(outputs.values(), before, strict=True):
            tensor.copy_(old)
        Meter(backwards=True).launch(answer, grid, *arguments, fresh=fresh, **blocks)
        same = all(map(_same_bits, values, outputs.values()))
    return *values, *conduct(launch, large, same)


def conduct(launch, large: dict, same: bool) -> tuple[str, ...]:
    """What the launch did to memory, in the words of `GOOD` where it is as it should be."""
    least = sum(tensor.numel() * tensor.element_size() for tensor in large.values())
    asked, fetched = (sum(count(name) for name in large) for count in (launch.bytes, launch.fetched))
    share = sum(launch.by_program(name) for name in large)
    times = asked / least
    return (
        "once" if 0.999 < times <= _SLACK else f"{times:.1f} times",
        "used whole" if fetched <= _WASTE * max(asked, 1) else "used in part",
        "even" if share.max() <= _UNEVEN * share.mean() else "uneven",
        "in half precision" if launch.half_sums else "in float32",
        "some" if launch.beyond or launch.unwritten else "none",
        "some" if launch.races else "none",
        "the same bits" if same else "other bits",
    )


def _same_bits(one, other) -> bool:
    import torch

    bits = (tensor.contiguous().view(torch.uint8) for tensor in (one, other))
    return torch.equal(*bits)


def _no_kernel(answer: Callable, number: int):
    """What becomes of something that is no kernel: a stub says that it is one, the rest is refused."""
    from bn_course.drivers.kernel_source import NotAKernel

    try:
        returned = answer(*[None] * number)
    except NotImplementedError:
        raise
    except Exception:
        returned = NotAKernel
    if returned is None or returned is ...:
        return returned
    raise NotAKernel("it is no kernel: is there an `@triton.jit` in the line above its `def`?")
