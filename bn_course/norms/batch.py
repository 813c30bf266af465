"""Batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167): a channel shares its statistics.

Momentum and running variance follow PyTorch: `momentum` is the weight of the new batch, and the
running variance is made of sample variances, ÷(N − 1), while training divides by N.
"""

import numpy as np

from bn_course.norms import _shapes
from bn_course.norms._affine import affine, affine_norm, affine_norm_backward, as_vector
from bn_course.norms.standardize import count, gradient_sums, statistics, working


def batch_norm(x, gamma, beta, eps=1e-5, channel_axis=1):
    """y = γ (x − μ) / √(σ² + eps) + β, with μ and σ² over every axis but `channel_axis`.

    Algorithm 1 of the paper, in training: the statistics are this batch's, σ² divided by N.

    Args:
        x: (N, C, …), or with the C channels on another axis; float16 is computed in float32.
        gamma, beta: scale and shift, (C,).
        eps: at least 0, in the units of x².
        channel_axis: the axis of the channels, from either end; −1 for channels last.

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x has fewer than two axes, is empty or has one value a channel; gamma or beta
            is not (C,); channel_axis is out of range; eps is negative or not finite.
    """
    x, axis, axes = _training_batch(x, channel_axis)
    gamma = _per_channel("gamma", gamma, x, axis)
    beta = _per_channel("beta", beta, x, axis)
    return affine_norm(x, gamma, beta, axes, _shapes.epsilon(eps))


def batch_norm_backward(dy, x, gamma, eps=1e-5, channel_axis=1):
    """Gradient of a loss through `batch_norm`, the batch statistics included.

    With M values a channel and sums over them,
    dβ = Σdy,  dγ = Σ dy·x̂,  dx = γ/√(σ² + eps) · (dy − dβ/M − x̂ · dγ/M).

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, eps, channel_axis: as given to `batch_norm`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (C,) in gamma's type.

    Raises:
        ValueError: as `batch_norm`; dy has another shape than x.
    """
    x, axis, axes = _training_batch(x, channel_axis)
    dy = _shapes.same_shape("dy", dy, x)
    gamma = _per_channel("gamma", gamma, x, axis)
    return affine_norm_backward(dy, x, gamma, axes, _shapes.epsilon(eps))


def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5, channel_axis=1):
    """y = γ (x − running_mean) / √(running_var + eps) + β: an affine map, fixed for each channel.

    Args:
        x: (N, C, …), or with the C channels on another axis; one value a channel is enough.
        gamma, beta, running_mean, running_var: (C,).
        eps: at least 0, in the units of x².
        channel_axis: the axis of the channels, from either end.

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x has fewer than two axes or is empty; a vector is not (C,); running_var has a
            negative entry; channel_axis is out of range; eps is negative or not finite.
    """
    x, axis, _ = _batch(x, channel_axis)
    gamma = _per_channel("gamma", gamma, x, axis)
    beta = _per_channel("beta", beta, x, axis)
    centred, inv_std = _centre_by_running(x, running_mean, running_var, eps, axis)
    return affine(centred, gamma * inv_std, beta, x.dtype)


def batch_norm_inference_backward(dy, x, gamma, running_mean, running_var, eps=1e-5, channel_axis=1):
    """Gradient of a loss through `batch_norm_inference`; the running statistics are constants.

    dβ = Σdy,  dγ = Σ dy·(x − running_mean)/√(running_var + eps),
    dx = γ/√(running_var + eps) · dy, sums over every axis but `channel_axis`.

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, running_mean, running_var, eps, channel_axis: as given to `batch_norm_inference`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (C,) in gamma's type.

    Raises:
        ValueError: as `batch_norm_inference`; dy has another shape than x.
    """
    x, axis, axes = _batch(x, channel_axis)
    dy = _shapes.same_shape("dy", dy, x)
    gamma = _per_channel("gamma", gamma, x, axis)
    x_hat, inv_std = _centre_by_running(x, running_mean, running_var, eps, axis)
    x_hat *= inv_std
    dy = dy.astype(x_hat.dtype, copy=False)
    dbeta, dgamma = gradient_sums(dy, x_hat, axes)
    dx = dy * (gamma * inv_std).astype(x_hat.dtype, copy=False)
    return dx.astype(x.dtype, copy=False), as_vector(dgamma, gamma), as_vector(dbeta, gamma)


def update_running_stats(running_mean, running_var, x, momentum=0.1, channel_axis=1):
    """new = (1 − momentum) · old + momentum · batch, for the mean and for the variance.

    PyTorch's convention: `momentum` weighs the batch (Keras' momentum weighs the old value), and
    the batch's variance is the sample variance, ÷(M − 1) for M values a channel.

    Args:
        running_mean, running_var: (C,); they are not changed.
        x: the training batch, (N, C, …), or with the C channels on another axis.
        momentum: from 0 (keep the old value) to 1 (take the batch's).
        channel_axis: the axis of the channels, from either end.

    Returns:
        (running_mean, running_var), new arrays (C,) in the types of the old ones.

    Raises:
        ValueError: x has fewer than two axes, is empty or has one value a channel; running_mean or
            running_var is not (C,); running_var has a negative entry; momentum is not in [0, 1];
            channel_axis is out of range.
    """
    momentum = _shapes.fraction("momentum", momentum)
    x, axis, axes = _training_batch(x, channel_axis)
    running_mean, running_var = _running(running_mean, running_var, x, axis)
    mean, var = (s.reshape(-1) for s in statistics(x, axes))
    m = count(x, axes)
    new_mean = (1 - momentum) * running_mean + momentum * mean
    new_var = (1 - momentum) * running_var + momentum * var * (m / (m - 1))
    return (
        new_mean.astype(running_mean.dtype, copy=False),
        new_var.astype(running_var.dtype, copy=False),
    )


def _batch(x, channel_axis):
    """(x, axis of the channels, all other axes)."""
    x = _shapes.batch_array(x, 2, "(N, C, …)")
    axis = _shapes.channel_axis_of(x, channel_axis)
    return x, axis, tuple(i for i in range(x.ndim) if i != axis)


def _training_batch(x, channel_axis):
    """`_batch`, of a batch that has statistics to speak of."""
    x, axis, axes = _batch(x, channel_axis)
    _shapes.several_values(x, axes, "each channel in training")
    return x, axis, axes


def _per_channel(name, values, x, axis):
    """`values`, (C,), ready to broadcast against x."""
    values = _shapes.vector(name, values, x.shape[axis], f"the channels of x, {x.shape}")
    return _shapes.along(values, axis, x.ndim)


def _running(running_mean, running_var, x, axis):
    of = f"the channels of x, {x.shape}"
    return (
        _shapes.vector("running_mean", running_mean, x.shape[axis], of),
        _shapes.variances("running_var", running_var, x.shape[axis], of),
    )


def _centre_by_running(x, running_mean, running_var, eps, axis):
    """(x − running_mean, 1/√(running_var + eps)), the first a new array."""
    eps = _shapes.epsilon(eps)
    mean, var = (_shapes.along(s, axis, x.ndim) for s in _running(running_mean, running_var, x, axis))
    work = working(x)
    centred = work - mean.astype(work.dtype, copy=False)
    var = var.astype(np.result_type(var, work), copy=False)  # float16 could not hold eps
    return centred, (1 / np.sqrt(var + eps)).astype(work.dtype, copy=False)
