"""The small ResNet: shapes, shortcuts, and every norm in it."""

import pytest
import torch
from torch import nn

from bn_course.nets.resnet import Block, resnet


@pytest.mark.parametrize("norm", ["none", "batch", "layer", "group", "instance"])
def test_every_norm_and_any_image_size(norm):
    model = resnet(norm, inputs=3).eval()  # instance norm of one position cannot be trained
    assert model(torch.randn(2, 3, 32, 32)).shape == (2, 10)
    assert model(torch.randn(2, 3, 9, 8)).shape == (2, 10)


def test_a_block_of_equal_channels_adds_the_input_itself():
    block = Block(8, 8, 1, "batch")
    assert isinstance(block.shortcut, nn.Identity)
    nn.init.zeros_(block.branch[-1].weight)  # γ = 0: the branch gives β = 0
    x = torch.rand(4, 8, 5, 5)
    assert torch.equal(block(x), x)


def test_a_block_that_changes_channels_or_size_has_a_convolution_in_its_shortcut():
    assert Block(8, 16, 1, "batch")(torch.randn(4, 8, 5, 5)).shape == (4, 16, 5, 5)
    assert Block(8, 8, 2, "batch")(torch.randn(4, 8, 5, 5)).shape == (4, 8, 3, 3)


def test_no_convolution_has_a_bias_that_a_norm_takes_away():
    assert all(m.bias is None for m in resnet().modules() if isinstance(m, nn.Conv2d))


def test_on_digits_the_last_block_has_one_position():
    """So batch norm there has as many values as there are images: what makes small batches hard."""
    model = resnet()
    shapes = []
    model[-4].register_forward_hook(lambda module, inputs, output: shapes.append(output.shape))
    model(torch.randn(3, 1, 8, 8))
    assert shapes == [(3, 64, 1, 1)]
