"""What several questions of lesson 14 share."""

from contextlib import contextmanager

import numpy as np

from bn_course.checks._probes import signs_in_thirds


def linear(rng, inputs, outputs, bias=True):
    weight = rng.normal(size=(outputs, inputs)) * np.sqrt(2 / inputs)
    return "linear", weight, rng.normal(size=outputs) if bias else None


def _batch(rng, d, momentum=0.3):
    """A norm whose running statistics are those of no batch."""
    mean, var = rng.normal(size=d), rng.uniform(0.5, 4.0, d)
    return "batch", signs_in_thirds(rng, d), rng.normal(size=d), mean, var, momentum


def _norms(model):
    from torch.nn.modules.batchnorm import _BatchNorm

    return [module for module in model.modules() if isinstance(module, _BatchNorm)]


@contextmanager
def put_back(model):
    """Modes and momenta of the model are as they were when this ends."""
    modes = [(module, module.training) for module in model.modules()]
    momenta = [(norm, norm.momentum) for norm in _norms(model)]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode
        for norm, momentum in momenta:
            norm.momentum = momentum


@contextmanager
def _momentum(norms, new):
    """`new(momentum)` in place of each momentum."""
    kept = [norm.momentum for norm in norms]
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = new(momentum)
    try:
        yield
    finally:
        for norm, momentum in zip(norms, kept, strict=True):
            norm.momentum = momentum
