import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course.norms import batch_norm_inference, fold_into_conv, fold_into_linear


@pytest.fixture
def norm(rng):
    """gamma, beta, running_mean, running_var of five channels; one γ is 0, one variance tiny."""
    return (
        np.array([0.0, -1.5, 0.5, 2.0, 1.0]),
        rng.normal(size=5),
        rng.normal(3, 2, 5),
        np.array([1.0, 0.3, 1e-8, 2.0, 9.0]),
    )


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("eps", [1e-5, 0.1])
def test_linear(rng, norm, with_bias, eps):
    x, weight = rng.normal(size=(7, 3)), rng.normal(size=(5, 3))
    bias = rng.normal(size=5) if with_bias else None
    expected = batch_norm_inference(x @ weight.T + (0 if bias is None else bias), *norm, eps)
    weight, bias = fold_into_linear(weight, bias, *norm, eps)
    np.testing.assert_allclose(x @ weight.T + bias, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("with_bias", [True, False])
@pytest.mark.parametrize("groups", [1, 5])
def test_convolution(rng, norm, with_bias, groups):
    x, weight = rng.normal(size=(2, 5, 6, 7)), rng.normal(size=(5, 5 // groups, 3, 2))
    bias = rng.normal(size=5) if with_bias else None

    def convolve(weight, bias):
        bias = None if bias is None else torch.tensor(bias)
        return functional.conv2d(torch.tensor(x), torch.tensor(weight), bias, groups=groups).numpy()

    expected = batch_norm_inference(convolve(weight, bias), *norm)
    np.testing.assert_allclose(
        convolve(*fold_into_conv(weight, bias, *norm)), expected, rtol=1e-10, atol=1e-10
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_weight_s_type_comes_back_and_nothing_is_changed(rng, norm, dtype):
    weight, bias = rng.normal(size=(5, 3)).astype(dtype), rng.normal(size=5).astype(dtype)
    gamma, beta, running_mean, running_var = norm
    arrays = [weight, bias, gamma, beta, running_mean, np.maximum(running_var, 0.1)]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    for folded in fold_into_linear(*arrays):
        assert folded.dtype == dtype
        assert not any(np.shares_memory(folded, array) for array in arrays)
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


def test_a_norm_that_does_nothing_folds_to_the_layer_itself(rng):
    weight, bias = rng.normal(size=(5, 3, 2, 2)), rng.normal(size=5)
    nothing = np.ones(5), np.zeros(5), np.zeros(5), np.ones(5)
    folded_weight, folded_bias = fold_into_conv(weight, bias, *nothing, eps=0)
    np.testing.assert_array_equal(folded_weight, weight)
    np.testing.assert_array_equal(folded_bias, bias)
