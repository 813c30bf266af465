"""What several questions of lesson 02 share."""

import numpy as np

from bn_course.grading.question import Probe


def offset(rng, shape, mean=1e3):
    """float32 values of deviation 1 far from zero, where a careless variance drowns in rounding."""
    return (mean + rng.normal(size=shape)).astype(np.float32)


FAR_FROM_ZERO = Probe(
    "float32 far from zero", (np.array([[8192.0], [8193.0], [8194.0]], np.float32),), rounding=True
)


def _divisor(var, eps, place, root):
    inside = {"inside": eps, "outside": 0.0, "none": 0.0, "squared": eps**2}[place]
    divisor = np.sqrt(var + inside) if root else var + inside
    return divisor + eps if place == "outside" else divisor
