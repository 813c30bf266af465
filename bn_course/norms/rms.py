"""Root-mean-square normalisation (Zhang & Sennrich 2019, arXiv:1910.07467): layer norm, uncentred.

It divides by the root mean square and neither subtracts a mean nor adds a shift. On rows whose mean
is 0 it is layer normalisation without β.
"""

import numpy as np

from bn_course.norms import _shapes
from bn_course.norms._affine import as_vector
from bn_course.norms.standardize import count, sum_of_products, total, working


def rms_norm(x, gamma, eps=1e-6):
    """y = γ x / √(mean(x²) + eps), the mean over the last axis.

    Args:
        x: (…, D); float16 is computed in float32.
        gamma: scale, (D,).
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x is a single number or empty; gamma is not (D,); eps is negative or not
            finite.
    """
    x, gamma = _checked(x, gamma)
    x_hat, _ = _divide_by_rms(x, _shapes.epsilon(eps))
    x_hat *= gamma.astype(x_hat.dtype, copy=False)
    return x_hat.astype(x.dtype, copy=False)


def rms_norm_backward(dy, x, gamma, eps=1e-6):
    """Gradient of a loss through `rms_norm`.

    dγ = Σ dy·x̂ over every axis but the last; with dx̂ = γ dy and the mean over the last,
    dx = (dx̂ − x̂ · mean(dx̂·x̂)) / √(mean(x²) + eps): `standardize_backward` without its mean term.

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, eps: as given to `rms_norm`.

    Returns:
        (dx, dgamma): dx of x's shape and type; dgamma (D,) in gamma's type.

    Raises:
        ValueError: as `rms_norm`; dy has another shape than x.
    """
    x, gamma = _checked(x, gamma)
    dy = _shapes.same_shape("dy", dy, x)
    x_hat, inv_rms = _divide_by_rms(x, _shapes.epsilon(eps))
    dy = dy.astype(x_hat.dtype, copy=False)
    dx = dy * gamma.astype(x_hat.dtype, copy=False)  # dx̂ so far
    last = (x.ndim - 1,)
    mean_product = sum_of_products(dx, x_hat, last) / count(x, last)
    dgamma = sum_of_products(dy, x_hat, tuple(range(x.ndim - 1)))
    x_hat *= mean_product
    dx -= x_hat
    dx *= inv_rms
    return dx.astype(x.dtype, copy=False), as_vector(dgamma, gamma)


def _checked(x, gamma):
    x = _shapes.batch_array(x, 1, "(…, D)")
    return x, _shapes.vector("gamma", gamma, x.shape[-1], f"the features of x, {x.shape}")


def _divide_by_rms(x, eps):
    """(x / rms, 1 / rms) with rms = √(mean(x²) + eps), in the working type."""
    work = working(x)
    last = (x.ndim - 1,)
    # x is not centred here, so the squares have one sign and one size: they are added in float64.
    mean_square = total(np.square(work), last) / count(x, last)
    inv_rms = (1 / np.sqrt(mean_square + eps)).astype(work.dtype, copy=False)
    return work * inv_rms, inv_rms
