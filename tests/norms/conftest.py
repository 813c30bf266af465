"""What the tests of the norms share: random numbers, and gradients by central differences."""

import os

import numpy as np
import pytest
from hypothesis import settings

# `make test` draws few cases, always the same; `make properties` draws a thousand new ones for each property.
settings.register_profile("ci", deadline=None, derandomize=True, max_examples=30)
settings.register_profile("deep", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def rng():
    return np.random.default_rng(2015)


@pytest.fixture
def numerical_gradient():
    """(f, x) → the gradient of the number f(x), one entry of x at a time."""

    def gradient(f, x, h=1e-5):
        slope = np.empty_like(x)
        for index in np.ndindex(x.shape):
            step = np.zeros_like(x)
            step[index] = h
            slope[index] = (f(x + step) - f(x - step)) / (2 * h)
        return slope

    return gradient
