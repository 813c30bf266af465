import numpy as np
import pytest
import torch

from bn_course.norms import standardize, standardize_backward, statistics

AXES = [((7,), 0), ((5, 4), 0), ((5, 4), -1), ((5, 4), (0, 1)), ((3, 4, 5), (0, 2)), ((3, 4, 5), 1)]
AXES += [((2, 3, 4, 5), (0, 2, 3)), ((2, 3, 4, 5), (-1, 0)), ((2, 3, 2, 3, 2), [1, 2, 4])]


def inverse_deviation(x, axes, eps):
    return 1 / np.sqrt(statistics(x, axes)[1] + eps)


@pytest.mark.parametrize(("shape", "axes"), AXES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_statistics_are_the_population_s(rng, shape, axes, dtype):
    x = rng.normal(3, 2, shape).astype(dtype)
    mean, var = statistics(x, axes)
    where = axes if isinstance(axes, int) else tuple(axes)
    exact = x.astype(np.float64)
    assert mean.dtype == var.dtype == dtype
    assert mean.shape == var.shape == exact.mean(where, keepdims=True).shape
    tolerance = 1e-6 if dtype == np.float32 else 1e-12
    np.testing.assert_allclose(mean, exact.mean(where, keepdims=True), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(var, exact.var(where, keepdims=True), rtol=tolerance)


# Values a statistic from 6 to 400 000, every layout, both ways through `total`.
LARGE = [((6, 5), 0), ((2000, 5), 0), ((100_000, 3), 0), ((99_999, 2), 0), ((3, 100_000), 1), ((100_000,), 0)]
LARGE += [((64, 50, 7, 7), (0, 2, 3)), ((2, 3, 224, 224), (0, 2, 3)), ((2, 224, 224, 3), (0, 1, 2))]
LARGE += [((40, 9, 1, 1, 60), (0, 3, 4)), ((400_000, 2), 0), ((2, 70_000, 2), (0, 1)), ((64, 50, 7), 1)]


@pytest.mark.parametrize(("shape", "axes"), LARGE)
@pytest.mark.parametrize("order", ["C", "F"])
def test_float32_holds_at_a_mean_of_ten_thousand(rng, shape, axes, order):
    x = np.asarray(1e4 + rng.standard_normal(shape, dtype=np.float32), order=order)
    exact = x.astype(np.float64)
    mean, var = statistics(x, axes)
    assert mean.dtype == var.dtype == np.float32
    np.testing.assert_allclose(mean, exact.mean(axes, keepdims=True), rtol=1e-7)
    np.testing.assert_allclose(var, exact.var(axes, keepdims=True), rtol=1e-3)
    np.testing.assert_allclose(standardize(x, axes).std(axes, dtype=np.float64), 1, rtol=1e-3)


def test_ten_million_values_do_not_stall_the_sum(rng):
    # Added one by one in float32, the squares would come out more than 1 % short.
    x = rng.standard_normal((10_000_000, 1), dtype=np.float32).repeat(2, axis=1)
    assert statistics(x, 0)[1] == pytest.approx(x[:, 0].var(dtype=np.float64), rel=1e-4)


ALIKE = [((65_536, 2), 0), ((2, 60_000), 1), ((64, 30, 30, 2), (0, 1, 2)), ((3, 7, 11, 13, 17), (0, 2, 3, 4))]
ALIKE += [((4_000_000, 2), 0), ((20_000, 2, 200), (0, 2))]  # thousands of runs


@pytest.mark.parametrize(("shape", "axes"), ALIKE)
def test_float32_holds_where_all_values_are_alike(rng, shape, axes):
    """Added one by one, equal squares are all rounded the same way: 6 in 10 000 were lost."""
    x = (0.1 * rng.integers(0, 2, shape)).astype(np.float32)
    exact = x.astype(np.float64).var(axes, keepdims=True)
    np.testing.assert_allclose(statistics(x, axes)[1], exact, rtol=5e-6)


def test_float32_holds_where_all_rows_are_alike():
    x = np.tile(np.array([0, 0.37], np.float32), (20_000, 2, 65))  # each row adds the same to the sum
    assert statistics(x, (0, 2))[1] == pytest.approx(x[0, 0].var(dtype=np.float64), rel=5e-6)


def test_float16_is_computed_in_float32(rng):
    x = (600 * rng.standard_normal((50, 3))).astype(np.float16)  # a variance beyond float16's 65 504
    mean, var = statistics(x, 0)
    assert mean.dtype == var.dtype == np.float32
    np.testing.assert_allclose(var, x.astype(np.float64).var(0, keepdims=True), rtol=1e-5)
    x_hat = standardize(x, 0)
    assert x_hat.dtype == np.float16
    np.testing.assert_array_equal(x_hat, standardize(x.astype(np.float32), 0).astype(np.float16))


@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_standardized_values_have_mean_0_and_the_variance_that_eps_leaves(rng, shape, axes):
    x, eps = rng.normal(-7, 3, shape), 0.5
    _, var = statistics(x, axes)
    mean_after, var_after = statistics(standardize(x, axes, eps), axes)
    np.testing.assert_allclose(mean_after, 0, atol=1e-14)
    np.testing.assert_allclose(var_after, var / (var + eps))


def test_equal_values_become_zeros():
    np.testing.assert_array_equal(standardize(np.full((4, 3), 2.5), 0), 0)


def test_nan_stays_in_its_own_statistic(rng):
    x = rng.normal(size=(6, 3))
    x[2, 1] = np.nan
    x_hat = standardize(x, 0)
    assert np.isnan(x_hat[:, 1]).all()
    np.testing.assert_array_equal(x_hat[:, ::2], standardize(x[:, ::2].copy(), 0))


def test_integers_and_lists_are_numbers():
    for x in ([[1, 2], [3, 6]], np.array([[1, 2], [3, 6]], dtype=np.int8)):
        assert standardize(x, 0).dtype == np.float64
        np.testing.assert_array_equal(standardize(x, 0, eps=0), [[-1, -1], [1, 1]])


@pytest.mark.parametrize(("shape", "axes"), AXES)
def test_backward_equals_autograd(rng, shape, axes):
    x, dx_hat, eps = rng.normal(2, 3, shape), rng.normal(size=shape), 0.1
    ours = standardize_backward(dx_hat, standardize(x, axes, eps), inverse_deviation(x, axes, eps), axes)
    leaf = torch.tensor(x, requires_grad=True)
    var, mean = torch.var_mean(leaf, dim=axes, correction=0, keepdim=True)
    ((leaf - mean) / torch.sqrt(var + eps)).backward(torch.tensor(dx_hat))
    np.testing.assert_allclose(ours, leaf.grad.numpy(), rtol=1e-10, atol=1e-13)


def test_backward_equals_central_differences(rng, numerical_gradient):
    x, dx_hat = rng.normal(size=(4, 3, 2)), rng.normal(size=(4, 3, 2))
    ours = standardize_backward(dx_hat, standardize(x, (0, 2)), inverse_deviation(x, (0, 2), 1e-5), (0, 2))
    slope = numerical_gradient(lambda x: (dx_hat * standardize(x, (0, 2))).sum(), x)
    np.testing.assert_allclose(ours, slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_backward_returns_x_hat_s_type_and_changes_nothing(rng, dtype):
    x = rng.normal(size=(6, 3)).astype(dtype)
    arrays = rng.normal(size=(6, 3)).astype(dtype), standardize(x, 0), inverse_deviation(x, 0, 1e-5)
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    dx = standardize_backward(*arrays, 0)
    assert dx.dtype == dtype
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)
