import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course.norms import (
    batch_norm,
    batch_norm_backward,
    batch_norm_inference,
    update_running_stats,
)


def test_worked_by_hand():
    # Column 0: mean 2, variance 1. Column 1: mean 5, variance 9.
    x = np.array([[1.0, 2.0], [3.0, 8.0]])
    y = batch_norm(x, gamma=[1, 10], beta=[0, 7], eps=0)
    np.testing.assert_array_equal(y, [[-1, -3], [1, 17]])


@pytest.mark.parametrize("shape", [(300, 5), (40, 5, 3, 3)])
def test_each_channel_leaves_with_mean_beta_and_deviation_gamma(rng, shape):
    gamma, beta = np.linspace(0.5, 2, 5), np.linspace(-3, 3, 5)
    y = batch_norm(rng.normal(50, 9, shape), gamma, beta, eps=0)
    others = (0, *range(2, len(shape)))
    np.testing.assert_allclose(y.mean(others), beta, atol=1e-12)
    np.testing.assert_allclose(y.std(others), gamma)


def test_the_channel_axis_is_a_matter_of_layout_only(rng):
    x, dy = rng.normal(size=(2, 4, 5, 3)), rng.normal(size=(2, 4, 5, 3))
    gamma, beta = rng.normal(size=3), rng.normal(size=3)
    first, dfirst = np.moveaxis(x, -1, 1), np.moveaxis(dy, -1, 1)
    np.testing.assert_allclose(
        np.moveaxis(batch_norm(x, gamma, beta, channel_axis=-1), -1, 1), batch_norm(first, gamma, beta)
    )
    last = batch_norm_backward(dy, x, gamma, channel_axis=3)
    usual = batch_norm_backward(dfirst, first, gamma)
    np.testing.assert_allclose(np.moveaxis(last[0], -1, 1), usual[0], atol=1e-13)
    np.testing.assert_allclose(last[1], usual[1])
    np.testing.assert_allclose(last[2], usual[2])


@pytest.mark.parametrize("shape", [(100_000, 3), (64, 3, 40, 40), (64, 40, 40, 3)])
def test_float32_gradients_at_a_mean_of_ten_thousand(rng, shape):
    axis = shape.index(3)
    x = (1e4 + rng.standard_normal(shape)).astype(np.float32)
    # An upstream gradient with a mean, and aligned with x: its sums grow with N.
    dy = (1 / 3 + 0.1 * (x - 1e4) + 0.1 * rng.standard_normal(shape)).astype(np.float32)
    gamma = np.array([0.5, 1.0, 2.0], dtype=np.float32)
    exact = batch_norm_backward(dy.astype(np.float64), x.astype(np.float64), gamma, channel_axis=axis)
    ours = batch_norm_backward(dy, x, gamma, channel_axis=axis)
    np.testing.assert_allclose(ours[0], exact[0], atol=1e-3)
    np.testing.assert_allclose(ours[1], exact[1], rtol=1e-2)  # dγ = Σdy·x̂ feels the rounding of the mean
    np.testing.assert_allclose(ours[2], exact[2], rtol=1e-6)


def test_a_constant_upstream_gradient_leaves_nothing(rng):
    # Σy = M·β whatever x is, so its gradient is 0. A float32 sum of 100 000 thirds is off by 1e-3.
    x = rng.standard_normal((100_000, 2), dtype=np.float32)
    dx, _, dbeta = batch_norm_backward(np.full_like(x, 1 / 3), x, np.ones(2, np.float32))
    np.testing.assert_allclose(dx, 0, atol=1e-6)
    np.testing.assert_allclose(dbeta, 100_000 / 3, rtol=1e-6)


@pytest.mark.parametrize("momentum", [0.0, 0.1, 0.7, 1.0])
@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 5), (2, 3, 4, 2)])
def test_running_stats_follow_torch(rng, shape, momentum):
    running_mean, running_var = np.zeros(3), np.ones(3)
    theirs = torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)
    for _ in range(3):
        x = rng.normal(5, 2, shape)
        running_mean, running_var = update_running_stats(running_mean, running_var, x, momentum)
        functional.batch_norm(torch.tensor(x), *theirs, training=True, momentum=momentum)
    np.testing.assert_allclose(running_mean, theirs[0].numpy())
    np.testing.assert_allclose(running_var, theirs[1].numpy())


def test_running_stats_are_new_arrays_of_their_own_type(rng):
    mean, var = np.zeros(3, np.float32), np.ones(3, np.float32)
    mean.flags.writeable = var.flags.writeable = False
    x = rng.normal(size=(5, 4, 3))
    for momentum in (0.0, 0.3, 1.0):
        new = update_running_stats(mean, var, x, momentum, channel_axis=-1)
        assert [array.dtype for array in new] == [np.float32, np.float32]
        assert not any(np.shares_memory(a, b) for a in new for b in (mean, var))
    np.testing.assert_allclose(new[0], x.mean((0, 1)), rtol=1e-6)
    np.testing.assert_allclose(new[1], x.var((0, 1), ddof=1), rtol=1e-6)


def test_at_inference_an_example_does_not_see_the_others(rng):
    x = rng.normal(size=(5, 3))
    fixed = rng.normal(size=3), rng.normal(size=3), rng.normal(size=3), np.array([0.5, 1.0, 2.0])
    together = batch_norm_inference(x, *fixed)
    alone = [batch_norm_inference(x[i : i + 1], *fixed)[0] for i in range(5)]
    np.testing.assert_array_equal(together, alone)


def test_the_batch_s_own_statistics_make_inference_training(rng):
    x = rng.normal(4, 3, (7, 3, 2))
    gamma, beta = rng.normal(size=3), rng.normal(size=3)
    y = batch_norm_inference(x, gamma, beta, x.mean((0, 2)), x.var((0, 2)))
    np.testing.assert_allclose(y, batch_norm(x, gamma, beta), atol=1e-13)
