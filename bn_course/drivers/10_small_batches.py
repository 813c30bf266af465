"""Build a small torch network from plain data, have it recalibrated, and say what has become of it."""

from collections.abc import Sequence

from bn_course.drivers import networks


def recalibrated(answer, layers: Sequence[tuple], training: bool, batches: Sequence, walks: str = "many"):
    """Call `answer(model, batches)`; return each batch norm's statistics, then what should have stayed.

    A layer is (kind, training, *its numbers), as in `drivers.networks`; the batches come in a list, or
    where `walks` is "one" in a generator. Returns for every batch norm its running mean and variance, then
    of all together γ and β, the momenta, the modes of all modules, whether the list still holds the
    batches, and what was returned.
    """
    import torch
    from torch import nn

    modules = [networks.layer(*layer) for layer in layers]
    model = nn.Sequential(*modules)
    model.training = training
    norms = [module for module in modules if isinstance(module, nn.modules.batchnorm._BatchNorm)]
    before = [buffer.clone() for norm in norms for buffer in (norm.running_mean, norm.running_var)]
    with torch.random.fork_rng(devices=[]):
        given = networks.tensors(batches)
        result = answer(model, (batch for batch in given) if walks == "one" else given)
    after = [buffer.clone() for norm in norms for buffer in (norm.running_mean, norm.running_var)]
    untouched = result is None and walks == "many" and all(map(torch.equal, before, after))
    if result is ... or untouched:
        return result
    kept = torch.cat([vector for norm in norms for vector in (norm.weight, norm.bias)])
    state = networks.kept_state((model, *modules), norms)
    return (*after, kept, *state, float(networks.intact(given, batches)), result)
