"""Instance normalisation (Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022).

The positions of one channel of one example share their statistics; nothing else does, the batch
least of all.
"""

from bn_course.norms import _shapes
from bn_course.norms._affine import affine_norm, affine_norm_backward


def instance_norm(x, gamma, beta, eps=1e-5):
    """y = γ (x − μ) / √(σ² + eps) + β, with μ and σ² over the spatial axes of each (n, c).

    Args:
        x: (N, C, …) with at least one spatial axis; float16 is computed in float32.
        gamma, beta: scale and shift, (C,).
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x has fewer than three axes, is empty or has one position; gamma or beta is not
            (C,); eps is negative or not finite.
    """
    x, axes = _instances(x)
    gamma = _per_channel("gamma", gamma, x)
    beta = _per_channel("beta", beta, x)
    return affine_norm(x, gamma, beta, axes, _shapes.epsilon(eps))


def instance_norm_backward(dy, x, gamma, eps=1e-5):
    """Gradient of a loss through `instance_norm`.

    dβ = Σdy and dγ = Σ dy·x̂ over every axis but the channels'; with means over the spatial axes,
    dx = γ/√(σ² + eps) · (dy − mean(dy) − x̂ · mean(dy·x̂)).

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, eps: as given to `instance_norm`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (C,) in gamma's type.

    Raises:
        ValueError: as `instance_norm`; dy has another shape than x.
    """
    x, axes = _instances(x)
    dy = _shapes.same_shape("dy", dy, x)
    gamma = _per_channel("gamma", gamma, x)
    return affine_norm_backward(dy, x, gamma, axes, _shapes.epsilon(eps))


def _instances(x):
    """(x, its spatial axes)."""
    x = _shapes.batch_array(x, 3, "(N, C, …) with a spatial axis")
    axes = tuple(range(2, x.ndim))
    _shapes.several_values(x, axes, "each channel of each example")
    return x, axes


def _per_channel(name, values, x):
    values = _shapes.vector(name, values, x.shape[1], f"the channels of x, {x.shape}")
    return _shapes.along(values, 1, x.ndim)
