"""Rounding a network to a few bits, as an integer processor would run it. (lesson 13)"""

import copy

import torch
from torch import Tensor, nn


def quantise(x: Tensor, bits: int = 8, axis: int | None = None) -> Tensor:
    """x rounded to the nearest of the 2^bits − 1 values k · scale, |k| ≤ 2^(bits−1) − 1.

    The scale makes the largest |x| the largest value: one scale for all of x, or with `axis` one for each
    entry of that axis. This is symmetric, uniform quantisation; the result is in x's own type.

    Raises ValueError where `bits` is below 2.

    Source: Krishnamoorthi 2018, arXiv:1806.08342, section 2.
    """
    if bits < 2:
        raise ValueError(f"bits is {bits}; it must be at least 2")
    largest = 2 ** (bits - 1) - 1
    others = [i for i in range(x.ndim) if axis is None or i != axis % x.ndim]
    top = x.abs().amax(others, keepdim=True)
    scale = torch.where(top > 0, top, 1) / largest
    return (x / scale).round() * scale


class _Quantised(nn.Module):
    """A layer whose input and weight are rounded."""

    def __init__(self, layer: nn.Module, bits: int, scales: str):
        super().__init__()
        self.layer = layer
        with torch.no_grad():
            layer.weight.copy_(quantise(layer.weight, bits, 0 if scales == "channel" else None))

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(quantise(x))


def quantised(model: nn.Sequential, bits: int = 8, scales: str = "channel") -> nn.Sequential:
    """A copy of `model` whose linear and convolution layers have weights of `bits` and inputs of 8 bits.

    `scales`: one for each output "channel" of a weight, or one for the whole "tensor". Biases stay as they
    are: integer processors add them in 32 bits.
    """
    if scales not in ("channel", "tensor"):
        raise ValueError(f"scales is {scales!r}; it must be 'channel' or 'tensor'")

    def rounded(layer: nn.Module) -> nn.Module:
        takes_weights = isinstance(layer, nn.Linear | nn.Conv2d)
        return _Quantised(layer, bits, scales) if takes_weights else layer

    return nn.Sequential(*map(rounded, copy.deepcopy(model))).eval()
