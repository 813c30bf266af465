import numpy as np

from bn_course.norms import layer_norm, layer_norm_backward, rms_norm, rms_norm_backward


def test_rows_leave_with_a_root_mean_square_of_1(rng):
    y = rms_norm(rng.normal(3, 2, (4, 9)), np.ones(9), eps=0)
    np.testing.assert_allclose(np.sqrt(np.square(y).mean(-1)), 1)


def test_of_centred_rows_it_is_layer_norm_without_beta(rng):
    x, dy, gamma = rng.normal(3, 2, (4, 9)), rng.normal(size=(4, 9)), rng.normal(size=9)
    centred = x - x.mean(-1, keepdims=True)
    np.testing.assert_allclose(rms_norm(centred, gamma, 1e-5), layer_norm(x, gamma, np.zeros(9)), atol=1e-13)
    # and through the centring: take the mean out of the gradient, as centring's own backward pass does
    dx, dgamma = rms_norm_backward(dy, centred, gamma, 1e-5)
    layer_dx, layer_dgamma, _ = layer_norm_backward(dy, x, gamma)
    np.testing.assert_allclose(dx - dx.mean(-1, keepdims=True), layer_dx, atol=1e-13)
    np.testing.assert_allclose(dgamma, layer_dgamma, atol=1e-13)


def test_it_forgets_scale_but_not_shift(rng):
    x, gamma = rng.normal(size=(4, 9)), rng.normal(size=9)
    np.testing.assert_allclose(rms_norm(7 * x, gamma, eps=0), rms_norm(x, gamma, eps=0))
    assert not np.allclose(rms_norm(x + 7, gamma), rms_norm(x, gamma), atol=0.1)


def test_eps_is_1e_6_unless_told():
    np.testing.assert_allclose(rms_norm(np.full((1, 2), 1e-3), np.ones(2)), np.sqrt(0.5))


def test_float32_at_a_large_mean(rng):
    x = (1e4 + rng.standard_normal((3, 100_000))).astype(np.float32)
    y = rms_norm(x, np.ones(100_000, np.float32))
    exact = rms_norm(x.astype(np.float64), np.ones(100_000))
    np.testing.assert_allclose(y, exact, rtol=3e-7)
