"""Every norm, ours and PyTorch's, as functions of x and its parameters; what several test files share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from bn_course import norms

EPS = 0.1  # large, so that a misplaced eps shows
TINY = 1e-300  # PyTorch's batch norm refuses 0


@dataclass
class Case:
    """A norm at a shape; `backward` is None where the course has none."""

    shape: tuple
    parameters: dict  # the shape of each, by name
    forward: Callable  # (x, *parameters) → y
    backward: Callable | None  # (dy, x, *parameters) → (dx, …), in the order of the parameters
    torch: Callable  # as forward, on tensors
    sets: Callable  # an array shaped like x → (sets, values): what shares a statistic in a row
    eps: float
    functions: tuple  # of bn_course.norms, by name
    centred: bool = True
    inv_std: Callable | None = None  # (*parameters) → 1/σ, where it does not come from x


def batch(shape, axis=1, eps=EPS):
    return Case(
        shape,
        dict.fromkeys(("gamma", "beta"), (shape[axis],)),
        lambda x, g, b: norms.batch_norm(x, g, b, eps, axis),
        lambda dy, x, g, b: norms.batch_norm_backward(dy, x, g, eps, axis),
        lambda x, g, b: functional.batch_norm(
            x.movedim(axis, 1), None, None, g, b, training=True, eps=eps or TINY
        ).movedim(1, axis),
        lambda a: np.moveaxis(a, axis, 0).reshape(shape[axis], -1),
        eps,
        ("batch_norm", "batch_norm_backward"),
    )


def inference(shape, axis=1, eps=EPS):
    return Case(
        shape,
        dict.fromkeys(("gamma", "beta", "mean", "var"), (shape[axis],)),
        lambda x, g, b, mean, var: norms.batch_norm_inference(x, g, b, mean, var, eps, axis),
        lambda dy, x, g, b, mean, var: norms.batch_norm_inference_backward(dy, x, g, mean, var, eps, axis),
        lambda x, g, b, mean, var: functional.batch_norm(
            x.movedim(axis, 1), mean.detach(), var.detach(), g, b, eps=eps
        ).movedim(1, axis),
        lambda a: np.moveaxis(a, axis, 0).reshape(shape[axis], -1),
        eps,
        ("batch_norm_inference", "batch_norm_inference_backward"),
        inv_std=lambda g, b, mean, var: 1 / np.sqrt(var + eps),
    )


def layer(shape, eps=EPS):
    return Case(
        shape,
        dict.fromkeys(("gamma", "beta"), shape[-1:]),
        lambda x, g, b: norms.layer_norm(x, g, b, eps),
        lambda dy, x, g, b: norms.layer_norm_backward(dy, x, g, eps),
        lambda x, g, b: functional.layer_norm(x, shape[-1:], g, b, eps),
        lambda a: a.reshape(-1, shape[-1]),
        eps,
        ("layer_norm", "layer_norm_backward"),
    )


def instance(shape, eps=EPS):
    return Case(
        shape,
        dict.fromkeys(("gamma", "beta"), shape[1:2]),
        lambda x, g, b: norms.instance_norm(x, g, b, eps),
        lambda dy, x, g, b: norms.instance_norm_backward(dy, x, g, eps),
        lambda x, g, b: functional.instance_norm(x, weight=g, bias=b, eps=eps),
        lambda a: a.reshape(shape[0] * shape[1], -1),
        eps,
        ("instance_norm", "instance_norm_backward"),
    )


def group(shape, num_groups, eps=EPS):
    return Case(
        shape,
        dict.fromkeys(("gamma", "beta"), shape[1:2]),
        lambda x, g, b: norms.group_norm(x, g, b, num_groups, eps),
        lambda dy, x, g, b: norms.group_norm_backward(dy, x, g, num_groups, eps),
        lambda x, g, b: torch.group_norm(x, num_groups, g, b, eps),  # functional's refuses one value a group
        lambda a: a.reshape(shape[0] * num_groups, -1),
        eps,
        ("group_norm", "group_norm_backward"),
    )


def rms(shape, eps=EPS):
    return Case(
        shape,
        {"gamma": shape[-1:]},
        lambda x, g: norms.rms_norm(x, g, eps),
        lambda dy, x, g: norms.rms_norm_backward(dy, x, g, eps),
        lambda x, g: functional.rms_norm(x, shape[-1:], g, eps),
        lambda a: a.reshape(-1, shape[-1]),
        eps,
        ("rms_norm", "rms_norm_backward"),
        centred=False,
    )


def masked(shape, lengths, eps=EPS):
    valid = np.arange(shape[1]) < np.asarray(lengths)[:, None]

    def theirs(x, g, b):
        mask = torch.tensor(valid)
        steps = functional.batch_norm(x[mask], None, None, g, b, training=True, eps=eps or TINY)
        return torch.zeros_like(x).index_put((mask,), steps)

    return Case(
        shape,
        dict.fromkeys(("gamma", "beta"), shape[-1:]),
        lambda x, g, b: norms.masked_batch_norm(x, lengths, g, b, eps),
        lambda dy, x, g, b: norms.masked_batch_norm_backward(dy, x, lengths, g, eps),
        theirs,
        lambda a: a[valid].T,
        eps,
        ("masked_batch_norm", "masked_batch_norm_backward"),
    )


def standardized(shape, axes, eps=EPS):
    """`standardize`, and its backward pass with the 1/σ that `statistics` gives."""
    kept = [axis for axis in range(len(shape)) if axis not in axes]

    def backward(dy, x):
        _, var = norms.statistics(x, axes)
        x_hat = norms.standardize(x.astype(var.dtype), axes, eps)  # in float16 x̂ would lose digits
        dx = norms.standardize_backward(dy, x_hat, 1 / np.sqrt(var + eps), axes)
        return [dx.astype(norms.standardize(x, axes, eps).dtype)]

    def theirs(x):
        var, mean = torch.var_mean(x, axes, correction=0, keepdim=True)
        return (x - mean) / torch.sqrt(var + eps)

    return Case(
        shape,
        {},
        lambda x: norms.standardize(x, axes, eps),
        backward,
        theirs,
        lambda a: a.transpose(*kept, *axes).reshape(int(np.prod([shape[axis] for axis in kept])), -1),
        eps,
        ("standardize", "standardize_backward", "statistics"),
    )


def weights(shape, eps=EPS):
    """Weight standardisation."""
    return Case(
        shape,
        {},
        lambda w: norms.weight_standardize(w, eps),
        None,
        lambda w: functional.layer_norm(w, shape[1:], eps=eps),
        lambda a: a.reshape(shape[0], -1),
        eps,
        ("weight_standardize",),
    )


def directions(shape, eps=0.0):
    """Weight norm, which has no eps."""
    return Case(
        shape,
        {"gamma": shape[:1]},
        norms.weight_norm,
        norms.weight_norm_backward,
        lambda v, g: torch._weight_norm(v, g[:, None], 0),
        lambda a: a.reshape(shape),
        0.0,
        ("weight_norm", "weight_norm_backward"),
        centred=False,
    )


def adapted(shape, style, eps=EPS):
    """Adaptive instance norm; `style` are the spatial sizes of the style."""
    axes = tuple(range(2, len(shape)))

    def theirs(x, style):
        var, mean = torch.var_mean(style, axes, correction=0, keepdim=True)
        return (var + eps).sqrt() * functional.instance_norm(x, eps=eps) + mean

    return Case(
        shape,
        {"style": (*shape[:2], *style)},
        lambda x, style: norms.adain(x, style, eps),
        None,
        theirs,
        lambda a: a.reshape(shape[0] * shape[1], -1),
        eps,
        ("adain",),
    )


def run(case, x, dy, parameters):
    """(y, dx, dgamma, …)"""
    y = case.forward(x, *parameters)
    return (y,) if case.backward is None else (y, *case.backward(dy, x, *parameters))


def run_torch(case, x, dy, parameters):
    """The same from PyTorch, in float64.

    In C order: with N = H = 1 and dy in Fortran order, PyTorch 2.13's batch norm gives a dβ that is not Σdy.
    """
    x, dy, *parameters = (torch.tensor(np.array(a, np.float64, order="C")) for a in (x, dy, *parameters))
    leaves = [tensor.requires_grad_() for tensor in (x, *parameters)]
    y = case.torch(*leaves)
    y.backward(dy)
    gradients = [leaf.grad for leaf in leaves if leaf.grad is not None]
    return [array.detach().numpy() for array in (y, *(gradients if case.backward else ()))]
