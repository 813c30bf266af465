"""A norm of a large float32 array makes as many arrays of its size as are said here, and no float64 ones."""

import tracemalloc

import numpy as np
import pytest

from bn_course import norms

RNG = np.random.default_rng(2015)
X = RNG.standard_normal((16, 32, 16, 16), dtype=np.float32)
DY = RNG.standard_normal(X.shape, dtype=np.float32)
ROWS, DROWS = X.reshape(16, -1), DY.reshape(16, -1)
STEPS, LENGTHS = X.reshape(16, 32, -1), np.full(16, 32)
# Parameters in float64, as a learner's often are: x decides the type in which is computed.
C, VAR, OUT = np.linspace(0.5, 2, 32), np.linspace(0.1, 1, 32), np.linspace(0.5, 2, 16)
F, T = np.linspace(0.5, 2, ROWS.shape[1]), np.linspace(0.5, 2, STEPS.shape[2])

# function, arguments, how many arrays of x's size there are at once, the arguments not counted
ARRAYS = [
    (norms.statistics, (X, (0, 2, 3)), 1),
    (norms.standardize, (X, (0, 2, 3)), 1),
    (norms.standardize_backward, (DY, X, VAR.reshape(1, 32, 1, 1), (0, 2, 3)), 1),
    (norms.batch_norm, (X, C, C), 1),
    (norms.batch_norm_backward, (DY, X, C), 1),
    (norms.batch_norm_inference, (X, C, C, C, VAR), 1),
    (norms.batch_norm_inference_backward, (DY, X, C, C, VAR), 2),
    (norms.update_running_stats, (C, VAR, X), 1),
    (norms.layer_norm, (ROWS, F.astype(np.float32), F), 2),  # γ / σ is as large as x
    (norms.layer_norm_backward, (DROWS, ROWS, F), 2),
    (norms.instance_norm, (X, C, C), 1),
    (norms.instance_norm_backward, (DY, X, C), 1),
    (norms.group_norm, (X, C, C, 4), 1),
    (norms.group_norm_backward, (DY, X, C, 4), 2),
    (norms.rms_norm, (ROWS, F), 1),
    (norms.rms_norm_backward, (DROWS, ROWS, F), 2),
    (norms.adain, (X, DY), 3),
    (norms.masked_batch_norm, (STEPS, LENGTHS, T, T), 3),
    (norms.masked_batch_norm_backward, (STEPS, STEPS, LENGTHS, T), 4),
    (norms.weight_norm, (ROWS, OUT), 2),
    (norms.weight_norm_backward, (DROWS, ROWS, OUT), 3),
    (norms.weight_standardize, (X,), 1),
]


def peak(function, arguments):
    """The most bytes that were in use at once, beyond those before the call."""
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        function(*arguments)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("function", "arguments", "arrays"), ARRAYS, ids=[function.__name__ for function, *_ in ARRAYS]
)
def test_no_more_memory_than_this_many_arrays(function, arguments, arrays):
    assert peak(function, arguments) / X.nbytes < arrays + 0.5
