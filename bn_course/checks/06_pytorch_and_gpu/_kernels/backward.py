"""The last step backwards: dx of one part of a channel, from the sums of all parts."""

import triton
import triton.language as tl

from .tiles import part, place


@triton.jit
def backward_kernel(
    x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_parts_ptr, dgamma_parts_ptr,
    dbeta_ptr, dgamma_ptr, C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    s = tl.arange(0, SPLITS)[:, None]
    known = (s < splits) & (c < C)[None, :]
    dbeta = tl.sum(tl.load(dbeta_parts_ptr + s * C + c[None, :], known, 0.0), 0)
    dgamma = tl.sum(tl.load(dgamma_parts_ptr + s * C + c[None, :], known, 0.0), 0)
    if split == 0:
        tl.store(dbeta_ptr + c, dbeta, c < C)
        tl.store(dgamma_ptr + c, dgamma, c < C)
    mean = tl.load(saved_mean_ptr + c, c < C, 0.0)[None, :]
    inv_std = tl.load(saved_inv_std_ptr + c, c < C, 0.0)[None, :]
    scale = tl.load(gamma_ptr + c, c < C, 0.0)[None, :] * inv_std
    shift, spread = (dbeta / M)[None, :], (dgamma / M)[None, :]
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    for start in range(begin, end, BLOCK_M):
        m = start + tl.arange(0, BLOCK_M)
        at = ((m // S) * stride_n + (m % S) * stride_s)[:, None] + (c * stride_c)[None, :]
        there = (m < end)[:, None] & (c < C)[None, :]
        dy = tl.load(dy_ptr + at, there, 0.0).to(tl.float32)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean) * inv_std
        dx = scale * (dy - shift - x_hat * spread)
        tl.store(dx_ptr + at, dx.to(dx_ptr.dtype.element_ty), there)


@triton.jit
def backward_variant(
    x_ptr, dy_ptr, dx_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_parts_ptr, dgamma_parts_ptr,
    dbeta_ptr, dgamma_ptr, C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
    WORK: tl.constexpr = "even", LANES: tl.constexpr = "neighbours", MASK: tl.constexpr = "both",
    TYPE: tl.constexpr = "float32", READS: tl.constexpr = 1, TOTAL: tl.constexpr = "one",
    TERMS: tl.constexpr = "both", MEANS: tl.constexpr = True, GAMMA: tl.constexpr = True,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    s = tl.arange(0, SPLITS)[:, None]
    known = (s < splits) & (c < C)[None, :]
    dbeta_parts = tl.load(dbeta_parts_ptr + s * C + c[None, :], known, 0.0)
    dgamma_parts = tl.load(dgamma_parts_ptr + s * C + c[None, :], known, 0.0)
    dbeta = tl.sum(dbeta_parts, 0)
    dgamma = tl.sum(dgamma_parts, 0)
    if TYPE == "half":
        dbeta = tl.sum(dbeta_parts.to(tl.float16), 0).to(tl.float32)
        dgamma = tl.sum(dgamma_parts.to(tl.float16), 0).to(tl.float32)
    if TOTAL == "atomic":
        own = s == split
        tl.atomic_add(dbeta_ptr + c, tl.sum(tl.where(own, dbeta_parts, 0.0), 0), c < C)
        tl.atomic_add(dgamma_ptr + c, tl.sum(tl.where(own, dgamma_parts, 0.0), 0), c < C)
    elif (split == 0) | (TOTAL == "all"):
        tl.store(dbeta_ptr + c, dbeta, c < C)
        tl.store(dgamma_ptr + c, dgamma, c < C)
    mean = tl.load(saved_mean_ptr + c, c < C, 0.0)[None, :]
    inv_std = tl.load(saved_inv_std_ptr + c, c < C, 0.0)[None, :]
    scale = inv_std
    if GAMMA:
        scale = tl.load(gamma_ptr + c, c < C, 0.0)[None, :] * inv_std
    shift, spread = dbeta[None, :], dgamma[None, :]
    if MEANS:
        shift, spread = shift / M, spread / M
    if TERMS == "spread":
        shift = shift * 0.0
    if TERMS == "shift":
        spread = spread * 0.0
    begin, end = part(split, per_split, M, WORK)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    if READS == 2:  # the sums once more, which are there already
        for tile in range(tiles):
            at, there, _ = place(
                tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK
            )
            again = tl.load(dy_ptr + at, there, 0.0).to(tl.float32) + tl.load(x_ptr + at, there, 0.0)
            shift += 0.0 * tl.sum(again, 0)[None, :]
    for tile in range(tiles):
        at, there, _ = place(tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK)
        dy = tl.load(dy_ptr + at, there, 0.0).to(tl.float32)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean) * inv_std
        dx = scale * (dy - shift - x_hat * spread)
        tl.store(dx_ptr + at, dx.to(dx_ptr.dtype.element_ty), there)
