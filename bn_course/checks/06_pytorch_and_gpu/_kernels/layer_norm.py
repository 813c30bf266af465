"""Layer norm of one row: read once, kept on the chip, written once."""

import triton
import triton.language as tl


@triton.jit
def layer_norm_kernel(x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr):
    row = tl.program_id(0)
    d = tl.arange(0, BLOCK)
    there = d < D
    x = tl.load(x_ptr + row * stride + d, there, 0.0).to(tl.float32)
    mean = tl.sum(x, 0) / D
    away = tl.where(there, x - mean, 0.0)
    inv_std = 1.0 / tl.sqrt(tl.sum(away * away, 0) / D + eps)
    gamma = tl.load(gamma_ptr + d, there, 0.0)
    y = away * inv_std * gamma + tl.load(beta_ptr + d, there, 0.0)
    tl.store(y_ptr + row * stride + d, y.to(y_ptr.dtype.element_ty), there)


@triton.jit
def layer_norm_variant(
    x_ptr, y_ptr, gamma_ptr, beta_ptr, eps, D, stride, BLOCK: tl.constexpr,
    READS: tl.constexpr = 1, MASK: tl.constexpr = "both", TYPE: tl.constexpr = "float32",
    SQUARES: tl.constexpr = "centred", COUNT: tl.constexpr = "D", EPS: tl.constexpr = "inside",
    AFFINE: tl.constexpr = "both",
):  # fmt: skip
    row = tl.program_id(0)
    d = tl.arange(0, BLOCK)
    there = d < D
    if MASK == "none":
        there = d >= 0
    counted = there
    if MASK == "not in the variance":
        counted = d >= 0
    x = tl.load(x_ptr + row * stride + d, there, 0.0)
    if TYPE == "float32":
        x = x.to(tl.float32)
    number = D
    if COUNT == "BLOCK":
        number = BLOCK
    mean = (tl.sum(x, 0) / number).to(tl.float32)
    if READS == 3:
        x = tl.load(x_ptr + row * stride + d, there, 0.0).to(tl.float32)
    away = tl.where(counted, x.to(tl.float32) - mean, 0.0)
    if COUNT == "D - 1":
        number = D - 1
    var = tl.sum(away * away, 0) / number
    if SQUARES == "moments":
        var = tl.sum(x.to(tl.float32) * x.to(tl.float32), 0) / number - mean * mean
    inv_std = 1.0 / (tl.sqrt(var) + eps) if EPS == "outside" else 1.0 / tl.sqrt(var + eps)
    if READS == 3:
        x = tl.load(x_ptr + row * stride + d, there, 0.0).to(tl.float32)
    y = (x.to(tl.float32) - mean) * inv_std
    if AFFINE == "both":
        y = y * tl.load(gamma_ptr + d, there, 0.0) + tl.load(beta_ptr + d, there, 0.0)
    tl.store(y_ptr + row * stride + d, y.to(y_ptr.dtype.element_ty), there)
