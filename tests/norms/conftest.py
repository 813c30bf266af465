"""What the tests of the norms share: random numbers, and gradients by central differences."""

import numpy as np
import pytest


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
