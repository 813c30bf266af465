"""Standardise, then scale and shift: what batch, layer, instance and group norm share.

A norm hands over x, the axes that share a statistic, and γ and β shaped to broadcast against x.
Nothing is checked here.
"""

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
    x_hat, inv_std = centre_with_inv_std(working(x), axes, eps)
    x_hat *= inv_std
    dy = dy.astype(x_hat.dtype, copy=False)
    scale = gamma.astype(x_hat.dtype, copy=False)
    shared = tuple(axis for axis in range(x.ndim) if gamma.shape[axis] == 1)

    if set(axes) <= set(shared):
        # γ is constant where the statistic is shared, so it leaves the sums: dx = γ · dx(dy),
        # and the sums that dx needs are those that dγ and dβ are made of.
        dx_hat, inv_std = dy, inv_std * scale
        sums = gradient_sums(dy, x_hat, axes)
        dbeta, dgamma = (s.sum(axis=shared) for s in sums)
    else:
        dx_hat = dy * scale
        sums = gradient_sums(dx_hat, x_hat, axes)
        dbeta, dgamma = gradient_sums(dy, x_hat, shared)

    means = (s / count(x, axes) for s in sums)
    dx = remove_components(dx_hat, x_hat, inv_std, *means, out=x_hat)
    return dx.astype(x.dtype, copy=False), as_vector(dgamma, gamma), as_vector(dbeta, gamma)


def as_vector(gradient, gamma):
    """A parameter's gradient as a vector in γ's type."""
    return gradient.reshape(-1).astype(gamma.dtype, copy=False)
