"""What items compute with: batch norm of a few numbers, and what the course has measured."""

from functools import cache

import numpy as np

from bn_course import norms
from bn_course.experiments.stored import evidence


def bn(x, gamma=1.0, beta=0.0, eps=0.0):
    """Batch norm of one feature, a list of numbers or an array (N,)."""
    x = np.asarray(x, float)
    return norms.batch_norm(x[:, None], np.array([gamma]), np.array([beta]), eps)[:, 0]


def bn_gradient(dy, x, gamma=1.0, eps=0.0):
    """dx of one feature."""
    columns = (np.asarray(values, float)[:, None] for values in (dy, x))
    return norms.batch_norm_backward(*columns, np.array([gamma]), eps)[0][:, 0]


@cache
def measured(name: str) -> dict[str, np.ndarray]:
    """The means over the seeds of an experiment, by the names of its numbers."""
    return evidence(name).mean


def one_run(name: str, draw: np.random.Generator) -> dict[str, np.ndarray]:
    """What one seed gave, so that the numbers are others each time."""
    values = evidence(name).values
    seed = draw.integers(len(next(iter(values.values()))))
    return {key: value[seed] for key, value in values.items()}


def compared(value: float, other: float, margin: float) -> str:
    """'more', 'less' or 'alike': how a value stands to another one."""
    if abs(value - other) <= margin:
        return "alike"
    return "more" if value > other else "less"
