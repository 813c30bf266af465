"""Run a model, or one layer, and leave everything as it was."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor, nn


@contextmanager
def unchanged(model: nn.Module) -> Iterator[None]:
    """Gradients off, and whatever a forward pass may change is put back: modes, buffers, random states.

    The model works on copies of its buffers. The tensors themselves are not written to, so that a backward
    pass that is still to come finds them as it left them.
    """
    scripted = [module for module in model.modules() if isinstance(module, torch.jit.ScriptModule)]
    own = [module for module in model.modules() if not isinstance(module, torch.jit.ScriptModule)]
    places = [place for module in own for place in (module._buffers, vars(module))]
    values = [(t, t.clone()) for module in scripted for t in module.buffers()]  # these take no copies
    kept = [(place, {name: t for name, t in place.items() if isinstance(t, Tensor)}) for place in places]
    modes = [(module, module.training) for module in model.modules()]
    states = random.getstate(), np.random.get_state()  # noqa: NPY002 - the global one is put back, not used
    devices = {t.device.index for t in model.parameters() if t.device.type == "cuda"}
    copies: dict[int, Tensor] = {}
    with torch.no_grad(), torch.random.fork_rng(devices=sorted(devices)):
        try:
            for place, tensors in kept:
                for name, t in tensors.items():
                    place[name] = copies.setdefault(id(t), t.detach().clone())
            yield
        finally:
            for place, tensors in kept:
                place.update(tensors)
            for t, value in values:
                t.copy_(value)
            for module, mode in modes:
                module.training = mode
            random.setstate(states[0])
            np.random.set_state(states[1])  # noqa: NPY002
