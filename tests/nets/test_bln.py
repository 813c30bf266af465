import numpy as np
import pytest
import torch

from bn_course import norms
from bn_course.nets import seeded
from bn_course.nets.bln import BatchLayerNorm


@pytest.fixture
def x():
    with seeded(0):
        return torch.randn(6, 4, dtype=torch.float64) * 2 + 1


def by_hand(x, m, by_batch):
    by_layer = norms.standardize(x, -1, 1e-3)
    return ((1 / m - 1e-4) * by_layer + (1 - 1 / m - 1e-4) * by_batch) / np.sqrt(x.shape[1])


def test_it_is_the_weighted_sum_of_both(x):
    layer = BatchLayerNorm(4, batch_size=6).double()
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([2.0, -1, 3, 0.5]))
        layer.bias.copy_(torch.tensor([1.0, 2, 3, 4]))
    mixed = by_hand(x.numpy(), 6, norms.standardize(x.numpy(), 0, 1e-3))
    np.testing.assert_allclose(layer(x).detach(), [2, -1, 3, 0.5] * mixed + [1, 2, 3, 4], rtol=1e-12)


def test_evaluation_takes_running_statistics_for_the_batch_part(x):
    layer = BatchLayerNorm(4, batch_size=6, momentum=1.0).double()
    layer(x)
    layer.eval()
    one = x[:1]
    running = (one - x.mean(0)) / torch.sqrt(x.var(0) + 1e-3)
    np.testing.assert_allclose(layer(one).detach(), by_hand(one.numpy(), 6, running.numpy()), rtol=1e-12)


def test_outputs_begin_with_deviation_1_over_root_d(x):
    wide = torch.randn(64, 256, generator=torch.Generator().manual_seed(0))
    assert BatchLayerNorm(256, 64)(wide).std().item() == pytest.approx(1 / 16, rel=0.02)


def test_gradients_are_numerical_ones(x):
    layer = BatchLayerNorm(4, batch_size=6).double()
    assert torch.autograd.gradcheck(layer, x.requires_grad_())


def test_bad_input_is_named(x):
    with pytest.raises(ValueError, match="batch_size is 0"):
        BatchLayerNorm(4, 0)
    with pytest.raises(ValueError, match=r"x has shape \(6, 4\); it must be \(N, 3\)"):
        BatchLayerNorm(3, 6)(x)
    with pytest.raises(ValueError, match="more than 1 value"):
        BatchLayerNorm(4, 1).double()(x[:1])
