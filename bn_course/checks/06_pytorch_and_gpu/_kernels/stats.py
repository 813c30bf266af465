"""Mean and sum of squares about it, of one part of a channel."""

import triton
import triton.language as tl

from .tiles import part, place, widened


@triton.jit
def stats_kernel(
    x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    mean = tl.zeros([BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_C], tl.float32)
    n = 0.0
    for start in range(begin, end, BLOCK_M):
        m = start + tl.arange(0, BLOCK_M)
        at = ((m // S) * stride_n + (m % S) * stride_s)[:, None] + (c * stride_c)[None, :]
        there = (m < end)[:, None] & (c < C)[None, :]
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        here = tl.minimum(end - start, BLOCK_M).to(tl.float32)
        tile_mean = tl.sum(x, 0) / here
        away = tl.where(there, x - tile_mean[None, :], 0.0)
        delta = tile_mean - mean
        n += here
        mean += delta * here / n
        m2 += tl.sum(away * away, 0) + delta * delta * (n - here) * here / n
    tl.store(mean_ptr + split * C + c, mean, c < C)
    tl.store(m2_ptr + split * C + c, m2, c < C)


@triton.jit
def stats_variant(
    x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
    WORK: tl.constexpr = "even", LANES: tl.constexpr = "neighbours", MASK: tl.constexpr = "both",
    TYPE: tl.constexpr = "float32", PASSES: tl.constexpr = 1, SQUARES: tl.constexpr = "centred",
    MERGE: tl.constexpr = "Chan", SLOT: tl.constexpr = "own",
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    begin, end = part(split, per_split, M, WORK)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    mean = tl.zeros([BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_C], tl.float32)
    total = tl.zeros([BLOCK_C], tl.float32)
    squares = tl.zeros([BLOCK_C], tl.float32)
    n = 0.0
    for tile in range(tiles):
        at, there, here = place(tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK)
        x = widened(tl.load(x_ptr + at, there, 0.0), TYPE)
        tile_sum = tl.sum(x, 0)
        tile_mean = tile_sum / here
        away = tl.where(there, x - tile_mean[None, :], 0.0)
        delta = tile_mean - mean
        n += here
        m2 += tl.sum(away * away, 0)
        if MERGE == "Chan":
            mean += delta * here / n
            m2 += delta * delta * (n - here) * here / n
        elif MERGE == "within":
            mean += delta * here / n
        else:
            mean += delta / (tile + 1.0)
            m2 += delta * delta * (n - here) * here / n
        total += tile_sum
        squares += tl.sum(x * x, 0)
    if SQUARES == "moments":
        mean = total / n
        m2 = squares - total * mean
    if PASSES == 2:
        mean = total / n
        m2 = m2 * 0.0
        for tile in range(tiles):
            at, there, here = place(
                tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK
            )
            x = widened(tl.load(x_ptr + at, there, 0.0), TYPE)
            away = tl.where(there, x - mean[None, :], 0.0)
            m2 += tl.sum(away * away, 0)
    slot = split * C + c
    if SLOT == "the channel's":
        slot = c
    kept = (c < C) & (end > begin)
    tl.store(mean_ptr + slot, mean, kept)
    tl.store(m2_ptr + slot, m2, kept)
