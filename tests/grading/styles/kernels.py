"""Right kernels, written in other ways: for lesson 06's questions about them."""

import triton
import triton.language as tl


@triton.jit
def tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M: tl.constexpr):
    m = start + tl.arange(0, BLOCK_M)[:, None]
    at = m // S * stride_n + m % S * stride_s + c[None, :] * stride_c
    return at, (m < end) & (c[None, :] < C)


@triton.jit
def stats_turned(
    x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Channels along the tile's first axis; the merge written symmetrically."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    begin = tl.program_id(1) * per_split
    count = tl.minimum(per_split, M - begin)
    mean = tl.zeros([BLOCK_C], tl.float32)
    squares = tl.zeros([BLOCK_C], tl.float32)
    for first in range(0, count, BLOCK_M):
        m = begin + first + tl.arange(0, BLOCK_M)
        place = (m // S * stride_n + m % S * stride_s)[None, :] + c[:, None] * stride_c
        mask = (m < begin + count)[None, :] & (c < C)[:, None]
        x = tl.load(x_ptr + place, mask=mask, other=0.0).to(tl.float32)
        here = tl.sum((m < begin + count).to(tl.float32), 0)
        own = tl.sum(x, 1) / here
        squares += tl.sum(tl.where(mask, (x - own[:, None]) * (x - own[:, None]), 0.0), 1)
        squares += (own - mean) * (own - mean) * first * here / (first + here)
        mean = (mean * first + own * here) / (first + here)
    tl.store(mean_ptr + tl.program_id(1) * C + c, mean, mask=c < C)
    tl.store(m2_ptr + tl.program_id(1) * C + c, squares, mask=c < C)


@triton.jit
def stats_about_the_first(
    x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Sums of x − k and of its squares, k being the mean of the first tile: stable, and one pass."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    shift = tl.zeros([BLOCK_C], tl.float32)
    total = tl.zeros([BLOCK_C], tl.float32)
    squares = tl.zeros([BLOCK_C], tl.float32)
    for start in range(begin, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        if start == begin:
            shift = tl.sum(x, 0) / tl.minimum(end - start, BLOCK_M)
        away = tl.where(there, x - shift[None, :], 0.0)
        total += tl.sum(away, 0)
        squares += tl.sum(away * away, 0)
    n = end - begin
    tl.store(mean_ptr + split * C + c, shift + total / n, c < C)
    tl.store(m2_ptr + split * C + c, squares - total * total / n, c < C)


@triton.jit
def stats_by_lanes(
    x_ptr, mean_ptr, m2_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Welford's update in every lane, and the lanes merged at the end."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    end = tl.minimum((split + 1) * per_split, M)
    mean = tl.zeros([BLOCK_M, BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_M, BLOCK_C], tl.float32)
    n = tl.zeros([BLOCK_M, BLOCK_C], tl.float32)
    for start in range(split * per_split, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        n += there.to(tl.float32)
        delta = tl.where(there, x - mean, 0.0)
        mean += delta / tl.maximum(n, 1.0)
        m2 += delta * tl.where(there, x - mean, 0.0)
    whole = tl.maximum(tl.sum(n, 0), 1.0)
    common = tl.sum(mean * n, 0) / whole
    away = mean - common[None, :]
    tl.store(mean_ptr + split * C + c, common, c < C)
    tl.store(m2_ptr + split * C + c, tl.sum(m2 + away * away * n, 0), c < C)


@triton.jit
def merged(mean_ptr, m2_ptr, c, C, M, per_split, splits, BLOCK_C: tl.constexpr):
    """The parts one after another."""
    mean = tl.zeros([BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_C], tl.float32)
    n = 0.0
    for s in range(0, splits):
        here = tl.minimum(per_split, M - s * per_split).to(tl.float32)
        delta = tl.load(mean_ptr + s * C + c, c < C, 0.0) - mean
        m2 += tl.load(m2_ptr + s * C + c, c < C, 0.0) + delta * delta * n * here / (n + here)
        mean += delta * here / (n + here)
        n += here
    return mean, m2 / n


@triton.jit
def normalize_in_turn(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr, eps,
    C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """The parts merged one by one; multiplied out: one scale and one shift."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    mean, var = merged(mean_ptr, m2_ptr, c, C, M, per_split, splits, BLOCK_C)
    inv_std = tl.rsqrt(var + eps)
    first = (c < C) & (tl.program_id(1) == 0)
    tl.store(saved_mean_ptr + c, mean, first)
    tl.store(saved_inv_std_ptr + c, inv_std, first)
    gamma = tl.load(gamma_ptr + c, c < C, 0.0)
    beta = tl.load(beta_ptr + c, c < C, 0.0)
    begin = tl.program_id(1) * per_split
    for start in range(begin, tl.minimum(begin + per_split, M), BLOCK_M):
        end = tl.minimum(begin + per_split, M)
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x_hat = (tl.load(x_ptr + at, there).to(tl.float32) - mean) * inv_std
        tl.store(
            y_ptr + at, tl.fma(x_hat, tl.broadcast_to(gamma[None, :], x_hat.shape), beta[None, :]), there
        )


@triton.jit
def normalize_backwards(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr, eps,
    C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """Begins with the tile that pass 1 read last."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    mean, var = merged(mean_ptr, m2_ptr, c, C, M, per_split, splits, BLOCK_C)
    inv_std = 1.0 / tl.sqrt(var + eps)
    if split == 0:
        tl.store(saved_mean_ptr + c, mean, c < C)
        tl.store(saved_inv_std_ptr + c, inv_std, c < C)
    gamma, beta = tl.load(gamma_ptr + c, c < C, 0.0), tl.load(beta_ptr + c, c < C, 0.0)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    for tile in range(0, tiles):
        start = begin + (tiles - 1 - tile) * BLOCK_M
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        y = gamma[None, :] * (x - mean[None, :]) * inv_std[None, :] + beta[None, :]
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)


@triton.jit
def normalize_small(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr, eps,
    C, S, M, per_split, splits, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr, SPLITS: tl.constexpr,
):  # fmt: skip
    """Parts as a (BLOCK_C, SPLITS) block, about the first part's mean."""
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split, s = tl.program_id(1), tl.arange(0, SPLITS)[None, :]
    known = (s < splits) & (c < C)[:, None]
    n = tl.where(s < splits, tl.minimum(per_split, M - s * per_split), 0).to(tl.float32)
    base = tl.load(mean_ptr + c, c < C, 0.0)
    away = tl.where(known, tl.load(mean_ptr + s * C + c[:, None], known, 0.0) - base[:, None], 0.0)
    offset = tl.sum(away * n, 1) / M
    m2 = tl.load(m2_ptr + s * C + c[:, None], known, 0.0)
    inv_std = tl.rsqrt((tl.sum(m2 + n * away * away, 1) - M * offset * offset) / M + eps)
    mean = base + offset
    if split == 0:
        tl.store(saved_mean_ptr + c, mean, c < C)
        tl.store(saved_inv_std_ptr + c, inv_std, c < C)
    gamma, beta = tl.load(gamma_ptr + c, c < C, 0.0), tl.load(beta_ptr + c, c < C, 0.0)
    end = tl.minimum((split + 1) * per_split, M)
    for start in range(split * per_split, end, BLOCK_M):
        at, there = tile_of(start, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean[None, :]
        tl.store(y_ptr + at, x * (gamma * inv_std)[None, :] + beta[None, :], there)
