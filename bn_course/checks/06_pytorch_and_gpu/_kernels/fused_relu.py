"""y = max(0, x · scale + shift + residual): what follows batch norm, done while the number is here."""

import triton
import triton.language as tl

from .tiles import part, place


@triton.jit
def fused_relu_kernel(
    x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    scale = tl.load(scale_ptr + c, c < C, 0.0)[None, :]
    shift = tl.load(shift_ptr + c, c < C, 0.0)[None, :]
    begin = tl.program_id(1) * per_split
    end = tl.minimum(begin + per_split, M)
    for start in range(begin, end, BLOCK_M):
        m = start + tl.arange(0, BLOCK_M)
        at = ((m // S) * stride_n + (m % S) * stride_s)[:, None] + (c * stride_c)[None, :]
        there = (m < end)[:, None] & (c < C)[None, :]
        x = tl.load(x_ptr + at, there, 0.0).to(tl.float32)
        residual = tl.load(residual_ptr + at, there, 0.0).to(tl.float32)
        y = tl.maximum(x * scale + shift + residual, 0.0)
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)


@triton.jit
def fused_relu_variant(
    x_ptr, residual_ptr, y_ptr, scale_ptr, shift_ptr, C, S, M, per_split, stride_n, stride_c, stride_s,
    BLOCK_M: tl.constexpr, BLOCK_C: tl.constexpr,
    WORK: tl.constexpr = "even", LANES: tl.constexpr = "neighbours", MASK: tl.constexpr = "both",
    TYPE: tl.constexpr = "float32", STEPS: tl.constexpr = "one", ORDER: tl.constexpr = "last",
    ADD: tl.constexpr = True,
):  # fmt: skip
    c = tl.program_id(0) * BLOCK_C + tl.arange(0, BLOCK_C)
    split = tl.program_id(1)
    scale = tl.load(scale_ptr + c, c < C, 0.0)[None, :]
    shift = tl.load(shift_ptr + c, c < C, 0.0)[None, :]
    begin, end = part(split, per_split, M, WORK)
    for tile in range(tl.cdiv(end - begin, BLOCK_M)):
        at, there, _ = place(tile, begin, end, c, C, S, stride_n, stride_c, stride_s, BLOCK_M, LANES, MASK)
        y = tl.load(x_ptr + at, there, 0.0).to(tl.float32) * scale + shift
        if STEPS == "by way of memory":
            tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)
            y = tl.load(y_ptr + at, there, 0.0).to(tl.float32)
        if ORDER == "first":
            y = tl.maximum(y, 0.0)
        residual = tl.load(residual_ptr + at, there, 0.0)
        if TYPE == "half":
            y = (y.to(residual_ptr.dtype.element_ty) + residual).to(tl.float32)
        elif ADD:
            y += residual.to(tl.float32)
        if ORDER == "last":
            y = tl.maximum(y, 0.0)
        tl.store(y_ptr + at, y.to(y_ptr.dtype.element_ty), there)
