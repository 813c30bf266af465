"""What several questions of lesson 03 share."""

from bn_course.checks._probes import far_from_zero, offset
from bn_course.checks._properties import dx_does_not_stretch, dx_sums_to_zero
from bn_course.grading.question import Probe

TABLE = {"n": (0,), "d": (1,), "all": (0, 1)}  # the axes of (N, D), by what they run over

A_FEATURE = "each feature"


def properties(dx_hat_of, output):
    """Two directions of which dx knows nothing; `dx_hat_of(args)` gives dx̂, x and ε."""
    return (dx_sums_to_zero(A_FEATURE, 0, output), dx_does_not_stretch(A_FEATURE, 0, dx_hat_of, output))


def offset_probe(rng, *more):
    """dx̂ or dy, x at mean 1000, and what the question takes besides."""
    return Probe(
        "float32 at mean 1000", (offset(rng, 8, 5, mean=0.0), offset(rng, 8, 5), *more, 1e-5), rounding=True
    )


def far_example(*more):
    return far_from_zero([[1], [0], [3]], [[8192], [8193], [8194.5]], *more, 0.0)
