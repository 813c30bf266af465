"""Layer normalisation (Ba, Kiros & Hinton 2016, arXiv:1607.06450): an example's features share."""

from bn_course.norms import _shapes
from bn_course.norms._affine import affine_norm, affine_norm_backward


def layer_norm(x, gamma, beta, eps=1e-5):
    """y = γ (x − μ) / √(σ² + eps) + β, with μ and σ² over the last axis.

    No other example enters, so training and inference are the same. With a single feature x̂ is 0
    and y is β, as in PyTorch: of little use, but right.

    Args:
        x: (…, D); float16 is computed in float32.
        gamma, beta: scale and shift, (D,).
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x is a single number or empty; gamma or beta is not (D,); eps is negative or
            not finite.
    """
    x = _shapes.batch_array(x, 1, "(…, D)")
    gamma = _per_feature("gamma", gamma, x)
    beta = _per_feature("beta", beta, x)
    return affine_norm(x, gamma, beta, (x.ndim - 1,), _shapes.epsilon(eps))


def layer_norm_backward(dy, x, gamma, eps=1e-5):
    """Gradient of a loss through `layer_norm`.

    dβ = Σdy and dγ = Σ dy·x̂ over every axis but the last; with dx̂ = γ dy and means over the last,
    dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂·x̂)) / √(σ² + eps).

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, eps: as given to `layer_norm`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (D,) in gamma's type.

    Raises:
        ValueError: as `layer_norm`; dy has another shape than x.
    """
    x = _shapes.batch_array(x, 1, "(…, D)")
    dy = _shapes.same_shape("dy", dy, x)
    gamma = _per_feature("gamma", gamma, x)
    return affine_norm_backward(dy, x, gamma, (x.ndim - 1,), _shapes.epsilon(eps))


def _per_feature(name, values, x):
    values = _shapes.vector(name, values, x.shape[-1], f"the features of x, {x.shape}")
    return _shapes.along(values, x.ndim - 1, x.ndim)
