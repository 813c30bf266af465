"""How the probes of lesson 14 use an answer: models and batches are built here, from plain data.

A network is described by a tuple of layers, each a tuple of its kind and its numbers:
("linear", weight, bias), ("batch", gamma, beta, running_mean, running_var, momentum), ("half",), ("relu",)
and ("nested", layers). Everything is in float64, so that what is compared is exact.
"""

import numpy as np

from bn_course.drivers import with_zero


def evaluate(answer, layers, xs, ys, evaluating):
    """The accuracy; then modes, buffers with momenta, and whether the list holds the batches, afterwards.

    `evaluating`: which modules are in evaluation mode before: "none", "all" or "the first norm".
    """
    model = _network(layers)
    model.train(evaluating != "all")
    if evaluating == "the first norm":
        _norms(model)[0].eval()
    batches = _pairs(xs, ys)
    accuracy = answer(model, batches)
    if _untouched(accuracy):
        return accuracy
    return accuracy, _modes(model), _state(model), float(len(batches) == len(xs))


def checkpoint(answer, layers, passes):
    """For each pass (x, dy, leaf): the output, dx, γ's gradients, the running statistics, the bookkeeping.

    A pass whose dy is None is made with gradients off; `leaf`: does x require one? The bookkeeping: how many
    batches the norms have counted, and whether the pass kept more for the backward pass than its input.
    """
    import torch

    block = _network(layers)
    given = []
    for x, dy, leaf in passes:
        x = torch.tensor(x, requires_grad=leaf)
        kept = []
        with torch.set_grad_enabled(dy is not None), _watching(kept):
            y = answer(block, x)
        if _untouched(y):
            return y
        outcome = y.detach().numpy().copy()
        gradients = (np.zeros(0), np.zeros(0))
        if dy is not None:
            gammas = [norm.weight for norm in _norms(block)]
            block.zero_grad()
            if y.requires_grad:
                y.backward(torch.tensor(dy))
            reached = [torch.zeros_like(g) if g.grad is None else g.grad for g in gammas]
            gradients = (x.grad if leaf else np.zeros(0), torch.cat(reached))
        counted = [norm.num_batches_tracked.item() for norm in _norms(block)]
        given += [outcome, *gradients, _statistics(block), np.array([*counted, bool(kept)], float)]
    return tuple(given)


def freeze(answer, backbone, head, xs, ys, epochs, lr, x):
    """What the backbone makes of x afterwards, and the scores of the whole model, in evaluation mode; whether
    it is the model that was given, and the list still holds the batches."""
    import torch
    from torch import nn

    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.backbone, self.head = _network(backbone), _network(head)

        def forward(self, x):
            return self.head(self.backbone(x))

    batches, given = _pairs(xs, ys), Model()
    model = answer(given, batches, epochs, lr)
    if _untouched(model):
        return model
    with torch.no_grad():
        features = model.eval().backbone(torch.tensor(x))
        return features, model.head(features), float(model is given), float(len(batches) == len(xs))


def average(answer, snapshots, start, batches, x):
    """The averaged model's outputs for x in evaluation mode, its norms' momenta (−1 for None) and all modes;
    whether it is the model that was given, and snapshots and batches are as they were."""
    import torch

    states = [_network(layers).state_dict() for layers in snapshots]
    given, inputs = _network(start), _tensors(batches)
    model = answer(given, states, inputs)
    if _untouched(model):
        return model
    momenta = [-1.0 if norm.momentum is None else norm.momentum for norm in _norms(model)]
    intact = len(inputs) == len(batches) and all(
        torch.equal(number, kept[name])
        for layers, kept in zip(snapshots, states, strict=True)
        for name, number in _network(layers).state_dict().items()
    )
    modes = _modes(model)
    with torch.no_grad():
        return model.eval()(torch.tensor(x)), np.array(momenta), modes, float(model is given), float(intact)


def fold(answer, conv, norm, x, training):
    """The folded layer's output for x, that of the two layers it was made from, whether their modes are as
    they were, and whether it is a new layer.

    `conv`: weight, bias or None, and a dictionary of options. `norm`: gamma, beta, mean, var, eps.
    `training`: are the two layers in training mode when they are handed over?
    """
    import torch
    from torch import nn

    weight, bias, options = conv
    out, within, *kernel = weight.shape
    layer = nn.Conv2d(within * options["groups"], out, kernel, bias=bias is not None, **options)
    batch = nn.BatchNorm2d(out, eps=norm[-1])
    with torch.no_grad():
        _copy((layer.weight, weight), (layer.bias, bias))
        tensors = (batch.weight, batch.bias, batch.running_mean, batch.running_var)
        _copy(*zip(tensors, norm[:-1], strict=True))
        folded, training = _folded(answer, layer, batch, training)
        if _untouched(folded):
            return folded
        if not isinstance(folded, nn.Conv2d):
            raise TypeError(f"it should return an nn.Conv2d; it returned a {type(folded).__name__}")
        x, left = torch.tensor(x, dtype=torch.float32), layer.training == batch.training == training
        return folded.eval()(x), batch.eval()(layer(x)), float(left), float(folded is not layer)


