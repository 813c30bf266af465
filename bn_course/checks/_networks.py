"""Small torch networks written as plain data: `drivers.networks` builds them for the probes of lessons 09 and 10."""

import numpy as np

from bn_course.checks._probes import signs


def linear(rng, training, inputs, outputs):
    return "linear", training, rng.normal(size=(outputs, inputs)), rng.normal(size=outputs)


def batch_norm(rng, training, dims, channels, momentum=0.1, eps=0.1):
    """A norm whose running statistics are those of no batch."""
    vectors = (signs(rng, channels), *rng.normal(size=(2, channels)), rng.uniform(0.5, 3, channels))
    return "batch norm", training, dims, *vectors, momentum, eps


def batches(rng, *sizes, shape=(4,)):
    """Batches that differ in mean and spread."""
    return [rng.normal(0, 2, shape) + rng.uniform(0.5, 3) * rng.normal(size=(n, *shape)) for n in sizes]


def norm_of_one(training, gamma=1.0, beta=0.0, momentum=0.1, eps=1e-5):
    """BatchNorm1d(1), to be redone by hand."""
    return "batch norm", training, 1, *(np.array([v]) for v in (gamma, beta, 0.0, 1.0)), momentum, eps


def columns(*batches):
    """Batches of one feature."""
    return [np.array(batch, float)[:, None] for batch in batches]
