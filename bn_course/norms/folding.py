"""Folding: batch normalisation at inference becomes part of the linear map before it.

At inference batch norm is affine and fixed for each channel (Ioffe & Szegedy 2015,
arXiv:1502.03167, section 3.1), and an affine map after an affine map is one again. With
s = γ / √(running_var + eps), for each output channel weight' = s · weight and
bias' = β + s · (bias − running_mean).
"""

import numpy as np

from bn_course.norms import _shapes


def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """The linear layer that does what `weight` and `bias`, then batch norm at inference, did.

    Args:
        weight: (out, in).
        bias: (out,), or None where the layer has none.
        gamma, beta, running_mean, running_var: of the norm after it, (out,).
        eps: the norm's, at least 0.

    Returns:
        (weight, bias), new arrays (out, in) and (out,) in weight's type.

    Raises:
        ValueError: weight has not two axes or is empty; a vector is not (out,); running_var has a negative
            entry; eps is negative or not finite.
    """
    return _fold(weight, "(out, in)", bias, gamma, beta, running_mean, running_var, eps)


def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """The convolution that does what `weight` and `bias`, then batch norm at inference, did.

    Args:
        weight: (out, in, kh, kw); in a grouped convolution `in` is the inputs of one group.
        bias: (out,), or None where the layer has none.
        gamma, beta, running_mean, running_var: of the norm after it, (out,).
        eps: the norm's, at least 0.

    Returns:
        (weight, bias), new arrays (out, in, kh, kw) and (out,) in weight's type.

    Raises:
        ValueError: weight has not four axes or is empty; a vector is not (out,); running_var has a negative
            entry; eps is negative or not finite.
    """
    return _fold(weight, "(out, in, kh, kw)", bias, gamma, beta, running_mean, running_var, eps)


def _fold(weight, layout, bias, gamma, beta, running_mean, running_var, eps):
    weight = _shapes.batch_array(weight, 2, layout, "weight")
    if weight.ndim != layout.count(",") + 1:
        raise ValueError(f"weight has shape {weight.shape}; it needs {layout}")
    out = len(weight)
    of = f"the outputs of weight, {weight.shape}"
    gamma = _shapes.vector("gamma", gamma, out, of)
    beta = _shapes.vector("beta", beta, out, of)
    running_mean = _shapes.vector("running_mean", running_mean, out, of)
    running_var = _shapes.variances("running_var", running_var, out, of)
    bias = 0 if bias is None else _shapes.vector("bias", bias, out, of)
    wide = np.result_type(weight, running_mean, running_var, np.float32)  # float16 could not hold eps
    running_mean, running_var = running_mean.astype(wide), running_var.astype(wide)
    scale = gamma / np.sqrt(running_var + _shapes.epsilon(eps))
    folded_weight = _shapes.along(scale, 0, weight.ndim) * weight
    folded_bias = beta + scale * (bias - running_mean)
    return (
        folded_weight.astype(weight.dtype, copy=False),
        folded_bias.astype(weight.dtype, copy=False),
    )
