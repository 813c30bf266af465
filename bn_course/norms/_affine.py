"""Standardise over some axes, then scale and shift: what batch, layer, instance and group norm share.

A norm hands over x, the axes that share a statistic, and γ and β shaped to broadcast against x.
Nothing is checked here.
"""

from bn_course.norms.standardize import (
    count,
    gradient_sums,
    remove_components,
    standardize_with_scale,
    working,
)


def affine(x_hat, gamma, beta, dtype):
    """γ x̂ + β, computed in place in x_hat and returned as `dtype`."""
    x_hat *= gamma.astype(x_hat.dtype, copy=False)
    x_hat += beta.astype(x_hat.dtype, copy=False)
    return x_hat.astype(dtype, copy=False)


def affine_norm(x, gamma, beta, axes, eps):
    """y = γ x̂ + β in x's type."""
    x_hat, _ = standardize_with_scale(working(x), axes, eps)
    return affine(x_hat, gamma, beta, x.dtype)


def affine_norm_backward(dy, x, gamma, axes, eps):
    """(dx, dgamma, dbeta): dx in x's shape and type, dgamma and dbeta as vectors in γ's type."""
    x_hat, inv_std = standardize_with_scale(working(x), axes, eps)
    dy = dy.astype(x_hat.dtype, copy=False)
    scale = gamma.astype(x_hat.dtype, copy=False)
    shared = tuple(axis for axis in range(x.ndim) if gamma.shape[axis] == 1)

    if set(axes) <= set(shared):
        # γ is constant where the statistic is shared, so it leaves the sums: dx = γ · dx(dy),
        # and the sums that dx needs are those that dγ and dβ are made of.
        dx_hat, inv_std = dy, scale * inv_std
        sums = gradient_sums(dy, x_hat, axes)
        dbeta, dgamma = (s.sum(axis=shared) for s in sums)
    else:
        dx_hat = dy * scale
        sums = gradient_sums(dx_hat, x_hat, axes)
        dbeta, dgamma = gradient_sums(dy, x_hat, shared)

    dx = remove_components(dx_hat, x_hat, inv_std, *(s / count(x, axes) for s in sums))
    return (
        dx.astype(x.dtype, copy=False),
        dgamma.reshape(-1).astype(gamma.dtype, copy=False),
        dbeta.reshape(-1).astype(gamma.dtype, copy=False),
    )
