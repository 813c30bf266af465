"""How the probes of lesson 09 use an answer: generators and networks are made here from plain data."""

from collections.abc import Sequence

import numpy as np

from bn_course.drivers import networks


def noise(answer, x, batch_size, draws, seed):
    """The answer's two deviations, with a generator of this seed, and how many entries of x it changed."""
    before = x.copy()
    found = answer(x, batch_size, draws, np.random.default_rng(seed))
    if not _are(2, found):
        return found
    return (*found, float((before != x).sum()))


def twice(answer, x, batch_size, draws, seed):
    """Does the same state of the generator give the same result, another state another one, and another
    number of draws another one?"""
    ways = (seed, draws), (seed, draws), (seed + 1, draws), (seed, 4 * draws)
    found = [answer(x.copy(), batch_size, number, np.random.default_rng(s)) for s, number in ways]
    if not all(_are(2, one) for one in found):
        return found[0]
    first, again, other, more = (np.concatenate([np.ravel(part) for part in one]) for one in found)
    same = [np.array_equal(first, result) for result in (again, other, more)]
    return float(same[0]), float(not same[1]), float(not same[2])


def monte_carlo(answer, layers: Sequence[tuple], training: bool, x, batches: Sequence):
    """Mean and deviation, then what should have stayed: statistics, counters, momenta, modes and batches.

    A layer is (kind, training, *its numbers), as in `drivers.networks`.
    """
    import torch
    from torch import nn

    modules = [networks.layer(*layer) for layer in layers]
    model = nn.Sequential(*modules)
    model.training = training
    with torch.random.fork_rng(devices=[]):
        given = networks.tensors(batches)
        found = answer(model, torch.tensor(x), given)
    if not _are(2, found):
        return found
    norms = [module for module in modules if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    statistics = torch.cat([buffer for norm in norms for buffer in (norm.running_mean, norm.running_var)])
    counters = [float(norm.num_batches_tracked) for norm in norms]
    state = networks.kept_state((model, *modules), norms)
    return (*found, statistics, np.array(counters), *state, float(networks.intact(given, batches)))


def _are(count: int, found) -> bool:
    """Did the answer return so many values, none of them a placeholder?"""
    if not isinstance(found, (tuple, list)) or len(found) != count:
        return False
    return not any(value is None or value is ... for value in found)
