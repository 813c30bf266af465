import numpy as np
import pytest

from bn_course.norms import (
    group_norm,
    group_norm_backward,
    instance_norm,
    instance_norm_backward,
    layer_norm,
    layer_norm_backward,
)


@pytest.fixture
def images(rng):
    """x and dy, (N, C, H, W), γ and β."""
    return (
        rng.normal(size=(3, 6, 4, 5)),
        rng.normal(size=(3, 6, 4, 5)),
        rng.normal(size=6),
        rng.normal(size=6),
    )


def test_one_group_is_layer_norm_over_channels_and_positions(images):
    x, dy, gamma, beta = images
    flat_gamma, flat_beta = (np.repeat(p, 20) for p in (gamma, beta))
    flat = layer_norm(x.reshape(3, -1), flat_gamma, flat_beta)
    np.testing.assert_allclose(group_norm(x, gamma, beta, 1), flat.reshape(x.shape), atol=1e-13)
    dx, dgamma, dbeta = group_norm_backward(dy, x, gamma, 1)
    flat_dx, flat_dgamma, flat_dbeta = layer_norm_backward(dy.reshape(3, -1), x.reshape(3, -1), flat_gamma)
    np.testing.assert_allclose(dx, flat_dx.reshape(x.shape), atol=1e-13)
    np.testing.assert_allclose(dgamma, flat_dgamma.reshape(6, 20).sum(1), atol=1e-12)
    np.testing.assert_allclose(dbeta, flat_dbeta.reshape(6, 20).sum(1), atol=1e-12)


def test_a_group_a_channel_is_instance_norm(images):
    x, dy, gamma, beta = images
    np.testing.assert_allclose(group_norm(x, gamma, beta, 6), instance_norm(x, gamma, beta), atol=1e-13)
    ours, theirs = group_norm_backward(dy, x, gamma, 6), instance_norm_backward(dy, x, gamma)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)


def test_groups_are_consecutive_channels_and_do_not_mix(images):
    x, _, gamma, beta = images
    y = group_norm(x, gamma, beta, 2)
    for half in (slice(0, 3), slice(3, 6)):
        alone = group_norm(x[:, half], gamma[half], beta[half], 1)
        np.testing.assert_allclose(y[:, half], alone, atol=1e-13)


def test_one_value_a_group_leaves_beta(rng):
    beta = rng.normal(size=4)
    y = group_norm(rng.normal(size=(2, 4)), np.ones(4), beta, 4)
    np.testing.assert_array_equal(y, [beta, beta])


def test_numpy_integers_count_groups(images):
    x, _, gamma, beta = images
    np.testing.assert_array_equal(group_norm(x, gamma, beta, np.int64(3)), group_norm(x, gamma, beta, 3))
