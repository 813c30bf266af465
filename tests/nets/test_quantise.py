"""Rounding to a few bits: the grid, its scales, and networks on it."""

import pytest
import torch

from bn_course.nets import cnn, seeded
from bn_course.nets.fold import folded
from bn_course.nets.quantise import quantise, quantised


def test_eight_bits_are_255_values_and_the_largest_is_kept():
    x = torch.linspace(-3, 2, 10_001)
    y = quantise(x, 8)
    assert len(y.unique()) <= 255
    assert y.min() == pytest.approx(-3)
    assert (y - x).abs().max() <= 3 / 127 / 2 + 1e-6
    assert quantise(torch.zeros(4)).tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(("bits", "values"), [(2, 3), (3, 7), (4, 15)])
def test_fewer_bits_are_fewer_values(bits, values):
    assert len(quantise(torch.linspace(-1, 1, 1001), bits).unique()) == values


def test_a_scale_a_channel_keeps_small_channels():
    weight = torch.tensor([[1.0, -0.5], [0.001, 0.0004]])
    assert not quantise(weight, 8)[1].any()
    torch.testing.assert_close(quantise(weight, 8, axis=0)[1], weight[1], rtol=0.02, atol=0)


def test_scales_a_channel_do_not_see_a_fold():
    """Folding multiplies each row by a number; so does the scale."""
    weight, factor = torch.randn(6, 4), torch.rand(6, 1) + 0.1
    torch.testing.assert_close(quantise(factor * weight, 4, 0), factor * quantise(weight, 4, 0))


def test_networks_keep_their_shape_and_are_left_alone():
    with seeded(0):
        model, x = folded(cnn((4, 6))), torch.randn(5, 1, 8, 8)
    before = model[0].weight.clone()
    small = quantised(model, 8)
    assert small(x).shape == (5, 10)
    assert torch.equal(model[0].weight, before)
    assert (small(x) - model(x)).abs().max() < 0.1 * model(x).abs().max()


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="bits is 1"):
        quantise(torch.ones(2), 1)
    with pytest.raises(ValueError, match="scales is 'row'"):
        quantised(cnn((4,)), 8, "row")
