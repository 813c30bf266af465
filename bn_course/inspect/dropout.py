"""What dropout before a norm does to the variance that the norm is fed. (lesson 09)"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from bn_course.inspect.kinds import running
from bn_course.inspect.record import moments
from bn_course.inspect.sample import Mean
from bn_course.nets.train import seeded

MOST = 4  # batches


def variance_with_dropout(model: nn.Module, layers: list[nn.Module], run: Callable[[], None]) -> dict:
    """For each layer with running statistics (r, error): r is the mean over the channels of the logarithm of
    (variance of its input with dropout on / off), all else being in evaluation mode; then its standard error.

    `run` runs the model on its batches, and must be called where nothing of the model is to be kept. Empty
    where there is no dropout, or nothing that keeps statistics.
    """
    kept = [layer for layer in layers if running(layer) is not None]
    drops = [module for module in model.modules() if isinstance(module, _DropoutNd) and module.p > 0]
    if not drops or not kept:
        return {}
    with_it, without = (_variances(model, kept, drops, on, run) for on in (True, False))
    found = {}
    for layer in kept:
        if layer not in without or layer not in with_it or not without[layer].count:
            continue
        pair = [np.asarray(side[layer].mean) for side in (with_it, without)]
        alive = (pair[1] > 1e-8) & (pair[0] > 1e-8)
        ratio = np.log(pair[0][alive] / pair[1][alive])
        if len(ratio) > 2:
            found[layer] = float(ratio.mean()), float(ratio.std(ddof=1) / np.sqrt(len(ratio)))
    return found


def _variances(model, layers, drops, on, run) -> dict[nn.Module, Mean]:
    seen = {layer: Mean() for layer in layers}

    def hook(layer: nn.Module, args: tuple) -> None:
        if args and isinstance(args[0], Tensor) and args[0].ndim > 1 and len(args[0]) > 1:
            means, variances = moments(args[0])
            seen[layer].add((variances.mean(1) + means.var(1))[:, None])

    for module in model.modules():
        module.training = on and module in drops
    handles = [layer.register_forward_pre_hook(hook) for layer in layers]
    try:
        with seeded(0), torch.no_grad():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return seen
