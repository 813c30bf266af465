"""Batch norm in Triton: training forward, backward and inference, for NCHW and channels-last.

One kernel for both layouts. A tile is BLOCK_M values of each of BLOCK_C channels. With S positions an image,
value m of channel c lies at m·C + c in channels-last, and at ((m // S)·C + c)·S + m % S in NCHW. The first
takes many channels a program, the second one; either way neighbouring lanes read neighbouring addresses. S is
known when a kernel is compiled, so that the compiler sees which lanes' values one instruction can load.

Numerics: arithmetic in float32 whatever the input. A tile's sum of squares is taken about the tile's own
mean, and tiles are merged by Chan's formula, so a mean of 1000 deviations costs no digits; E[x²] − E[x]² does
not occur. No atomics: the order of every sum is fixed, so two runs give the same bits.

The work of a channel is split over `splits` programs, because one program a channel leaves most of a large
GPU idle at 64 channels. Pass 1 writes each split's mean and sum of squares; pass 2 begins by merging them.

Source of the merge: Chan, Golub and LeVeque 1979, Updating formulae and a pairwise algorithm for computing
sample variances.
"""

import triton
import triton.language as tl


@triton.jit
def merge(mean_a, m2_a, n_a, mean_b, m2_b, n_b):
    """Mean, sum of squares about it, and count of two groups together."""
    n = n_a + n_b
    share = n_b / tl.maximum(n, 1.0)
    delta = mean_b - mean_a
    return mean_a + delta * share, m2_a + m2_b + delta * delta * n_a * share, n


