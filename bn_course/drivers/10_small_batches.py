"""Build a small torch network from plain data, have it recalibrated, and say what has become of it."""

from collections.abc import Sequence

from bn_course.drivers import networks


def recalibrated(answer, layers: Sequence[tuple], training: bool, batches: Sequence):
    """Call `answer(model, batches)`; return each batch norm's statistics, then what should have stayed.

    A layer is (kind, training, *its numbers), as in `drivers.networks`. Returns for every batch norm its
    running mean and variance, then of all together γ and β, the momenta, and the modes of all modules.
    """
    import torch
    from torch import nn

    modules = [networks.layer(*layer) for layer in layers]
    model = nn.Sequential(*modules)
    model.training = training
    norms = [module for module in modules if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [buffer.clone() for norm in norms for buffer in (norm.running_mean, norm.running_var)]
    with torch.random.fork_rng(devices=[]):
        result = answer(model, [torch.from_numpy(batch) for batch in batches])
    after = [buffer.clone() for norm in norms for buffer in (norm.running_mean, norm.running_var)]
    if result is ... or all(map(torch.equal, before, after)):
        return result  # nothing was done
    kept = torch.cat([vector for norm in norms for vector in (norm.weight, norm.bias)])
    momenta = [-1.0 if norm.momentum is None else norm.momentum for norm in norms]
    modes = [float(module.training) for module in (model, *modules)]
    return (*after, kept, torch.tensor(momenta), torch.tensor(modes))
