"""What is known of a kind of layer: where its statistics are, which values share one, and how it behaves."""

import math
import re

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm, _NormBase
from torch.nn.modules.instancenorm import _InstanceNorm
from torch.nn.parameter import is_lazy

from bn_course.nets import norms

KNOWN = _NormBase, nn.GroupNorm, nn.LayerNorm, nn.RMSNorm, norms.Norm
NORM = re.compile("norm|rms", re.IGNORECASE)
MEAN = re.compile(r"(^|_)(mean|mu)$")
VAR = re.compile(r"(^|_)(var|variance)$")


def norm_layers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Every norm layer once, by its first name; of a norm inside a norm the inner one.

    A layer is known by its class, or by the mean and the variance that it keeps. One that nobody knows may be
    a norm by its name, or by vectors of parameters: what it does is then looked at when it is called.
    """
    found = [(name, module) for name, module in model.named_modules() if _may_be(module)]
    holding = {parent for _, parent in found for child in _below(parent) if any(child is m for _, m in found)}
    return [(name or "(the model)", module) for name, module in found if module not in holding]


def _below(module: nn.Module) -> list[nn.Module]:
    return [child for child in module.modules() if child is not module]


def _may_be(module: nn.Module) -> bool:
    if isinstance(module, KNOWN) or running(module) is not None or opaque(module):
        return True
    foreign = not type(module).__module__.startswith("torch.") and not _below(module)
    return foreign and (bool(NORM.search(type(module).__name__)) or _is_a_vector(module))


def _is_a_vector(module: nn.Module) -> bool:
    """Are all its parameters vectors of one length, as γ and β are?"""
    shapes = {p.shape for p in module.parameters() if not is_lazy(p)}
    return len(shapes) == 1 and len(next(iter(shapes))) == 1 and next(iter(shapes)).numel() > 1


def running(module: nn.Module) -> tuple[Tensor, Tensor] | None:
    """(running mean, running variance) where the layer keeps them, under whatever names."""
    if isinstance(module, _NormBase):
        pair = module.running_mean, module.running_var
        return None if pair[0] is None or pair[1] is None or is_lazy(pair[0]) else pair
    kept = {**vars(module), **dict(module._buffers.items())}
    kept = {n: t for n, t in kept.items() if isinstance(t, Tensor) and not is_lazy(t) and t.ndim == 1}
    means, variances = ([n for n in kept if pattern.search(n)] for pattern in (MEAN, VAR))
    for mean in means:
        for var in variances:
            if MEAN.sub("", mean) == VAR.sub("", var) and kept[mean].shape == kept[var].shape:
                return kept[mean], kept[var]
    return None


def opaque(module: nn.Module) -> str:
    """Why a norm layer's calls cannot be seen, where they cannot: "" for all others."""
    if isinstance(module, torch.jit.ScriptModule):
        name = getattr(module, "original_name", "")
        return "it is scripted or traced" if NORM.search(name) and not _below(module) else ""
    if type(module).__name__ in ("Module", "InterpreterModule") and running(module) is not None:
        return "it is exported"
    return ""


def native(layer: nn.Module) -> bool:
    """Is it torch's own layer, which needs no proof of how it behaves?"""
    return type(layer).__module__.startswith("torch.")


def parameters(layer: nn.Module) -> tuple[Tensor | None, Tensor | None]:
    """(γ, β), under whatever names; None for one that it has not, or that has no shape yet."""
    found = []
    for names in (("weight", "gamma", "scale", "g"), ("bias", "beta", "shift", "b")):
        own = [getattr(layer, name, None) for name in names]
        own = [t for t in own if isinstance(t, Tensor) and not is_lazy(t) and t.numel() and not t.is_meta]
        found.append(own[0].detach() if own else None)
    return tuple(found)


def eps_of(layer: nn.Module) -> float:
    """ε, where the layer says it; else the usual one."""
    for name in ("eps", "epsilon", "variance_epsilon", "variance_eps"):
        value = getattr(layer, name, None)
        if isinstance(value, float):
            return value
    return 1e-5


def values_that_share(layer: nn.Module, x: Tensor) -> int | None:
    """How many values of x share a statistic, if that is known."""
    if isinstance(layer, nn.LayerNorm | nn.RMSNorm):
        return math.prod(layer.normalized_shape)
    if isinstance(layer, norms.LayerNorm | norms.RMSNorm):
        return x.shape[layer.axis if isinstance(layer, norms.LayerNorm) else -1]
    if x.ndim < 2 or not x.numel():
        return None
    if isinstance(layer, nn.GroupNorm | norms.GroupNorm):
        return x[0].numel() // layer.num_groups
    if isinstance(layer, _InstanceNorm):
        return x[0, 0].numel()
    return x.numel() // x.shape[1] if running(layer) is not None or isinstance(layer, _BatchNorm) else None


def examples_share(layer: nn.Module) -> bool:
    """Can examples of a batch share a statistic in this kind of layer?"""
    return not isinstance(layer, _InstanceNorm) and (
        isinstance(layer, _BatchNorm) or running(layer) is not None
    )


def standardised_axis(y: Tensor, gamma: Tensor | None, beta: Tensor | None) -> int | None:
    """Along which axis y, less β and over γ, has mean square 1 everywhere, as RMS and layer norm's has."""
    for axis in (-1, 1):
        if y.ndim < 2 or (axis == 1 and y.ndim == 2):
            continue
        width, shape = y.shape[axis], [1] * y.ndim
        shape[axis] = -1
        parts = [
            t.double().view(shape) if t is not None and t.numel() == width else None for t in (gamma, beta)
        ]
        if parts[0] is not None and bool((parts[0].abs() < 1e-6).any()):
            continue
        x_hat = y.double() - (0 if parts[1] is None else parts[1])
        square = (x_hat / (1 if parts[0] is None else parts[0])).square().mean(axis)
        if float((square - 1).abs().median()) < 0.05:
            return axis
    return None


def own_spread(layer: nn.Module, x: Tensor, axis: int | None) -> float | None:
    """The median variance (mean square, for RMS norm) over what shares a statistic within one example."""
    x = x.detach().to(torch.promote_types(x.dtype, torch.float32))
    if isinstance(layer, nn.LayerNorm | nn.RMSNorm):
        axes = tuple(range(-len(layer.normalized_shape), 0))
        return _median(
            x.var(axes, correction=0) if isinstance(layer, nn.LayerNorm) else x.square().mean(axes)
        )
    if isinstance(layer, nn.GroupNorm | norms.GroupNorm):
        return _median(x.reshape(len(x), layer.num_groups, -1).var(2, correction=0))
    if isinstance(layer, _InstanceNorm) and x.ndim > 2:
        return _median(x.flatten(2).var(2, correction=0))
    if isinstance(layer, norms.LayerNorm):
        return _median(x.var(layer.axis, correction=0))
    if axis is not None or isinstance(layer, norms.RMSNorm):
        return _median(x.square().mean(-1 if axis is None else axis))
    return None


def _median(t: Tensor) -> float | None:
    return float(t.median()) if t.numel() else None
