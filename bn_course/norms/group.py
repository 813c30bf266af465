"""Group normalisation (Wu & He 2018, arXiv:1803.08494): a group of an example's channels shares.

One group is layer normalisation over (C, …) with γ and β a channel; C groups are instance
normalisation.
"""

from bn_course.norms import _shapes
from bn_course.norms._affine import affine_norm, affine_norm_backward

# x is seen as (N, groups, channels a group, positions): a statistic is shared by the last two axes.
_AXES = (2, 3)


def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    """y = γ (x − μ) / √(σ² + eps) + β, with μ and σ² over one group of channels of one example.

    Groups are consecutive channels: with 6 channels and 2 groups, 0–2 and 3–5. With one value a
    group x̂ is 0 and y is β, as for a layer norm of a single feature.

    Args:
        x: (N, C, …); float16 is computed in float32.
        gamma, beta: scale and shift, (C,): one a channel, not one a group.
        num_groups: how many groups; it divides C.
        eps: at least 0, in the units of x².

    Returns:
        y, a new array of x's shape and type.

    Raises:
        ValueError: x has fewer than two axes or is empty; num_groups does not divide C; gamma or
            beta is not (C,); eps is negative or not finite.
    """
    x, grouped = _grouped(x, num_groups)
    gamma = _per_channel("gamma", gamma, x, grouped)
    beta = _per_channel("beta", beta, x, grouped)
    return affine_norm(grouped, gamma, beta, _AXES, _shapes.epsilon(eps)).reshape(x.shape)


def group_norm_backward(dy, x, gamma, num_groups, eps=1e-5):
    """Gradient of a loss through `group_norm`.

    dβ = Σdy and dγ = Σ dy·x̂ over every axis but the channels'; with dx̂ = γ dy and means over a
    group, dx = (dx̂ − mean(dx̂) − x̂ · mean(dx̂·x̂)) / √(σ² + eps).

    Args:
        dy: ∂L/∂y, of x's shape.
        x, gamma, num_groups, eps: as given to `group_norm`.

    Returns:
        (dx, dgamma, dbeta): dx of x's shape and type; dgamma and dbeta (C,) in gamma's type.

    Raises:
        ValueError: as `group_norm`; dy has another shape than x.
    """
    x, grouped = _grouped(x, num_groups)
    dy = _shapes.same_shape("dy", dy, x).reshape(grouped.shape)
    gamma = _per_channel("gamma", gamma, x, grouped)
    dx, dgamma, dbeta = affine_norm_backward(dy, grouped, gamma, _AXES, _shapes.epsilon(eps))
    return dx.reshape(x.shape), dgamma, dbeta


def _grouped(x, num_groups):
    """(x, x seen as (N, groups, channels a group, positions))."""
    x = _shapes.batch_array(x, 2, "(N, C, …)")
    groups = _shapes.groups_of(x, num_groups)
    return x, x.reshape(len(x), groups, x.shape[1] // groups, -1)


def _per_channel(name, values, x, grouped):
    """`values`, (C,), as (1, groups, channels a group, 1)."""
    values = _shapes.vector(name, values, x.shape[1], f"the channels of x, {x.shape}")
    return values.reshape(1, *grouped.shape[1:3], 1)
