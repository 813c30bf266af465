"""Small models whose norm, activation and initialisation are arguments, and nothing else differs."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

Norm = str | Callable[[int], nn.Module] | None  # a name for `norm_layer`, or what makes the layer


def norm_layer(kind: Norm, features: int, dims: int = 0, num_groups: int = 8) -> nn.Module:
    """The norm that the course calls `kind`, for inputs (N, features) and `dims` spatial axes behind.

    "none" (or None), "batch", "layer" (over all but N), "group" or "instance"; or a function of the
    number of features, for any other: `norm_layer(lambda d: GhostBatchNorm(d, 16), 64)`.

    Raises:
        ValueError: no norm is called that; instance norm of one value; groups that do not divide.
    """
    if callable(kind):
        return kind(features)
    if kind in (None, "none"):
        return nn.Identity()
    if kind == "batch":
        return (nn.BatchNorm1d, nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dims](features)
    if kind == "layer":
        return nn.GroupNorm(1, features) if dims else nn.LayerNorm(features)
    if kind == "group":
        return nn.GroupNorm(num_groups, features)
    if kind == "instance" and dims:
        return nn.GroupNorm(features, features)
    if kind == "instance":
        raise ValueError("instance norm of (N, D) has one value a statistic: it gives zeros")
    raise ValueError(f"norm is {kind!r}; it must be none, batch, layer, group, instance or a function")


def mlp(
    sizes: Sequence[int],
    norm: Norm = "batch",
    activation: Callable[[], nn.Module] = nn.ReLU,
    order: str = "before",
) -> nn.Sequential:
    """Linear, norm, activation for each hidden layer, then a linear layer: `mlp([64, 100, 100, 10])`.

    A linear layer that a batch norm follows at once has no bias (lesson 02). `order` is "before" (the
    norm before the activation) or "after".
    """
    if order not in ("before", "after"):
        raise ValueError(f"order is {order!r}; it must be 'before' or 'after'")
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes[:-1]):
        bias = norm != "batch" or order == "after"
        pair = [norm_layer(norm, outputs), activation()]
        layers += [nn.Linear(inputs, outputs, bias=bias), *(pair if order == "before" else pair[::-1])]
    return nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1]))


class Residual(nn.Module):
    """y = x + branch(x)."""

    def __init__(self, *branch: nn.Module):
        super().__init__()
        self.branch = nn.Sequential(*branch)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.branch(x)


def residual_mlp(inputs: int, width: int, depth: int, classes: int, norm: Norm = "batch") -> nn.Sequential:
    """A linear layer, `depth` residual blocks of norm, ReLU, linear, then norm, ReLU, linear."""
    blocks = [Residual(norm_layer(norm, width), nn.ReLU(), nn.Linear(width, width)) for _ in range(depth)]
    head = [norm_layer(norm, width), nn.ReLU(), nn.Linear(width, classes)]
    return nn.Sequential(nn.Linear(inputs, width), *blocks, *head)


def cnn(
    channels: Sequence[int] = (16, 32), norm: Norm = "batch", inputs: int = 1, classes: int = 10
) -> nn.Sequential:
    """3×3 convolution, norm, ReLU for each entry, the second on with stride 2; then the mean over H, W."""
    layers: list[nn.Module] = []
    for number, outputs in enumerate(channels):
        conv = nn.Conv2d(inputs, outputs, 3, stride=1 + (number > 0), padding=1, bias=norm != "batch")
        layers += [conv, norm_layer(norm, outputs, dims=2), nn.ReLU()]
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, classes))


@torch.no_grad()
def initialise(model: nn.Module, how: str | float = "he") -> nn.Module:
    """Draw the weights of every linear and convolution layer anew; biases become 0. Returns `model`.

    "he": deviation √(2/fan_in), made for ReLU (He et al. 2015). "xavier": √(2/(fan_in + fan_out)) (Glorot
    and Bengio 2010). A number: that deviation. Without a call, PyTorch's default is uniform with
    deviation √(1/(3·fan_in)), which is 0.41 of He's.
    """
    for layer in model.modules():
        if not isinstance(layer, nn.Linear | nn.modules.conv._ConvNd):
            continue
        if how == "he":
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        elif how == "xavier":
            nn.init.xavier_normal_(layer.weight)
        elif isinstance(how, int | float):
            nn.init.normal_(layer.weight, std=how)
        else:
            raise ValueError(f"how is {how!r}; it must be 'he', 'xavier' or a deviation")
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
    return model
