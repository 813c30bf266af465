"""Measure the running statistics of a trained model anew, over as much data as one likes. (lesson 10)"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from bn_course.nets.frozen import is_frozen


@torch.no_grad()
def recalibrate(model: nn.Module, batches: Iterable[Tensor]) -> None:
    """Give every batch norm layer the mean and variance of its input over all `batches` together.

    One pass over the data. A layer's input is what the layers below make of a batch with *that batch's*
    statistics, as in training. Only batch norm layers are in training mode, so dropout stays off. The
    variance is ÷ the number of values. γ, β, momentum, modes and `num_batches_tracked` are as before, and
    layers without running statistics, or frozen by `freeze_batch_norm`, are left alone. The paper estimates
    its population statistics so, by averaging over batches (Ioffe and Szegedy 2015, arXiv:1502.03167,
    Algorithm 2). `torch.optim.swa_utils.update_bn` has dropout on, averages the batches' variances ÷ (n − 1)
    and takes every batch norm, frozen or not.

    Args:
        batches: inputs of the model, of any sizes from two values a channel on.

    Raises:
        ValueError: there is no batch, or one has a single value a channel. The model is then as it was.
    """
    layers = [layer for layer in model.modules() if isinstance(layer, _BatchNorm) and not is_frozen(layer)]
    seen = {layer: Moments() for layer in layers if layer.running_mean is not None}
    before = {layer: [buffer.clone() for buffer in layer.buffers()] for layer in layers}
    modes = {module: module.training for module in model.modules()}
    hooks = [layer.register_forward_pre_hook(lambda layer, x: seen[layer].add(x[0])) for layer in seen]
    try:
        model.eval()
        for layer in layers:
            layer.train()
        count = 0
        for count, batch in enumerate(batches, start=1):  # noqa: B007 - the last number is the count
            model(batch)
        if not count:
            raise ValueError("batches is empty; it must hold at least one batch")
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
        for layer, buffers in before.items():
            for buffer, value in zip(layer.buffers(), buffers, strict=True):
                buffer.copy_(value)
    for layer, moments in seen.items():
        if moments.count:
            layer.running_mean.copy_(moments.mean)
            layer.running_var.copy_(moments.sum_of_squares / moments.count)


class Moments:
    """Mean and sum of squared deviations of all values so far, a channel each, in float64.

    A new batch is merged in with the rule of Chan, Golub and LeVeque (1979), which subtracts no large
    numbers from each other.
    """

    def __init__(self):
        self.count, self.mean, self.sum_of_squares = 0, 0.0, 0.0

    def add(self, x: Tensor) -> None:
        """Merge x of shape (N, C, ...) in."""
        values = x.transpose(0, 1).flatten(1).to(torch.promote_types(x.dtype, torch.float32))  # (C, values)
        var, mean = (statistic.cpu().double() for statistic in torch.var_mean(values, 1, correction=0))
        n, total = values.shape[1], self.count + values.shape[1]
        gap = mean - self.mean
        self.sum_of_squares = self.sum_of_squares + n * var + gap**2 * self.count * n / total
        self.mean = self.mean + gap * n / total
        self.count = total
