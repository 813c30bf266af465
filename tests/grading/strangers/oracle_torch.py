"""Which answers are right, for layers and functions of tensors: one function a question.

Each takes the answer and says what it does wrong, or "".
"""

import math

import numpy as np
import torch
from torch import nn


def near(a, b, tolerance=1e-6):
    return a.shape == b.shape and torch.allclose(a.double(), b.double(), rtol=tolerance, atol=tolerance * 0.1)


def drawn(*shape, seed=0, dtype=torch.float64):
    g = torch.Generator().manual_seed(seed + sum(shape))
    return (torch.randn(*shape, generator=g, dtype=torch.float64) * 1.7 + 0.6).to(dtype)


def formula(x, gamma, beta, eps):
    axes = [a for a in range(x.dim()) if a != 1]
    shape = [-1 if a == 1 else 1 for a in range(x.dim())]
    c = x - x.mean(axes, keepdim=True)
    return gamma.view(shape) * c / ((c * c).mean(axes, keepdim=True) + eps) ** 0.5 + beta.view(shape)


def first_and_second(function, eps, shape):
    """Output, gradients, and the gradients of a function of the gradients."""
    inputs = [drawn(*shape), drawn(shape[1], seed=1), drawn(shape[1], seed=2)]
    inputs = [t.requires_grad_() for t in inputs]
    y = function(*inputs, eps)
    dy = drawn(*shape, seed=3).requires_grad_()
    first = torch.autograd.grad(y, inputs, dy, create_graph=True)
    mix = sum((g * drawn(*g.shape, seed=4)).sum() for g in first)
    second = torch.autograd.grad(mix, [*inputs[:2], dy], allow_unused=True, materialize_grads=True)
    return [y, *first, *second]


def BatchNormFunction(answer):
    for shape in ((6, 3), (3, 2, 4), (3, 4, 2, 2)):
        for eps in (1e-5, 0.3):
            want = first_and_second(formula, eps, shape)
            try:
                got = first_and_second(answer.apply, eps, shape)
            except RuntimeError as error:
                return f"raises {error!r}"
            if not all(near(g, w) for g, w in zip(got, want, strict=True)):
                return f"another value for {shape}, eps {eps}"
    return ""


def clinic_detached(answer):
    for shape in ((6, 3), (4, 4)):
        for eps in (1e-5, 0.3):
            want, got = (first_and_second(f, eps, shape) for f in (formula, answer))
            if not all(near(g, w) for g, w in zip(got, want, strict=True)):
                return f"another value for {shape}, eps {eps}"
    return ""


def BatchNorm(answer):
    """The layer beside torch's own, through a walk of modes."""
    for settings in ({}, {"eps": 0.2, "momentum": 0.4}, {"momentum": 0.0}):
        mine, other = answer(3, **settings), nn.BatchNorm1d(3, **settings).double()
        mine.gamma, mine.beta = np.array([0.5, -1.2, 2.0]), np.array([0.1, 0.2, -0.3])
        other.weight.data, other.bias.data = torch.tensor(mine.gamma.copy()), torch.tensor(mine.beta.copy())
        for step, training in enumerate((True, True, False, True, False, False)):
            mine.training = training
            other.train(training)
            x = drawn(5 + step, 3, seed=step).requires_grad_()
            dy = drawn(5 + step, 3, seed=99)
            y = other(x)
            other.zero_grad()
            y.backward(dy)
            given = x.detach().numpy().copy()
            try:
                got = mine.forward(given)
                mine.training = not training
                dx = mine.backward(dy.numpy().copy())
            except Exception as error:
                return f"raises {error!r}"
            pairs = [(got, y), (dx, x.grad), (mine.dgamma, other.weight.grad), (mine.dbeta, other.bias.grad)]
            pairs += [(mine.running_mean, other.running_mean), (mine.running_var, other.running_var)]
            pairs += [(mine.gamma, other.weight), (mine.beta, other.bias), (given, x)]
            if not all(near(torch.as_tensor(g), w.detach()) for g, w in pairs):
                return f"another value in step {step} with {settings}"
    return ""


def refuses(layer, x, kind):
    try:
        layer(x)
    except Exception as error:
        return type(error) is kind
    return False


def BatchNorm2d(answer):
    every = [
        {},
        {"eps": 0.2, "momentum": 0.4},
        {"momentum": None},
        {"momentum": 0.0},
        {"affine": False},
        {"track_running_stats": False},
    ]
    for settings in every:
        mine, other = answer(3, **settings), nn.BatchNorm2d(3, **settings)
        if list(mine.state_dict()) != list(other.state_dict()):
            return "other keys in the state dict"
        if settings.get("affine", True):
            for layer in (mine, other):
                layer.weight.data, layer.bias.data = drawn(3).float(), drawn(3, seed=5).float()
        for step, training in enumerate((True, True, False, True, False)):
            results = []
            for layer in (mine, other):
                layer.train(training)
                x = drawn(4, 3, 2, 5, seed=step, dtype=torch.float32).requires_grad_()
                try:
                    y = layer(x)
                    (dx,) = torch.autograd.grad((y**3).sum(), x, create_graph=True)
                    (ddx,) = torch.autograd.grad((dx * drawn(4, 3, 2, 5).float()).sum(), x)
                except RuntimeError as error:
                    return f"raises {error!r}"
                results.append([y, dx, ddx, *layer.state_dict().values()])
            if not all(
                near(g, w, 3e-4 if k != 2 else 1e-2) for k, (g, w) in enumerate(zip(*results, strict=True))
            ):
                return f"another value in step {step} with {settings}"
            if any(b.requires_grad for b in mine.buffers()):
                return "a buffer keeps the graph"
    layer = answer(3)
    half = layer(drawn(4, 3, 5, 5).bfloat16())
    if half.dtype != torch.bfloat16 or layer.running_mean.dtype != torch.float32:
        return "another type for half precision"
    wrong = [
        (torch.zeros(4, 3), ValueError),
        (torch.zeros(1, 3, 1, 1), ValueError),
        (torch.zeros(4, 5, 2, 2), RuntimeError),
    ]
    return "" if all(refuses(layer, *w) for w in wrong) else "not the error that PyTorch raises"


def bytes_moved(answer):
    for shape in ((8, 3, 4, 5), (64, 10), (1, 7)):
        for dtype, width in (
            (np.float32, 4),
            (np.dtype("float64"), 8),
            (torch.bfloat16, 2),
            ("bfloat16", 2),
            ("float16", 2),
            (torch.float64, 8),
            ("float32", 4),
        ):
            for op, times in (("inference", 2), ("training", 3), ("backward", 5)):
                try:
                    got = answer(shape, dtype, op)
                except Exception as error:
                    return f"raises {error!r}"
                if got != times * width * math.prod(shape):
                    return f"{got} for {shape}, {dtype}, {op}"
    return ""
