"""What several questions of lesson 10 share."""

import numpy as np

NOT_GIVEN = None


def eps_used(eps, eps_from):
    """`eps` as the answer takes it; NOT_GIVEN where the caller leaves it at its default."""
    default = 1e-3 if eps_from == "keras" else 1e-5
    return default if eps is NOT_GIVEN or eps_from == "hard-coded" else eps


def _root(var, eps, eps_place):
    if eps_place == "outside":
        return np.sqrt(var) + eps
    return np.sqrt(var + (eps if eps_place == "inside" else 0.0))
