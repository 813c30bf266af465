"""At the edges: what an option is when it is left out, and numbers far from 1."""

import numpy as np
import pytest

from bn_course import norms

RNG = np.random.default_rng(2015)
X, IMAGES = RNG.normal(2, 3, (4, 6)), RNG.normal(2, 3, (2, 6, 2, 3))
SEQUENCES, LENGTHS = RNG.normal(2, 3, (3, 4, 6)), [4, 1, 3]
W, K = RNG.normal(size=(6, 3)), RNG.normal(size=(6, 3, 2, 2))
C, VAR = RNG.normal(1, 0.5, 6), RNG.uniform(0.5, 2, 6)


def arrays(result):
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize(
    ("function", "arguments", "eps"),
    [
        (norms.standardize, (X, 0), 1e-5),
        (norms.batch_norm, (X, C, C), 1e-5),
        (norms.batch_norm_backward, (X**2, X, C), 1e-5),
        (norms.batch_norm_inference, (X, C, C, C, VAR), 1e-5),
        (norms.batch_norm_inference_backward, (X**2, X, C, C, VAR), 1e-5),
        (norms.layer_norm, (X, C, C), 1e-5),
        (norms.layer_norm_backward, (X**2, X, C), 1e-5),
        (norms.instance_norm, (IMAGES, C, C), 1e-5),
        (norms.instance_norm_backward, (IMAGES**2, IMAGES, C), 1e-5),
        (norms.group_norm, (IMAGES, C, C, 2), 1e-5),
        (norms.group_norm_backward, (IMAGES**2, IMAGES, C, 2), 1e-5),
        (norms.rms_norm, (X, C), 1e-6),
        (norms.rms_norm_backward, (X**2, X, C), 1e-6),
        (norms.masked_batch_norm, (SEQUENCES, LENGTHS, C, C), 1e-5),
        (norms.masked_batch_norm_backward, (SEQUENCES**2, SEQUENCES, LENGTHS, C), 1e-5),
        (norms.adain, (IMAGES, IMAGES**2), 1e-5),
        (norms.weight_standardize, (W,), 1e-5),
        (norms.fold_into_linear, (W, C, C, C, C, VAR), 1e-5),
        (norms.fold_into_conv, (K, C, C, C, C, VAR), 1e-5),
    ],
)
def test_eps_that_is_left_out(function, arguments, eps):
    left_out, given, other = (
        arrays(function(*arguments, **option)) for option in ({}, {"eps": eps}, {"eps": 2 * eps})
    )
    for one, same in zip(left_out, given, strict=True):
        np.testing.assert_array_equal(one, same)
    assert any((one != differs).any() for one, differs in zip(left_out, other, strict=True))


def test_momentum_that_is_left_out():
    given = norms.update_running_stats(C, VAR, X, momentum=0.1)
    for one, same in zip(norms.update_running_stats(C, VAR, X), given, strict=True):
        np.testing.assert_array_equal(one, same)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (norms.batch_norm, (C, C)),
        (norms.batch_norm_inference, (C, C, C, VAR)),
    ],
)
def test_channels_are_axis_1_where_nothing_is_said(function, arguments):
    np.testing.assert_array_equal(function(IMAGES, *arguments), function(IMAGES, *arguments, channel_axis=1))


@pytest.mark.parametrize("axis", range(4))
def test_channels_are_counted_from_either_end(axis):
    size = np.ones(IMAGES.shape[axis])
    np.testing.assert_array_equal(
        norms.batch_norm(IMAGES, size, size, channel_axis=axis),
        norms.batch_norm(IMAGES, size, size, channel_axis=axis - 4),
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_a_weight_may_differ_in_size_by_more_than_the_type_squared_holds(dtype):
    tiny = np.finfo(dtype).tiny
    sizes = np.array([[1 / tiny], [1.0], [tiny]], dtype) / 8
    v = np.array([[3, 4], [3, 4], [-3, 4]], dtype) * sizes
    w = norms.weight_norm(v, np.ones(3, dtype))
    np.testing.assert_allclose(w, [[0.6, 0.8], [0.6, 0.8], [-0.6, 0.8]], rtol=1e-6)


def test_a_long_sum_over_an_axis_of_one_value_as_well(rng):
    x = rng.normal(size=(70_000, 1))
    for one, same in zip(norms.statistics(x, (0, 1)), norms.statistics(x, 0), strict=True):
        np.testing.assert_allclose(one, same, rtol=1e-12)


def test_statistics_finer_than_the_weight_are_used_as_they_are():
    weight, ones = np.ones((1, 2), np.float32), np.ones(1)
    coarse = np.ones(1, np.float32)
    folded, _ = norms.fold_into_linear(weight, None, ones, ones, coarse, ones * 1e-50, eps=0)
    np.testing.assert_allclose(folded, 1e25, rtol=1e-6)
    mean = np.full(1, 1e4 / 3)
    _, bias = norms.fold_into_linear(weight, mean + 1e-4, ones, 0 * ones, mean, coarse, eps=0)
    np.testing.assert_allclose(bias, 1e-4, rtol=1e-6)
    x = np.full((1, 1), 2, np.float32)
    y = norms.batch_norm_inference(x, ones, 0 * ones, ones, ones * 1e-50, eps=0)
    np.testing.assert_allclose(y, 1e25, rtol=1e-6)


def test_statistics_coarser_than_the_weight_do_not_coarsen_it():
    weight, ones, third = np.full((1, 2), 1 / 3), np.ones(1), np.full(1, 1 / 3, np.float32)
    folded, _ = norms.fold_into_linear(weight, None, ones, ones, third, third, eps=1e-5)
    np.testing.assert_allclose(folded, weight / np.sqrt(third.astype(float) + 1e-5), rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_eps_may_be_smaller_than_float16_holds(dtype):
    small, zero, one = np.full(1, 1e-4, dtype), np.zeros(1, dtype), np.ones((1, 1), dtype)
    folded, _ = norms.fold_into_linear(one, None, small, zero, zero, zero, eps=1e-9)
    np.testing.assert_allclose(folded[0], small / np.sqrt(1e-9), rtol=2e-3)
    y = norms.batch_norm_inference(one, small, zero, zero, zero, eps=1e-9)
    np.testing.assert_allclose(y, folded, rtol=2e-3)


def test_a_style_coarser_than_the_content_does_not_coarsen_it():
    style = IMAGES.astype(np.float32) ** 2
    mean, var = norms.statistics(style, (2, 3))
    y = norms.adain(IMAGES, style)
    np.testing.assert_allclose(
        (y - mean) / np.sqrt(var + 1e-5), norms.standardize(IMAGES, (2, 3)), rtol=1e-11, atol=1e-13
    )


def test_long_sums_of_wide_numbers_stay_as_wide(rng):
    x = rng.normal(size=3000).astype(np.longdouble) / 3
    mean, var = norms.statistics(x, 0)
    np.testing.assert_allclose(var, x.var(keepdims=True), rtol=8 * np.finfo(np.longdouble).eps)
    np.testing.assert_allclose(mean, x.mean(keepdims=True), rtol=64 * np.finfo(np.longdouble).eps)
