"""Merge the parts of a channel, and normalise one of them."""

import triton
import triton.language as tl

from .tiles import part, place


@triton.jit
def normalize_kernel(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr, eps,
    C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    s = tl.arange(0, SPLITS)
    known = (s < splits)[:, None] & (c < C)[None, :]
    counts = tl.maximum(tl.minimum(M - s * per_split, per_split), 0).to(tl.float32)[:, None]
    means = tl.load(mean_ptr + s[:, None] * C + c[None, :], known, 0.0)
    mean = tl.sum(means * counts, 0) / M
    away = means - mean[None, :]
    m2 = tl.sum(tl.load(m2_ptr + s[:, None] * C + c[None, :], known, 0.0) + counts * away * away, 0)
    inv_std = 1.0 / tl.sqrt(m2 / M + eps)
    if split == 0:
        tl.store(saved_mean_ptr + c, mean, c < C)
        tl.store(saved_inv_std_ptr + c, inv_std, c < C)
    scale = tl.load(gamma_ptr + c, c < C, 0.0) * inv_std
    shift = tl.load(beta_ptr + c, c < C, 0.0)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    for start in range(begin, end, BLOCK_M):
        m = start + tl.arange(0, BLOCK_M)
        at = ((m // S) * stride_n + (m % S) * stride_s)[:, None] + (c * stride_c)[None, :]
        there = (m < end)[:, None] & (c < C)[None, :]
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        y = (x - mean[None, :]) * scale[None, :] + shift[None, :]
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)


@triton.jit
def normalize_variant(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr, eps,
    C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
    WORK: tl.constexpr = "even", LANES: tl.constexpr = "neighbours", MASK: tl.constexpr = "both",
    TYPE: tl.constexpr = "float32", READS: tl.constexpr = 1, MERGE: tl.constexpr = "right",
    SAVES: tl.constexpr = "one", EPS: tl.constexpr = "inside", GAMMA: tl.constexpr = True,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    s = tl.arange(0, SPLITS)
    known = (s < splits)[:, None] & (c < C)[None, :]
    counts = tl.maximum(tl.minimum(M - s * per_split, per_split), 0).to(tl.float32)[:, None]
    means = tl.load(mean_ptr + s[:, None] * C + c[None, :], known, 0.0)
    parts = tl.load(m2_ptr + s[:, None] * C + c[None, :], known, 0.0)
    if MERGE == "equal":
        counts = tl.where(s < splits, M / splits, 0.0)[:, None]
    if TYPE == "half":
        mean = tl.sum((means * counts / M).to(tl.float16), 0).to(tl.float32)
    else:
        mean = tl.sum(means * counts, 0) / M
    away = means - mean[None, :]
    var = tl.sum(parts + counts * away * away, 0) / M
    if MERGE == "within":
        var = tl.sum(parts, 0) / M
    if MERGE == "moments":
        var = tl.sum(parts + counts * means * means, 0) / M - mean * mean
    inv_std = 1.0 / (tl.sqrt(var) + eps) if EPS == "outside" else 1.0 / tl.sqrt(var + eps)
    if (split == 0) | (SAVES == "all"):
        tl.store(saved_mean_ptr + c, mean, c < C)
        tl.store(saved_inv_std_ptr + c, inv_std, c < C)
    shift = tl.load(beta_ptr + c, c < C, 0.0)
    scale = inv_std
    if GAMMA:
        scale = tl.load(gamma_ptr + c, c < C, 0.0) * inv_std
    begin, end = part(split, per_split, M, WORK)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    if READS == 2:  # once more for the mean, which is there already
        for tile in range(tiles):
            at, there, _ = place(
                tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK
            )
            mean += 0.0 * tl.sum(tl.load(x_ptr + at, there, 0.0).to(tl.float32), 0)
    for tile in range(tiles):
        at, there, _ = place(tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        y = (x - mean[None, :]) * scale[None, :] + shift[None, :]
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)