@triton.jit
def place(start, end, c, C, S: tl.constexpr, LAST: tl.constexpr, BLOCK_M: tl.constexpr):
    """Where the tile that begins at `start` lies, and which of it is there: both (BLOCK_M, BLOCK_C)."""
    m = start + tl.arange(0, BLOCK_M)
    there = (m < end)[:, None] & (c < C)[None, :]
    if LAST:
        at = m.to(tl.int64)[:, None] * C + c[None, :]
    else:
        at = ((m // S).to(tl.int64)[:, None] * C + c[None, :]) * S + (m % S)[:, None]
    return at, there


@triton.jit
def parts_at(first, splits, c, C, PARTS: tl.constexpr):
    """Which splits come in one tile of parts, where their values lie, and which are there."""
    split = first + tl.arange(0, PARTS)
    return split, split[:, None] * C + c[None, :], (split < splits)[:, None] & (c < C)[None, :]


@triton.jit
def merged_stats(
    mean_ptr, m2_ptr, c, C, M, per_split, splits, PARTS: tl.constexpr, BLOCK_C: tl.constexpr
):  # fmt: skip
    """The statistics of the channels c from those of all splits: (mean, variance).

    PARTS splits are loaded at once and merged about their common mean; such groups by Chan's formula.
    """
    mean = tl.zeros([BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_C], tl.float32)
    n = 0.0
    for first in range(0, splits, PARTS):
        split, at, there = parts_at(first, splits, c, C, PARTS)
        here = tl.maximum(tl.minimum(M - split * per_split, per_split), 0).to(tl.float32)
        means = tl.load(mean_ptr + at, there, 0.0)
        n_group = tl.sum(here, 0)
        mean_group = tl.sum(means * here[:, None], 0) / n_group
        away = means - mean_group[None, :]
        m2_group = tl.sum(tl.load(m2_ptr + at, there, 0.0) + away * away * here[:, None], 0)
        mean, m2, n = merge(mean, m2, n, mean_group, m2_group, n_group)
    return mean, m2 / M


@triton.jit
def summed(sum_ptr, c, C, splits, PARTS: tl.constexpr, BLOCK_C: tl.constexpr):
    """Σ over the splits."""
    total = tl.zeros([BLOCK_C], tl.float32)
    for first in range(0, splits, PARTS):
        _, at, there = parts_at(first, splits, c, C, PARTS)
        total += tl.sum(tl.load(sum_ptr + at, there, 0.0), 0)
    return total


@triton.jit
def stats_kernel(
    x_ptr, mean_ptr, m2_ptr, first_c, C, M, per_split,
    S: tl.constexpr, LAST: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    """Pass 1: mean and sum of squares about it, of one split of the channels of this program."""
    split = tl.program_id(1)
    c = first_c + tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    mean = tl.zeros([BLOCK_C], tl.float32)
    m2 = tl.zeros([BLOCK_C], tl.float32)
    n = 0.0
    for start in range(begin, end, BLOCK_M):
        at, there = place(start, end, c, C, S, LAST, BLOCK_M)
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        here = tl.minimum(end - start, BLOCK_M).to(tl.float32)
        tile_mean = tl.sum(x, 0) / here
        centred = tl.where(there, x - tile_mean[None, :], 0.0)
        mean, m2, n = merge(mean, m2, n, tile_mean, tl.sum(centred * centred, 0), here)
    tl.store(mean_ptr + split * C + c, mean, c < C)
    tl.store(m2_ptr + split * C + c, m2, c < C)


@triton.jit
def normalise_kernel(
    x_ptr, residual_ptr, y_ptr, gamma_ptr, beta_ptr, mean_ptr, m2_ptr, saved_mean_ptr, saved_inv_std_ptr,
    running_mean_ptr, running_var_ptr, eps, momentum, first_c, C, M, per_split, splits,
    S: tl.constexpr, LAST: tl.constexpr, PARTS: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
    TRAINING: tl.constexpr, TRACKED: tl.constexpr, RELU: tl.constexpr, ADD: tl.constexpr,
    REVERSE: tl.constexpr,
):  # fmt: skip
    """Pass 2: y = γ(x − μ)/√(σ² + ε) + β [+ residual] [then ReLU], for one split.

    In training the first split also saves μ and 1/√(σ² + ε) and updates the running statistics. In reverse,
    it begins with the tile that pass 1 read last, which the L2 cache may still hold.
    """
    split = tl.program_id(1)
    c = first_c + tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    if TRAINING:
        mean, var = merged_stats(mean_ptr, m2_ptr, c, C, M, per_split, splits, PARTS, BLOCK_C)
        if split == 0:
            tl.store(saved_mean_ptr + c, mean, c < C)
            tl.store(saved_inv_std_ptr + c, 1.0 / tl.sqrt(var + eps), c < C)
            if TRACKED:
                old_mean = tl.load(running_mean_ptr + c, c < C, 0.0)
                old_var = tl.load(running_var_ptr + c, c < C, 0.0)
                sample_var = var * (M / (M - 1.0))
                tl.store(running_mean_ptr + c, old_mean + momentum * (mean - old_mean), c < C)
                tl.store(running_var_ptr + c, old_var + momentum * (sample_var - old_var), c < C)
    else:
        mean = tl.load(running_mean_ptr + c, c < C, 0.0)
        var = tl.load(running_var_ptr + c, c < C, 0.0)
    scale = tl.load(gamma_ptr + c, c < C, 0.0).to(tl.float32) / tl.sqrt(var + eps)
    shift = tl.load(beta_ptr + c, c < C, 0.0).to(tl.float32)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    for tile in range(tiles):
        start = begin + (tiles - 1 - tile if REVERSE else tile) * BLOCK_M
        at, there = place(start, end, c, C, S, LAST, BLOCK_M)
        y = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean[None, :]) * scale[None, :] + shift[None, :]
        if ADD:
            y += tl.load(residual_ptr + at, there, 0.0).to(tl.float32)
        if RELU:
            y = tl.maximum(y, 0.0)
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)


@triton.jit
def arriving(dy_ptr, y_ptr, at, there, RELU: tl.constexpr):
    """dL/dy where it passes the ReLU: where the output was above 0."""
    dy = tl.load(dy_ptr + at, there, 0.0).to(tl.float32)
    if RELU:
        dy = tl.where(tl.load(y_ptr + at, there, 0.0).to(tl.float32) > 0.0, dy, 0.0)
    return dy


@triton.jit
def gradient_sums_kernel(
    x_ptr, y_ptr, dy_ptr, saved_mean_ptr, saved_inv_std_ptr, dbeta_ptr, dgamma_ptr, first_c, C, M, per_split,
    S: tl.constexpr, LAST: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
    RELU: tl.constexpr,
):  # fmt: skip
    """Backward, pass 1: Σdy and Σdy·x̂ of one split."""
    split = tl.program_id(1)
    c = first_c + tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    mean = tl.load(saved_mean_ptr + c, c < C, 0.0)
    inv_std = tl.load(saved_inv_std_ptr + c, c < C, 0.0)
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    dbeta = tl.zeros([BLOCK_M, BLOCK_C], tl.float32)  # every lane adds its own, and at the end all together
    dgamma = tl.zeros([BLOCK_M, BLOCK_C], tl.float32)
    for start in range(begin, end, BLOCK_M):
        at, there = place(start, end, c, C, S, LAST, BLOCK_M)
        dy = arriving(dy_ptr, y_ptr, at, there, RELU)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean[None, :]) * inv_std[None, :]
        dbeta += dy
        dgamma += dy * x_hat
    tl.store(dbeta_ptr + split * C + c, tl.sum(dbeta, 0), c < C)
    tl.store(dgamma_ptr + split * C + c, tl.sum(dgamma, 0), c < C)


