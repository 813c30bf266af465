"""Standardise, then scale and shift: what batch, layer, instance and group norm share.

A norm hands over x, the axes that share a statistic, and γ and β shaped to broadcast against x.
Nothing is checked here.
"""

import numpy as np

from bn_course.norms.standardize import (
    centre_with_inv_std,
    count,
    gradient_sums,
    remove_components,
    working,
)


def affine_norm(x, gamma, beta, axes, eps):
    """y = γ x̂ + β in x's type."""
    centred, inv_std = centre_with_inv_std(working(x), axes, eps)
    return affine(centred, inv_std * gamma, beta, x.dtype)


def affine(centred, scale, beta, dtype):
    """scale · centred + β, computed in place in `centred` and returned as `dtype`."""
    centred *= scale.astype(centred.dtype, copy=False)
    centred += beta.astype(centred.dtype, copy=False)
    return centred.astype(dtype, copy=False)


def affine_norm_backward(dy, x, gamma, axes, eps):
    """(dx, dgamma, dbeta): dx in x's shape and type, dgamma and dbeta as vectors in γ's type."""
    centred, inv_std = centre_with_inv_std(working(x), axes, eps)
    dx, dgamma, dbeta = gradients(dy, centred, inv_std, gamma, axes)
    return dx.astype(x.dtype, copy=False), dgamma, dbeta


def gradients(dy, centred, inv_std, gamma, axes):
    """`affine_norm_backward`, given x − mean, in which dx is computed in place."""
    dy = dy.astype(centred.dtype, copy=False)
    scale = gamma.astype(centred.dtype, copy=False)
    shared = tuple(axis for axis in range(centred.ndim) if gamma.shape[axis] == 1)
    m = count(centred, axes)

    if set(axes) <= set(shared):
        # γ and 1/σ are constant where the statistic is shared, so they leave the sums: dx = γ · dx(dy),
        # the sums that dx needs are those that dγ and dβ are made of, and x̂ itself is not needed.
        sum_dy, sum_dy_centred = gradient_sums(dy, centred, axes)
        sum_dy_x_hat = sum_dy_centred * inv_std
        dbeta, dgamma = sum_dy.sum(axis=shared), sum_dy_x_hat.sum(axis=shared)
        slope = sum_dy_x_hat * inv_std / m
        dx = remove_components(dy, centred, inv_std * scale, sum_dy / m, slope, out=centred)
    else:
        x_hat = np.multiply(centred, inv_std, out=centred)
        dx_hat = dy * scale
        dbeta, dgamma = gradient_sums(dy, x_hat, shared)
        means = (s / m for s in gradient_sums(dx_hat, x_hat, axes))
        dx = remove_components(dx_hat, x_hat, inv_std, *means, out=x_hat)

    return dx, as_vector(dgamma, gamma), as_vector(dbeta, gamma)


def as_vector(gradient, gamma):
    """A parameter's gradient as a vector in γ's type."""
    return gradient.reshape(-1).astype(gamma.dtype, copy=False)
