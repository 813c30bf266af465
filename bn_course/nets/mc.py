"""Monte-Carlo batch norm: predictions of one network with the statistics of many batches. (lesson 09)"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def mc_batch_norm_predict(
    model: nn.Module, x: Tensor, training_batches: Iterable[Tensor]
) -> tuple[Tensor, Tensor]:
    """Mean and deviation (÷K) of K predictions of x, one for each training batch.

    Prediction k is the model's output in evaluation mode when every batch-norm layer has the mean and the
    variance (÷n) of its input for training batch k in place of the running ones. Afterwards the model is as
    it was: modes and buffers.

    Raises:
        ValueError: there is no training batch, or one that gives a layer a single value a channel.

    Source: Teye, Azizpour and Smith, Bayesian uncertainty estimation for batch normalized deep networks
    (2018), arXiv:1802.06455, algorithm 1.
    """
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        predictions = []
        for batch in training_batches:
            with _statistics_of(model, batch):
                predictions.append(model(x))
    finally:
        for module, mode in modes.items():
            module.training = mode
    if not predictions:
        raise ValueError("training_batches is empty; it must have at least one batch")
    stacked = torch.stack(predictions)  # (K, N, …)
    return stacked.mean(0), stacked.std(0, correction=0)


@contextmanager
def _statistics_of(model: nn.Module, batch: Tensor) -> Iterator[None]:
    """The running statistics are those of `batch` meanwhile: set layer by layer as it passes through."""
    layers = [layer for layer in model.modules() if isinstance(layer, _BatchNorm)]
    kept = [(layer, layer.running_mean, layer.running_var) for layer in layers]
    hooks = [layer.register_forward_pre_hook(_take_statistics) for layer in layers]
    try:
        try:
            model(batch)
        finally:
            for hook in hooks:
                hook.remove()
        yield
    finally:
        for layer, mean, var in kept:
            layer.running_mean, layer.running_var = mean, var


def _take_statistics(layer: _BatchNorm, inputs: tuple[Tensor]) -> None:
    (values,) = inputs
    if values.numel() == values.shape[1]:
        raise ValueError(
            f"a training batch gives one value a channel, {tuple(values.shape)}: it has no spread"
        )
    axes = [axis for axis in range(values.ndim) if axis != 1]
    layer.running_var, layer.running_mean = torch.var_mean(values, axes, correction=0)
