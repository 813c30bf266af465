"""Residual networks for small images, after He et al. 2016, arXiv:1512.03385. (lesson 14)"""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from bn_course.nets.models import Norm, norm_layer


class Block(nn.Module):
    """y = relu(shortcut(x) + branch(x)), the branch two 3×3 convolutions, each with its norm.

    The shortcut is x itself, or a 1×1 convolution where channels or stride change.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, norm: Norm):
        super().__init__()
        self.branch = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False),
            norm_layer(norm, outputs, dims=2),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            norm_layer(norm, outputs, dims=2),
        )
        same = stride == 1 and inputs == outputs
        self.shortcut = nn.Identity() if same else nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.shortcut(x) + self.branch(x))


def resnet(
    norm: Norm = "batch", channels: Sequence[int] = (16, 32, 64), inputs: int = 1, classes: int = 10
) -> nn.Sequential:
    """A 3×3 convolution of stride 2, a `Block` of stride 2 for each further entry of `channels`, the mean
    over H and W, and a linear layer. x is (N, inputs, H, W); the output (N, classes)."""
    return nn.Sequential(
        nn.Conv2d(inputs, channels[0], 3, stride=2, padding=1, bias=False),
        norm_layer(norm, channels[0], dims=2),
        nn.ReLU(),
        *(Block(before, after, 2, norm) for before, after in pairwise(channels)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(channels[-1], classes),
    )


def resnet20(norm: Norm = "batch", inputs: int = 3, classes: int = 10) -> nn.Sequential:
    """The ResNet-20 of section 4.2, made for CIFAR-10: a 3×3 convolution, three blocks each of 16, 32 and 64
    channels, of which the first with 32 and with 64 has stride 2, and a head as in `resnet`."""
    channels = (16, *(width for width in (16, 32, 64) for _ in range(3)))
    return nn.Sequential(
        nn.Conv2d(inputs, 16, 3, padding=1, bias=False),
        norm_layer(norm, 16, dims=2),
        nn.ReLU(),
        *(Block(before, after, 1 + (after > before), norm) for before, after in pairwise(channels)),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, classes),
    )
