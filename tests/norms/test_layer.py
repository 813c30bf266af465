import numpy as np

from bn_course.norms import batch_norm, layer_norm, layer_norm_backward


def test_each_row_is_normalised_by_itself(rng):
    x, gamma, beta = rng.normal(size=(4, 6)), rng.normal(size=6), rng.normal(size=6)
    alone = [layer_norm(row, gamma, beta) for row in x]
    np.testing.assert_allclose(layer_norm(x, gamma, beta), alone, atol=1e-14)


def test_without_parameters_it_is_batch_norm_of_the_transpose(rng):
    x = rng.normal(size=(4, 6))
    np.testing.assert_allclose(
        layer_norm(x, np.ones(6), np.zeros(6)), batch_norm(x.T, np.ones(4), np.zeros(4)).T, atol=1e-14
    )


def test_a_single_feature_leaves_beta_and_no_gradient(rng):
    x, dy = rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
    np.testing.assert_array_equal(layer_norm(x, [3.0], [0.25]), 0.25)
    dx, dgamma, dbeta = layer_norm_backward(dy, x, np.array([3.0]))
    np.testing.assert_allclose(dx, 0, atol=1e-12)
    np.testing.assert_array_equal(dgamma, 0)
    np.testing.assert_allclose(dbeta, dy.sum(0))


def test_float32_at_a_large_mean(rng):
    x = (1e4 + rng.standard_normal((20, 1000))).astype(np.float32)
    y = layer_norm(x, np.ones(1000, np.float32), np.zeros(1000, np.float32))
    np.testing.assert_allclose(y.var(-1, dtype=np.float64), 1, rtol=1e-3)
