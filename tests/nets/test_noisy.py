"""Noisy batch norm: what it adds, and that it adds nothing in evaluation."""

import pytest
import torch
from torch import nn

from bn_course.nets import seeded
from bn_course.nets.noisy import NoisyBatchNorm1d


def batch(n=64, d=3):
    return 5 + 2 * torch.randn(n, d, dtype=torch.float64, generator=torch.Generator().manual_seed(0))


def test_without_noise_it_is_torchs_layer():
    noisy, plain = NoisyBatchNorm1d(3, shift=0, stretch=0).double(), nn.BatchNorm1d(3).double()
    torch.testing.assert_close(noisy(batch()), plain(batch()))
    torch.testing.assert_close(noisy.running_var, plain.running_var)


def test_each_feature_is_shifted_and_stretched_as_a_whole_and_anew_each_time():
    layer = NoisyBatchNorm1d(3, shift=2.0, stretch=1.0).double()
    plain = nn.BatchNorm1d(3).double()(batch())
    with seeded(0):
        first, second = layer(batch()), layer(batch())
    for y in (first, second):
        stretch, shift = y.std(0, correction=0) / plain.std(0, correction=0), y.mean(0)
        torch.testing.assert_close(y, plain * stretch + shift)
        assert ((stretch >= 1) & (stretch <= 2)).all()
        assert (shift.abs() <= 2).all()
        assert len(set(shift.tolist())) == 3
    assert (first.mean(0) - second.mean(0)).abs().min() > 1e-3


def test_noise_fills_its_range():
    layer = NoisyBatchNorm1d(2000, shift=0.5, stretch=0.25).double()
    with seeded(0):
        y = layer(torch.randn(32, 2000, dtype=torch.float64))
    assert 0.45 < y.mean(0).max() <= 0.5
    assert -0.5 <= y.mean(0).min() < -0.45
    assert y.std(0, correction=0).mean().item() == pytest.approx(1.125, abs=0.01)


def test_gradients_pass_the_noise():
    x = batch(6).requires_grad_()

    def forward(x):
        with seeded(3):
            layer = NoisyBatchNorm1d(3).double()
            return layer(x)

    assert torch.autograd.gradcheck(forward, (x,))


def test_evaluation_is_that_of_torchs_layer_and_repeats():
    noisy, plain = NoisyBatchNorm1d(3), nn.BatchNorm1d(3)
    for layer in (noisy, plain):
        layer(batch().float())
        layer.eval()
    torch.testing.assert_close(noisy(batch().float()), plain(batch().float()))
    torch.testing.assert_close(noisy(batch().float()), noisy(batch().float()))


@pytest.mark.parametrize("noise", [{"shift": -1}, {"stretch": -0.1}])
def test_negative_noise_is_refused(noise):
    with pytest.raises(ValueError, match="neither may be negative"):
        NoisyBatchNorm1d(3, **noise)
