"""Layers of torch networks from plain data: what several lessons' drivers build their models of."""


def layer(kind: str, training: bool, *numbers):
    """A layer of a kind of `LAYERS`, in training or evaluation mode, with these numbers."""
    module = LAYERS[kind](*numbers)
    module.training = training
    return module


def tensors(arrays):
    """A list of tensors, each with numbers of its own."""
    import torch

    return [torch.tensor(array) for array in arrays]


def intact(given, arrays):
    """Does the list still hold what `tensors` put into it?"""
    import torch

    return len(given) == len(arrays) and all(map(torch.equal, given, tensors(arrays)))


def kept_state(modules, norms):
    """What an answer was to put back: momenta (−1 for None), and modes (1 is training)."""
    import numpy as np

    momenta = [-1.0 if norm.momentum is None else norm.momentum for norm in norms]
    return np.array(momenta), np.array([float(module.training) for module in modules])


def _linear(weight, bias):
    import torch

    layer = torch.nn.Linear(weight.shape[1], weight.shape[0], dtype=torch.float64)
    layer.load_state_dict({"weight": torch.from_numpy(weight), "bias": torch.from_numpy(bias)})
    return layer


def _batch_norm(dims, gamma, beta, running_mean, running_var, momentum, eps=1e-5):
    import torch

    kind = {1: torch.nn.BatchNorm1d, 2: torch.nn.BatchNorm2d}[dims]
    layer = kind(len(gamma), eps, momentum, dtype=torch.float64)
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


LAYERS = {"linear": _linear, "batch norm": _batch_norm, "dropout": _dropout, "flatten": _flatten}
