"""More right kernels: backwards, fused, and layer norm."""

import triton
import triton.language as tl
from styles.kernels import tile_of


@triton.jit
def all_parts(ptr, c, C, splits, BLOCK_C: tl.constexpr):
    total = tl.zeros([BLOCK_C], tl.float32)
    for s in range(0, splits):
        total += tl.load(ptr + s * C + c, c < C, 0.0)
    return total


@triton.jit
def backward_in_turn(
    x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_parts_ptr, dgamma_parts_ptr,
    dbeta_ptr, dgamma_ptr, C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """Parts added one by one; dx as a·dy + b·x + d."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split, known = tl.program_id(1), c < C
    dbeta = all_parts(dbeta_parts_ptr, c, C, splits, BLOCK_C)
    dgamma = all_parts(dgamma_parts_ptr, c, C, splits, BLOCK_C)
    tl.store(dbeta_ptr + c, dbeta, known & (split == 0))
    tl.store(dgamma_ptr + c, dgamma, known & (split == 0))
    mean, inv_std = tl.load(saved_mean_ptr + c, known, 0.0), tl.load(saved_inv_std_ptr + c, known, 0.0)
    a = tl.load(gamma_ptr + c, known, 0.0) * inv_std
    slope = a * inv_std * dgamma / M
    end = tl.minimum((split + 1) * per_split, M)
    for start in range(split * per_split, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        dy = tl.load(dy_ptr + at, there, 0.0).to(tl.float32)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        tl.store(dx_ptr + at, a * dy - slope * (x - mean) - a * dbeta / M, there)


@triton.jit
def backward_by_hat(
    x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_parts_ptr, dgamma_parts_ptr,
    dbeta_ptr, dgamma_ptr, C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """By dx̂ = γ·dy; the last split writes the sums."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    dbeta = all_parts(dbeta_parts_ptr, c, C, splits, BLOCK_C)
    dgamma = all_parts(dgamma_parts_ptr, c, C, splits, BLOCK_C)
    if split == splits - 1:
        tl.store(dbeta_ptr + c, dbeta, c < C)
        tl.store(dgamma_ptr + c, dgamma, c < C)
    gamma = tl.load(gamma_ptr + c, c < C, 0.0)
    mean, inv_std = tl.load(saved_mean_ptr + c, c < C, 0.0), tl.load(saved_inv_std_ptr + c, c < C, 0.0)
    end = tl.minimum((split + 1) * per_split, M)
    for start in range(split * per_split, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean) * inv_std
        dx_hat = tl.load(dy_ptr + at, there, 0.0).to(tl.float32) * gamma
        inner = M * dx_hat - gamma * dbeta - x_hat * gamma * dgamma
        tl.store(dx_ptr + at, (inner * inv_std / M).to(dx_ptr.dtype.element_ty), there)


@triton.jit
def backward_from_the_end(
    x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_parts_ptr, dgamma_parts_ptr,
    dbeta_ptr, dgamma_ptr, C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """Parts as a (BLOCK_C, SPLITS) block; tiles from the last to the first."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split, s = tl.program_id(1), tl.arange(0, SPLITS)[None, :]
    known = (c < C)[:, None] & (s < splits)
    dbeta = tl.sum(tl.load(dbeta_parts_ptr + s * C + c[:, None], known, 0.0), 1)
    dgamma = tl.sum(tl.load(dgamma_parts_ptr + s * C + c[:, None], known, 0.0), 1)
    if split == 0:
        tl.store(dbeta_ptr + c, dbeta, c < C)
        tl.store(dgamma_ptr + c, dgamma, c < C)
    mean, inv_std = tl.load(saved_mean_ptr + c, c < C, 0.0), tl.load(saved_inv_std_ptr + c, c < C, 0.0)
    gamma = tl.load(gamma_ptr + c, c < C, 0.0)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    for back in range(0, tiles):
        start = begin + (tiles - back - 1) * BLOCK_M
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        dy = tl.load(dy_ptr + at, there, 0.0).to(tl.float32)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean) * inv_std
        tl.store(dx_ptr + at, gamma * inv_std * (dy - (dbeta + x_hat * dgamma) / M), there)


@triton.jit
def fused_by_where(
    x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    scale, shift = tl.load(scale_ptr + c, c < C, 0.0), tl.load(shift_ptr + c, c < C, 0.0)
    begin = tl.program_id(1) * per_split
    end = tl.minimum(begin + per_split, M)
    for start in range(begin, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        y = tl.load(residual_ptr + at, there, 0.0).to(tl.float32) + shift[None, :]
        y += tl.load(x_ptr + at, there, 0.0).to(tl.float32) * scale[None, :]
        tl.store(y_ptr + at, tl.where(y > 0, y, 0.0), there)


@triton.jit
def fused_turned(
    x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Channels along the tile's first axis."""
    c = (tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C))[:, None]
    scale, shift = tl.load(scale_ptr + c, c < C, 0.0), tl.load(shift_ptr + c, c < C, 0.0)
    begin = tl.program_id(1) * per_split
    count = tl.minimum(per_split, M - begin)
    for first in range(0, count, BLOCK_M):
        m = begin + first + tl.arange(0, BLOCK_M)[None, :]
        at, there = m // S * stride_n + m % S * stride_s + c * stride_c, (m < begin + count) & (c < C)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        residual = tl.load(residual_ptr + at, there, 0.0).to(tl.float32)
        tl.store(y_ptr + at, tl.maximum(x * scale + (shift + residual), 0.0), there)


@triton.jit
def fused_from_the_end(
    x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    begin = tl.program_id(1) * per_split
    end = tl.minimum(begin + per_split, M)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    scale, shift = tl.load(scale_ptr + c, c < C, 0.0), tl.load(shift_ptr + c, c < C, 0.0)
    for tile in range(0, tiles):
        start = begin + (tiles - 1 - tile) * BLOCK_M
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x = tl.load(x_ptr + at, mask=there, other=0.0).to(tl.float32)
        added = x * scale + shift + tl.load(residual_ptr + at, mask=there, other=0.0).to(tl.float32)
        tl.store(y_ptr + at, (added * (added > 0).to(tl.float32)).to(y_ptr.dtype.element_ty), mask=there)


@triton.jit
def row_by_rsqrt(x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr):
    d = tl.arange(0, BLOCK)
    begin = tl.program_id(0) * stride
    x = tl.load(x_ptr + begin + d, mask=d < D, other=0.0).to(tl.float32)
    x = tl.where(d < D, x - tl.sum(x, axis=0) / D, 0.0)
    x *= tl.rsqrt(tl.sum(x * x, axis=0) / D + eps)
    gamma, beta = tl.load(gamma_ptr + d, mask=d < D), tl.load(beta_ptr + d, mask=d < D)
    tl.store(y_ptr + begin + d, x * gamma + beta, mask=d < D)


@triton.jit
def row_about_its_first(x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr):
    """About the largest number of the row: E[z²] − E[z]² of small numbers."""
    d = tl.arange(0, BLOCK)
    there = d < D
    row = x_ptr + tl.program_id(0) * stride
    x = tl.load(row + d, there, -3.0e38).to(tl.float32)
    z = tl.where(there, x - tl.max(x, 0), 0.0)
    mean = tl.sum(z, 0) / D
    var = tl.sum(z * z, 0) / D - mean * mean
    y = (z - mean) / tl.sqrt(var + eps) * tl.load(gamma_ptr + d, there, 0.0)
    tl.store(y_ptr + tl.program_id(0) * stride + d, y + tl.load(beta_ptr + d, there, 0.0), there)


@triton.jit
def row_as_a_block(x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr):
    """One row of a (1, BLOCK) tile."""
    d = tl.arange(0, BLOCK)[None, :]
    at, there = tl.program_id(0) * stride + d, d < D
    x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
    mean = tl.sum(x, 1, keep_dims=True) / D
    away = (x - mean) * there.to(tl.float32)
    var = tl.sum(away * away, 1, keep_dims=True) / D
    y = away / tl.sqrt(var + eps) * tl.load(gamma_ptr + d, there, 0.0) + tl.load(beta_ptr + d, there, 0.0)
    tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)
