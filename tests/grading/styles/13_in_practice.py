"""Right answers written in other ways than the reference."""

import math
from types import MethodType

import numpy as np

# --- freeze_batch_norm ------------------------------------------------------------------------


def freeze_with_a_train_of_its_own(model):
    from torch.nn.modules.batchnorm import _BatchNorm

    for layer in model.modules():
        if isinstance(layer, _BatchNorm):
            for parameter in layer.parameters():
                parameter.requires_grad = False
            layer.train = MethodType(lambda layer, mode=True: layer, layer)
            layer.training = False


def freeze_by_another_class(model):
    """Every layer becomes one of a class that has no training mode."""
    from torch import nn

    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d):
            kind = type(layer)
            layer.__class__ = type(
                f"Frozen{kind.__name__}",
                (kind,),
                {"train": lambda self, mode=True: nn.Module.train(self, False)},
            )
            layer.train().requires_grad_(False)


def freeze_by_replacing_layers(model):
    """Layers of buffers alone in place of the norms; of a norm that is the model, its forward pass alone."""
    import torch
    from torch import nn

    class Fixed(nn.Module):
        def __init__(self, norm):
            super().__init__()
            self.eps = norm.eps
            for name in ("weight", "bias", "running_mean", "running_var"):
                self.register_buffer(name, getattr(norm, name).detach().clone())

        def forward(self, x):
            shape = (1, -1) + (1,) * (x.ndim - 2)
            scale = (self.weight / torch.sqrt(self.running_var + self.eps)).view(shape)
            return (x - self.running_mean.view(shape)) * scale + self.bias.view(shape)

    if "BatchNorm" in type(model).__name__:
        model.forward = Fixed(model).forward
    for name, child in model.named_children():
        if "BatchNorm" in type(child).__name__:
            setattr(model, name, Fixed(child))
        else:
            freeze_by_replacing_layers(child)


# --- adapt_batch_norm -------------------------------------------------------------------------


def adapt_by_collecting(model, target_batches):
    """Keep every input, and take mean and variance at the end."""
    import torch

    norms = [m for m in model.modules() if hasattr(m, "running_mean")]
    inputs = {norm: [] for norm in norms}
    modes = [(m, m.training) for m in model.modules()]
    saved = {norm: (norm.running_mean.clone(), norm.running_var.clone()) for norm in norms}
    hooks = [n.register_forward_pre_hook(lambda n, x: inputs[n].append(x[0].detach())) for n in norms]
    model.eval()
    for norm in norms:
        norm.training = True
    for batch in target_batches:
        model(batch)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        values = torch.cat([x.movedim(1, -1).flatten(0, -2) for x in inputs[norm]])
        norm.running_mean, norm.running_var = saved[norm]
        norm.running_mean.copy_(values.mean(0))
        norm.running_var.copy_(((values - values.mean(0)) ** 2).mean(0))
    for module, mode in modes:
        module.training = mode


def adapt_by_reading_the_buffers(model, target_batches):
    """With momentum 1 the buffers hold the batch's own statistics; merge those of all batches."""
    import torch

    norms = [m for m in model.modules() if isinstance(m, torch.nn.modules.batchnorm._BatchNorm)]
    modes, momenta = {m: m.training for m in model.modules()}, {n: n.momentum for n in norms}
    sizes, found = {n: [] for n in norms}, {n: [] for n in norms}
    hooks = [
        n.register_forward_pre_hook(lambda n, x: sizes[n].append(x[0].numel() // x[0].shape[1]))
        for n in norms
    ]
    model.eval()
    for n in norms:
        n.momentum = 1.0
        n.train()
    with torch.no_grad():
        for batch in target_batches:
            model(batch)
            for n in norms:
                found[n].append((n.running_mean.clone(), n.running_var.clone()))
    for n in norms:
        count = torch.tensor(sizes[n], dtype=torch.float64)[:, None]
        means, variances = (torch.stack(part) for part in zip(*found[n], strict=True))
        total = count.sum()
        mean = (count * means).sum(0) / total
        squares = (count - 1) * variances + count * (means - mean) ** 2
        n.running_mean[:], n.running_var[:] = mean, squares.sum(0) / total
        n.momentum = momenta[n]
    for hook in hooks:
        hook.remove()
    for m, mode in modes.items():
        m.training = mode


def adapt_with_sums(model, target_batches):
    """Sums of values and of squares, in float64, about the old running mean."""
    import torch

    norms = [m for m in model.modules() if hasattr(m, "running_var")]
    states = {m: m.training for m in model.modules()}
    old = {n: (n.running_mean.clone(), n.running_var.clone()) for n in norms}
    sums = {n: [0, 0.0, 0.0] for n in norms}

    def add(norm, inputs):
        axes = [a for a in range(inputs[0].ndim) if a != 1]
        shape = [-1 if a == 1 else 1 for a in range(inputs[0].ndim)]
        away = inputs[0] - old[norm][0].view(shape)
        sums[norm][0] += away.numel() // away.shape[1]
        sums[norm][1] = sums[norm][1] + away.sum(axes)
        sums[norm][2] = sums[norm][2] + (away * away).sum(axes)

    handles = [n.register_forward_pre_hook(add) for n in norms]
    for module in model.modules():
        module.training = module in sums
    with torch.no_grad():
        for batch in target_batches:
            model(batch)
    for handle in handles:
        handle.remove()
    for n in norms:
        count, first, second = sums[n]
        n.running_mean.copy_(old[n][0] + first / count)
        n.running_var.copy_(second / count - (first / count) ** 2)
    for module, state in states.items():
        module.training = state


# --- dynamic_tanh -----------------------------------------------------------------------------


def tanh_with_loops(x, alpha, gamma, beta):
    def walk(part):
        if np.ndim(part) == 1:
            return [g * math.tanh(alpha * v) + b for v, g, b in zip(part, gamma, beta, strict=True)]
        return [walk(inner) for inner in part]

    return walk(x)


def tanh_from_exponentials(x, alpha, gamma, beta):
    squashed = 2 / (1 + np.exp(-2 * alpha * x)) - 1
    return squashed * gamma + beta


def tanh_with_torch(x, alpha, gamma, beta):
    import torch

    x, gamma, beta = (torch.tensor(array) for array in (x, gamma, beta))
    return torch.addcmul(beta, gamma, torch.tanh(alpha * x))


def tanh_in_place_on_a_copy(x, alpha, gamma, beta):
    y = alpha * x
    np.tanh(y, out=y)
    y *= gamma
    y += beta
    return y


STYLES = {
    "freeze_batch_norm": {
        "a train of its own": freeze_with_a_train_of_its_own,
        "another class": freeze_by_another_class,
        "other layers": freeze_by_replacing_layers,
    },
    "adapt_batch_norm": {
        "collecting": adapt_by_collecting,
        "momentum 1": adapt_by_reading_the_buffers,
        "sums": adapt_with_sums,
    },
    "dynamic_tanh": {
        "loops": tanh_with_loops,
        "exponentials": tanh_from_exponentials,
        "torch": tanh_with_torch,
        "in place on a copy": tanh_in_place_on_a_copy,
    },
}
