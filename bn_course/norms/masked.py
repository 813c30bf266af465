"""Batch normalisation of sequences of different lengths: the statistics count valid steps alone.

A batch (N, T, D) is as long as its longest sequence; the others are filled up with padding, which is
no data. The valid steps of all sequences together, M = Σ lengths of them, are one batch (M, D).
"""

import numpy as np

from bn_course.norms import _shapes
from bn_course.norms.batch import batch_norm, batch_norm_backward


def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    """y = γ (x − μ) / √(σ² + eps) + β at valid steps, 0 at padding; μ and σ² over the valid steps.

    What the padding holds has no effect. Counted as zeros, a share p of padding would turn μ into
    (1 − p)μ and σ² into (1 − p)σ² + p(1 − p)μ².

    Args:
        x: (N, T, D); float16 is computed in float32.
        lengths: how many steps of each sequence are valid, (N,) whole numbers from 1 to T.
        gamma, beta: scale and shift, (D,).
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x is not (N, T, D) or is empty; lengths are not (N,), not whole, or not from 1 to
            T; only one step of all is valid; gamma or beta is not (D,); eps is negative or not finite.
    """
    x, valid = _checked(x, lengths)
    gamma = _shapes.vector("gamma", gamma, x.shape[-1], f"the features of x, {x.shape}")
    beta = _shapes.vector("beta", beta, x.shape[-1], f"the features of x, {x.shape}")
    y = np.zeros_like(x)
    y[valid] = batch_norm(x[valid], gamma, beta, eps)
    return y


def masked_batch_norm_backward(dy, x, lengths, gamma, eps=1e-5):
    """Gradient of a loss through `masked_batch_norm`: dx is 0 at padding, and dy there is not looked at.

    Args:
        dy: ∂L/∂y, of x's shape.
        x, lengths, gamma, eps: as given to `masked_batch_norm`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (D,) in gamma's type.

    Raises:
        ValueError: as `masked_batch_norm`; dy has another shape than x.
    """
    x, valid = _checked(x, lengths)
    dy = _shapes.same_shape("dy", dy, x)
    gamma = _shapes.vector("gamma", gamma, x.shape[-1], f"the features of x, {x.shape}")
    dx = np.zeros_like(x)
    dx[valid], dgamma, dbeta = batch_norm_backward(dy[valid], x[valid], gamma, eps)
    return dx, dgamma, dbeta


def _checked(x, lengths):
    """x as an array of floats, and which of its steps are valid, (N, T)."""
    x = _shapes.batch_array(x, 3, "(N, T, D)")
    if x.ndim != 3:
        raise ValueError(f"x has shape {x.shape}; it needs 3 axes, (N, T, D)")
    count, steps, _ = x.shape
    lengths = _shapes.as_array("lengths", lengths, "whole numbers")
    if lengths.dtype.kind not in "iu":
        raise ValueError(f"lengths has dtype {lengths.dtype}; it needs whole numbers")
    if lengths.shape != (count,):
        raise ValueError(f"lengths has shape {lengths.shape}; it needs ({count},) for x, {x.shape}")
    if lengths.min() < 1 or lengths.max() > steps:
        worst = lengths.min() if lengths.min() < 1 else lengths.max()
        raise ValueError(f"lengths holds {worst}; x of shape {x.shape} needs lengths from 1 to {steps}")
    if lengths.sum() == 1:
        raise ValueError(
            f"x has shape {x.shape} and one valid step; it needs at least two: "
            "the variance of one value is 0 and says nothing"
        )
    return x, np.arange(steps) < lengths[:, None]
