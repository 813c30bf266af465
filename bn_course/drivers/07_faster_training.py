"""Build models from plain data, hand them to an answer, and bring back arrays.

A layer is written as a tuple: ("linear", 4, 3), ("batch", 3), ("relu",), and one that holds others as
("sequential", [...]) or ("residual", [...]), whose `.branch` is an `nn.Sequential`.
"""

import numpy as np


def structure(answer, *arguments):
    """The layers in words, and how many numbers the model learns, of `answer(*arguments)`."""
    model = _build(answer, arguments)
    if model is None or model is ...:
        return model
    layers = _flat(model)
    count = sum(parameter.numel() for parameter in model.parameters())
    return " · ".join(map(_describe, layers)), np.array(count)


def outputs(answer, x, *arguments):
    """What the model gives for x in training, and then in evaluation; its parameters are filled in."""
    import torch

    model = _build(answer, arguments)
    if model is None or model is ...:
        return model
    _fill(model)
    x = torch.tensor(x, dtype=torch.float32)
    with torch.no_grad():
        return model.train()(x), model.eval()(x)


def begins(answer, *arguments):
    """How each linear layer's numbers begin: the largest weight, in units of 1/√inputs, the standard
    deviation of the weights and the largest bias likewise; then every γ and every β."""
    import torch
    from torch import nn

    model = _build(answer, arguments)
    if model is None or model is ...:
        return model
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    units = [
        [t.abs().max() * layer.in_features**0.5, t.std() * layer.in_features**0.5]
        for layer in linear
        for t in (layer.weight, layer.bias)
        if t is not None
    ]
    norms = [t for layer in model.modules() if _is_norm(layer) for t in (layer.weight, layer.bias)]
    return torch.tensor(units), torch.cat([torch.zeros(0), *norms])


def groups(answer, layers, weight_decay):
    """For each parameter its weight decay (NaN where its group has none) and how often it is listed; how
    many groups there are."""
    model = _model(layers)
    made = answer(model, weight_decay)
    if made is None or made is ...:
        return made
    parameters = list(model.parameters())
    decay, times = np.zeros(len(parameters)), np.zeros(len(parameters))
    for group in made:
        for listed in group["params"]:
            (i,) = (i for i, parameter in enumerate(parameters) if parameter is listed)
            decay[i] = group.get("weight_decay", np.nan)
            times[i] += 1
    return decay, times, np.array(len(made))


def initialised(answer, layers):
    """After `answer(model)`: the norms' scales, all other parameters, which are trained, what it returned."""
    import torch

    model = _model(layers)
    _fill(model)
    before = [parameter.detach().clone() for parameter in model.parameters()]
    returned = answer(model)
    after = list(model.parameters())
    untouched = all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    if returned is ... or (untouched and returned is None and all(p.requires_grad for p in after)):
        return returned
    scales = [layer.weight for layer in model.modules() if _is_norm(layer)]
    others = [p for p in after if not any(p is scale for scale in scales)]
    return (
        torch.cat([scale.detach().flatten() for scale in scales]),
        torch.cat([p.detach().flatten() for p in others]),
        np.array([float(p.requires_grad) for p in after]),
        returned,
    )


def _build(answer, arguments):
    """The model that `answer` makes, the state of torch's random numbers left as it was."""
    import torch

    sizes, *rest = arguments
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = answer(list(sizes), *rest)
    if model is not None and model is not ... and not isinstance(model, torch.nn.Sequential):
        raise TypeError(f"it should return an nn.Sequential; it returned a {type(model).__name__}")
    return model


def _flat(model):
    """The layers of a Sequential and of those within it, in order; identities left out."""
    from torch import nn

    found = []
    for layer in model:
        found += _flat(layer) if isinstance(layer, nn.Sequential) else [layer]
    return [layer for layer in found if not isinstance(layer, nn.Identity)]


def _describe(layer):
    from torch import nn

    name = type(layer).__name__
    if isinstance(layer, nn.Linear):
        bias = "" if layer.bias is not None else ", no bias"
        return f"{name} {layer.in_features}→{layer.out_features}{bias}"
    width = getattr(layer, "num_features", None) or getattr(layer, "normalized_shape", None)
    return name if width is None else f"{name} {width[0] if isinstance(width, tuple) else width}"


def _model(layers):
    import torch

    with torch.random.fork_rng(devices=[]):
        return torch.nn.Sequential(*map(_layer, layers))


def _layer(written):
    from torch import nn

    kind, *rest = written
    if kind == "sequential":
        return nn.Sequential(*map(_layer, *rest))
    if kind == "residual":
        return _residual(*map(_layer, *rest))
    kinds = {
        "linear": nn.Linear,
        "conv": nn.Conv2d,
        "conv1d": nn.Conv1d,
        "batch": nn.BatchNorm1d,
        "batch2d": nn.BatchNorm2d,
        "layer": nn.LayerNorm,
        "group": nn.GroupNorm,
        "relu": nn.ReLU,
        "dropout": nn.Dropout,
    }
    return kinds[kind](*rest)


def _residual(*layers):
    from torch import nn

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.branch = nn.Sequential(*layers)

        def forward(self, x):
            return x + self.branch(x)

    return Block()


def _is_norm(layer):
    from torch import nn

    return isinstance(layer, nn.modules.batchnorm._BatchNorm | nn.LayerNorm | nn.GroupNorm)


def _fill(model):
    """Other numbers than the ones and zeros that norms begin with."""
    import torch

    with torch.no_grad():
        for number, parameter in enumerate(model.parameters()):
            wave = torch.sin(1.7 * torch.arange(parameter.numel()) + number) + 0.3
            parameter.copy_(wave.reshape(parameter.shape))
