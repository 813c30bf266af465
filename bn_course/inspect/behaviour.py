"""What a layer of one's own does, found by trying it out: nothing of it changes, and nobody notices."""

import numpy as np
import torch
from torch import Tensor, nn

from bn_course.inspect.kinds import KNOWN, examples_share, parameters, running, standardised_axis
from bn_course.inspect.record import FEW, Record, moments
from bn_course.inspect.unchanged import unchanged


def look_at(layer: nn.Module, record: Record, x: Tensor) -> None:
    """Of a layer that nobody knows: do examples share a statistic, is its output standardised along an axis,
    and is its gradient that of what it does? What it refuses stays unknown."""
    with unchanged(layer):
        try:
            y = layer.forward(x)
        except (RuntimeError, ValueError, TypeError):
            return
        if not isinstance(y, Tensor) or y.shape != x.shape or not torch.isfinite(y).all():
            record.not_norm = not isinstance(layer, KNOWN) and running(layer) is None
            return
        if running(layer) is None and not isinstance(layer, KNOWN):
            record.axis = standardised_axis(y, *parameters(layer))
            record.not_norm = record.axis is None
            return
        if not examples_share(layer) or len(x) < 2:
            return
        record.shares = _depends_on_others(layer, x, y)
        if record.shares and layer.training and x.numel() // x.shape[1] >= FEW:
            record.lost = _lost(layer, x, y)


def _depends_on_others(layer: nn.Module, x: Tensor, y: Tensor) -> bool:
    """Is the output of the first example another one where the others are changed?"""
    others = torch.cat([x[:1], 2 * x[1:] + 1])
    return bool((layer.forward(others)[0] - y[0]).abs().max() > 1e-4 * (1 + y[0].abs().max()))


def _lost(layer: nn.Module, x: Tensor, y: Tensor) -> tuple[float, float]:
    """Which shares of a gradient sent back ask for a shift, and for a stretch, of x.

    0 where the output, as batch norm's, is the same for a shifted (stretched) input; then the gradient must
    be 0 along the shift (the stretch), or it is not that of the function. (lesson 03)
    """
    along = [dim for dim in range(x.ndim) if dim != 1]
    centred = x - x.mean(along, keepdim=True)
    blind = [_same(layer, x + x.std() + 1, y), _same(layer, x + centred, y)]
    if not any(blind):
        return 0.0, 0.0
    with torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        out = layer.forward(leaf)
        if not out.requires_grad:
            return 0.0, 0.0
        drawn = torch.Generator().manual_seed(0)
        weights = torch.randn(out.shape, generator=drawn).to(out) + 1 + torch.tanh(centred)
        (dx,) = torch.autograd.grad(out, leaf, weights, allow_unused=True)
    if dx is None:
        return 0.0, 0.0
    asked = (dx, dx * centred)
    return tuple(_share(part) if same else 0.0 for part, same in zip(asked, blind, strict=True))


def _same(layer: nn.Module, x: Tensor, y: Tensor) -> bool:
    return bool((layer.forward(x) - y).abs().max() <= 1e-2 * y.abs().max())


def _share(part: Tensor) -> float:
    """|sum| over sum of |·|, of the median channel."""
    part = part.transpose(0, 1).flatten(1).cpu().double()
    return float((part.sum(1).abs() / (part.abs().sum(1) + 1e-12)).median())


def weight_of_a_batch(layer: nn.Module, old: Tensor, x: Tensor | None) -> float | None:
    """The share of the batch's mean in the running mean after a pass: what PyTorch calls momentum."""
    if not isinstance(x, Tensor) or x.ndim < 2 or not x.numel() or x.is_quantized or x.is_meta:
        return None
    mean = moments(x)[0].mean(1)
    new, old = (t.detach().cpu().double().numpy() for t in (running(layer)[0], old))
    if mean.shape != new.shape:
        return None
    gap = mean - old
    known = np.abs(gap) > 1e-3 * (np.abs(mean) + np.abs(old) + 1e-6)
    return float(np.median((new - old)[known] / gap[known])) if known.any() else None
