"""How the probes of lesson 09 use an answer: generators and networks are made here from plain data."""

from collections.abc import Sequence

import numpy as np


def noise(answer, x, batch_size, draws, seed):
    """The answer's two deviations, with a generator of this seed, and how many entries of x it changed."""
    before = x.copy()
    found = answer(x, batch_size, draws, np.random.default_rng(seed))
    if not _are(2, found):
        return found
    return (*found, float((before != x).sum()))


def twice(answer, x, batch_size, draws, seed):
    """Does the same state of the generator give the same result, and another state another one?"""
    found = [answer(x.copy(), batch_size, draws, np.random.default_rng(s)) for s in (seed, seed, seed + 1)]
    if not all(_are(2, one) for one in found):
        return found[0]
    first, again, other = (np.concatenate([np.ravel(part) for part in one]) for one in found)
    return float(np.array_equal(first, again)), float(not np.array_equal(first, other))


def monte_carlo(answer, layers: Sequence[tuple], training: bool, x, batches: Sequence):
    """Mean and deviation, then what should have stayed: statistics, counters, momenta and modes.

    A layer is (kind, training, *its numbers); kinds are in `_LAYERS`.
    """
    import torch
    from torch import nn

    modules = [_layer(*layer) for layer in layers]
    model = nn.Sequential(*modules)
    model.training = training
    with torch.random.fork_rng(devices=[]):
        found = answer(model, torch.from_numpy(x), [torch.from_numpy(batch) for batch in batches])
    if not _are(2, found):
        return found
    norms = [module for module in modules if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    statistics = torch.cat([buffer for norm in norms for buffer in (norm.running_mean, norm.running_var)])
    counters = [float(norm.num_batches_tracked) for norm in norms]
    momenta = [-1.0 if norm.momentum is None else norm.momentum for norm in norms]
    modes = [float(module.training) for module in (model, *modules)]
    return (*found, statistics, np.array(counters), np.array(momenta), np.array(modes))


def _are(count: int, found) -> bool:
    """Did the answer return so many values, none of them a placeholder?"""
    if not isinstance(found, (tuple, list)) or len(found) != count:
        return False
    return not any(value is None or value is ... for value in found)


def _layer(kind: str, training: bool, *numbers):
    module = _LAYERS[kind](*numbers)
    module.training = training
    return module


def _linear(weight, bias):
    import torch

    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
    layer.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return layer


def _batch_norm(dims, gamma, beta, running_mean, running_var, momentum):
    import torch

    kind = {1: torch.nn.BatchNorm1d, 2: torch.nn.BatchNorm2d}[dims]
    layer = kind(len(gamma), momentum=momentum, dtype=torch.float64)
    vectors = (gamma, beta, running_mean, running_var)
    for own, given in zip((*layer.parameters(), layer.running_mean, layer.running_var), vectors, strict=True):
        own.data.copy_(torch.from_numpy(given))
    return layer


def _dropout(share):
    import torch

    return torch.nn.Dropout(share)


def _flatten():
    import torch

    return torch.nn.Flatten()


_LAYERS = {"linear": _linear, "batch norm": _batch_norm, "dropout": _dropout, "flatten": _flatten}
