"""Adaptive instance normalisation (Huang & Belongie 2017, arXiv:1703.06868): a style's statistics.

The content is instance-normalised, and the style's own deviation and mean take the places of γ and β.
"""

import numpy as np

from bn_course.norms import _shapes
from bn_course.norms.standardize import standardize, statistics


def adain(content, style, eps=1e-5):
    """y = √(σₛ² + eps) · (content − μ) / √(σ² + eps) + μₛ, statistics over space, for each (n, c).

    Without an s they are the content's, with it the style's. y has the style's mean in each channel
    exactly, and its variance up to eps: (σₛ² + eps) · σ² / (σ² + eps).

    Args:
        content: (N, C, …) with at least one spatial axis; float16 is computed in float32.
        style: (N, C, …); its spatial axes may have other lengths.
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of content's shape and type.

    Raises:
        ValueError: content or style has fewer than three axes, is empty or has one position; they
            differ in N, C or rank; eps is negative or not finite.
    """
    eps = _shapes.epsilon(eps)
    content, style = _images("content", content), _images("style", style)
    if style.ndim != content.ndim or style.shape[:2] != content.shape[:2]:
        need = (*content.shape[:2], *"…" * (content.ndim - 2))
        raise ValueError(f"style has shape {style.shape}; it needs ({', '.join(map(str, need))}), as content")
    axes = tuple(range(2, content.ndim))
    mean, var = statistics(style, axes)
    y = standardize(content.astype(np.result_type(content, mean), copy=False), axes, eps)
    return (np.sqrt(var + eps) * y + mean).astype(content.dtype, copy=False)


def _images(name, value):
    x = _shapes.batch_array(value, 3, "(N, C, …) with a spatial axis", name)
    _shapes.several_values(x, tuple(range(2, x.ndim)), "each channel of each example", name)
    return x