def _folded(answer, layer, batch, training):
    """What the answer makes of both layers, and their mode then. One that refuses training mode, as
    PyTorch's own does, is given them in evaluation mode."""
    layer.train(training), batch.train(training)
    try:
        return answer(layer, batch), training
    except (AssertionError, ValueError):
        if not training:
            raise
        return _folded(answer, layer, batch, False)


def gan(answer, layers, real, fake, d_real, d_fake):
    """The two scores, the gradient that reaches the first layer's weights, and the modes afterwards."""
    import torch

    model = _network(layers)
    scores = answer(model, torch.tensor(real), torch.tensor(fake))
    if _untouched(scores):
        return scores
    of_real, of_fake = scores
    torch.autograd.backward([of_real, of_fake], [torch.tensor(d_real), torch.tensor(d_fake)])
    return of_real, of_fake, model[0].weight.grad, _modes(model)


def last_batch(answer, n, batch_size):
    """What holds of the batches of n numbered examples, however they are drawn.

    How often each example occurs, how many examples have another's y, how many batches have fewer than two,
    and by how many the largest has more than batch_size + 1.
    """
    import torch

    numbers = torch.arange(n)
    batches = answer(numbers[:, None] + torch.zeros(3), 10 * numbers, batch_size)
    if _untouched(batches):
        return batches
    batches = [(x[:, 0].long(), y) for x, y in batches]
    seen = torch.cat([x for x, _ in batches]) if batches else numbers[:0]
    sizes = [len(x) for x, _ in batches]
    strangers = sum(int((10 * x != y).sum()) for x, y in batches)
    too_many = max([0, *(size - batch_size - 1 for size in sizes)])
    return torch.bincount(seen, minlength=n), strangers, sum(s < 2 for s in sizes), too_many


def detached(answer, x, gamma, beta, dy, *eps):
    """The output, and the gradients of x, γ and β where dy comes from above."""
    import torch

    leaves = [torch.tensor(a, requires_grad=True) for a in (x, gamma, beta)]
    y = with_zero(answer, *leaves, *eps)
    if _untouched(y):
        return y
    y.backward(torch.tensor(dy))
    return y, *(leaf.grad for leaf in leaves)


def _pairs(xs, ys):
    return list(zip(_tensors(xs), _tensors(ys), strict=True))


def _modes(model):
    return np.array([float(module.training) for module in model.modules()])


def _state(model):
    """Running statistics, counts and momenta of all norms."""
    counts = [float(norm.num_batches_tracked) for norm in _norms(model)]
    momenta = [-1.0 if norm.momentum is None else norm.momentum for norm in _norms(model)]
    return np.concatenate([_statistics(model), counts, momenta])


def _untouched(given):
    return given is None or given is ...


def _network(layers):
    from torch import nn

    return nn.Sequential(*(_LAYERS[kind](*numbers) for kind, *numbers in layers))


def _linear(weight, bias):
    import torch
    from torch import nn

    layer = nn.Linear(*weight.shape[::-1], bias=bias is not None, dtype=torch.float64)
    with torch.no_grad():
        _copy((layer.weight, weight), (layer.bias, bias))
    return layer


def _batch(gamma, beta, mean, var, momentum):
    import torch
    from torch import nn

    layer = nn.BatchNorm1d(len(gamma), eps=1e-3, momentum=momentum, dtype=torch.float64)
    tensors = (layer.weight, layer.bias, layer.running_mean, layer.running_var)
    with torch.no_grad():
        _copy(*zip(tensors, (gamma, beta, mean, var), strict=True))
    return layer


def _half():
    import torch
    from torch import nn

    class Half(nn.Module):
        """A dropout without chance: in training every other feature is 0."""

        def forward(self, x):
            return x * (torch.arange(x.shape[1]) % 2) * 2 if self.training else x

    return Half()


def _relu():
    from torch import nn

    return nn.ReLU()


_LAYERS = {"linear": _linear, "batch": _batch, "half": _half, "relu": _relu, "nested": _network}


def _copy(*pairs):
    import torch

    for tensor, array in pairs:
        if tensor is not None:
            tensor.copy_(torch.tensor(array))


def _tensors(arrays):
    import torch

    return [torch.tensor(a) for a in arrays]


def _norms(model):
    from torch import nn

    return [module for module in model.modules() if isinstance(module, nn.BatchNorm1d)]


def _statistics(model):
    """Running means and variances of all norms, one after the other."""
    buffers = [buffer for norm in _norms(model) for buffer in (norm.running_mean, norm.running_var)]
    return np.concatenate([buffer.numpy() for buffer in buffers])


def _watching(kept):
    """A context that notes in `kept` every intermediate result that is kept for the backward pass."""
    import torch

    def pack(tensor):
        if tensor.requires_grad and tensor.grad_fn is not None:
            kept.append(tensor.shape)
        return tensor

    return torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor)
