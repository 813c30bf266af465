"""Numbers that several lessons' probes are drawn from: none on which a mistake could hide."""

import numpy as np


def parameters(rng, channels):
    """γ of both signs, none near zero or one; β likewise."""
    gamma = rng.uniform(1.3, 2.5, size=channels) * np.where(np.arange(channels) % 2, -1, 1)
    return gamma, rng.uniform(0.3, 1.5, size=channels) * np.where(np.arange(channels) % 3, 1, -1)


def uneven(rng, *shape, spread=1.0):
    """Numbers whose means differ along every axis, so that every choice of axes shows."""
    x = rng.normal(0.5, spread, size=shape)
    for axis, size in enumerate(shape):
        along = [-1 if i == axis else 1 for i in range(len(shape))]
        x = x + spread * rng.normal(size=size).reshape(along)
    return x


def offset(rng, *shape):
    """float32 of deviation 1 at mean 1000, where a careless variance drowns in rounding."""
    return (1e3 + rng.normal(size=shape)).astype(np.float32)


def signs(rng, d):
    """γ with none near 0 or 1, every second one negative."""
    return rng.uniform(1.3, 2.5, d) * np.where(np.arange(d) % 2, -1.0, 1.0)


def signs_in_thirds(rng, c):
    """γ with none near 0 or 1, every third one negative."""
    return rng.uniform(1.3, 2.0, c) * np.where(np.arange(c) % 3 == 1, -1.0, 1.0)