@triton.jit
def dx_kernel(
    x_ptr, y_ptr, dy_ptr, dx_ptr, dresidual_ptr, gamma_ptr, saved_mean_ptr, saved_inv_std_ptr,
    dbeta_parts_ptr, dgamma_parts_ptr, dbeta_ptr, dgamma_ptr, first_c, C, M, per_split, splits,
    S: tl.constexpr, LAST: tl.constexpr, PARTS: tl.constexpr, BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
    RELU: tl.constexpr, ADD: tl.constexpr, REVERSE: tl.constexpr,
):  # fmt: skip
    """Backward, pass 2: dx = γ/√(σ² + ε) · (dy − mean(dy) − x̂·mean(dy·x̂)), for one split."""
    split = tl.program_id(1)
    c = first_c + tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    mean = tl.load(saved_mean_ptr + c, c < C, 0.0)
    inv_std = tl.load(saved_inv_std_ptr + c, c < C, 0.0)
    dbeta = summed(dbeta_parts_ptr, c, C, splits, PARTS, BLOCK_C)
    dgamma = summed(dgamma_parts_ptr, c, C, splits, PARTS, BLOCK_C)
    if split == 0:
        tl.store(dbeta_ptr + c, dbeta.to(dbeta_ptr.dtype.element_ty), c < C)
        tl.store(dgamma_ptr + c, dgamma.to(dgamma_ptr.dtype.element_ty), c < C)
    scale = tl.load(gamma_ptr + c, c < C, 0.0).to(tl.float32) * inv_std
    begin = split * per_split
    end = tl.minimum(begin + per_split, M)
    tiles = tl.cdiv(end - begin, BLOCK_M)
    for tile in range(tiles):
        start = begin + (tiles - 1 - tile if REVERSE else tile) * BLOCK_M
        at, there = place(start, end, c, C, S, LAST, BLOCK_M)
        dy = arriving(dy_ptr, y_ptr, at, there, RELU)
        x_hat = (tl.load(x_ptr + at, there, 0.0).to(tl.float32) - mean[None, :]) * inv_std[None, :]
        dx = scale[None, :] * (dy - (dbeta / M)[None, :] - x_hat * (dgamma / M)[None, :])
        tl.store(dx_ptr + at, dx.to(dx_ptr.dtype.element_ty), there)
        if ADD:
            tl.store(dresidual_ptr + at, dy.to(dresidual_ptr.dtype.element_ty), there)
