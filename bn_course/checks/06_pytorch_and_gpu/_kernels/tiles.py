"""What the kernels with knobs share: which part a program has, and one tile of it."""

import triton
import triton.language as tl


@triton.jit
def part(split, per_split, M, WORK: tl.constexpr):
    """The values from `begin` to `end` that a program takes: its own, or the whole channel."""
    if WORK == "even":
        begin = split * per_split
        end = tl.minimum(begin + per_split, M)
    elif WORK == "all":
        begin = split * 0
        end = begin + M
    else:  # the first program takes everything
        begin = split * 0
        end = tl.where(split == 0, M, 0)
    return begin, end


@triton.jit
def place(
    tile, begin, end, c, C, S, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, LANES: tl.constexpr, MASK: tl.constexpr,
):  # fmt: skip
    """Where the values of a tile lie, which are there, and how many of a channel."""
    lane = tl.arange(0, BLOCK_M)
    if LANES == "neighbours":
        m = begin + tile * BLOCK_M + lane
    else:  # every lane walks through values of its own
        m = begin + lane * tl.cdiv(end - begin, BLOCK_M) + tile
    at = ((m // S) * stride_n + (m % S) * stride_s)[:, None] + (c * stride_c)[None, :]
    there = (m < end)[:, None] & (c < C)[None, :]
    here = tl.sum((m < end).to(tl.float32), 0)
    if LANES == "apart, counted as neighbours":
        here = tl.minimum(end - begin - tile * BLOCK_M, BLOCK_M).to(tl.float32)
    if MASK == "channels alone":
        there = (lane >= 0)[:, None] & (c < C)[None, :]
    if MASK == "none":
        there = there | (lane >= 0)[:, None]
    if MASK == "none, nor counted":
        there = there | (lane >= 0)[:, None]
        here = here * 0.0 + BLOCK_M
    return at, there, here


@triton.jit
def widened(x, TYPE: tl.constexpr):
    """In float32, or as it came."""
    if TYPE == "float32":
        x = x.to(tl.float32)
    return x
