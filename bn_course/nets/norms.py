"""Layer, instance, group and RMS norm in PyTorch: one function, and for each layer its axes. (lesson 11)"""

import torch
from torch import Tensor, nn


def standardize(x: Tensor, axes: tuple[int, ...], eps: float = 1e-5, centre: bool = True) -> Tensor:
    """(x − μ) / √(σ² + eps), statistics over `axes`, σ² divided by how many values share it.

    Without `centre`, x / √(mean(x²) + eps), which is what RMS norm takes.
    """
    if centre:
        x = x - x.mean(axes, keepdim=True)
    return x * torch.rsqrt(x.square().mean(axes, keepdim=True) + eps)


class Norm(nn.Module):
    """What the layers share: γ and β, one for each of `features`, along `axis`. Theirs is `x_hat`."""

    def __init__(self, features: int, eps: float, axis: int = 1, bias: bool = True):
        super().__init__()
        self.features, self.eps, self.axis = features, eps, axis
        self.weight = nn.Parameter(torch.ones(features))
        self.bias = nn.Parameter(torch.zeros(features)) if bias else None

    def x_hat(self, x: Tensor) -> Tensor:
        raise NotImplementedError

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim < 2 or x.shape[self.axis] != self.features:
            raise ValueError(
                f"x has shape {tuple(x.shape)}; it needs {self.features} features on axis {self.axis}"
            )
        shape = [1] * x.ndim
        shape[self.axis] = self.features
        y = self.x_hat(x) * self.weight.view(shape)
        return y if self.bias is None else y + self.bias.view(shape)

    def extra_repr(self) -> str:
        return f"{self.features}, eps={self.eps}, axis={self.axis}"


class LayerNorm(Norm):
    """Over the features of one example at one place (Ba et al. 2016, arXiv:1607.06450).

    With axis −1, `nn.LayerNorm(features)`. With axis 1 an image (N, C, H, W) is normalised over its channels
    at each position, as ConvNeXt does (Liu et al. 2022, arXiv:2201.03545). Over C, H and W together, which
    Wu & He (2018) call layer norm, it is `GroupNorm(1, channels)`.
    """

    def __init__(self, features: int, eps: float = 1e-5, axis: int = -1):
        super().__init__(features, eps, axis)

    def x_hat(self, x: Tensor) -> Tensor:
        return standardize(x, (self.axis,), self.eps)


class RMSNorm(Norm):
    """Over the last axis, without μ and β (Zhang & Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, features: int, eps: float = 1e-6):
        super().__init__(features, eps, axis=-1, bias=False)

    def x_hat(self, x: Tensor) -> Tensor:
        return standardize(x, (-1,), self.eps, centre=False)


class GroupNorm(Norm):
    """Over a group of channels of one example, all positions (Wu & He 2018, arXiv:1803.08494).

    Raises ValueError where the groups do not divide the channels.
    """

    def __init__(self, num_groups: int, channels: int, eps: float = 1e-5):
        if num_groups < 1 or channels % num_groups:
            raise ValueError(f"num_groups is {num_groups}; it needs to divide the {channels} channels")
        super().__init__(channels, eps)
        self.num_groups = num_groups

    def x_hat(self, x: Tensor) -> Tensor:
        groups = x.reshape(len(x), self.num_groups, -1)
        return standardize(groups, (2,), self.eps).reshape(x.shape)

    def extra_repr(self) -> str:
        return f"{self.num_groups}, {self.features}, eps={self.eps}"


class InstanceNorm(GroupNorm):
    """Over the positions of one channel of one example (Ulyanov et al. 2016, arXiv:1607.08022).

    That is a group for each channel. Like `nn.InstanceNorm2d(channels, affine=True)`, but of any rank.
    """

    def __init__(self, channels: int, eps: float = 1e-5):
        super().__init__(channels, channels, eps)

    def forward(self, x: Tensor) -> Tensor:
        if x[0, 0].numel() < 2:
            raise ValueError(f"x has shape {tuple(x.shape)}; it needs at least two positions a channel")
        return super().forward(x)


class WeightStandardizedConv2d(nn.Conv2d):
    """A convolution whose kernels are standardised before use (Qiao et al. 2019, arXiv:1903.10520).

    The weights of one output have mean 0 and variance 1 (÷ their number, 1e-5 inside the root), whatever
    the optimiser does to their common level and scale.
    """

    def forward(self, x: Tensor) -> Tensor:
        return self._conv_forward(x, standardize(self.weight, (1, 2, 3)), self.bias)
