import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course.norms import adain, instance_norm, statistics


@pytest.fixture
def pair(rng):
    """Content and style of different sizes, three channels."""
    return rng.normal(2, 3, (2, 3, 4, 5)), rng.normal(-1, 0.5, (2, 3, 6, 7))


def test_it_is_torch_s_instance_norm_with_the_style_s_statistics(pair):
    content, style = (torch.from_numpy(x) for x in pair)
    var, mean = torch.var_mean(style, (2, 3), correction=0, keepdim=True)
    expected = (var + 0.1).sqrt() * functional.instance_norm(content, eps=0.1) + mean
    np.testing.assert_allclose(adain(*pair, eps=0.1), expected, rtol=1e-12)


def test_the_statistics_are_the_style_s(pair):
    (mean, var), (style_mean, style_var) = (
        statistics(adain(*pair, eps=0), (2, 3)),
        statistics(pair[1], (2, 3)),
    )
    np.testing.assert_allclose(mean, style_mean, rtol=1e-12)
    np.testing.assert_allclose(var, style_var, rtol=1e-12)


def test_one_that_is_its_own_style_comes_back(pair):
    np.testing.assert_allclose(adain(pair[0], pair[0], eps=0.5), pair[0], rtol=1e-12)


def test_a_style_of_mean_0_and_variance_1_is_instance_norm(rng):
    content, style = (
        rng.normal(3, 2, (2, 3, 4, 4)),
        instance_norm(rng.normal(size=(2, 3, 9, 9)), [1] * 3, [0] * 3, 0),
    )
    expected = instance_norm(content, np.ones(3), np.zeros(3), 0)
    np.testing.assert_allclose(adain(content, style, eps=0), expected, atol=1e-12)


@pytest.mark.parametrize("spatial", [(7,), (2, 3, 4)])
def test_any_number_of_spatial_axes(rng, spatial):
    content, style = rng.normal(size=(2, 3, *spatial)), rng.normal(5, 2, size=(2, 3, *spatial))
    axes = tuple(range(2, content.ndim))
    np.testing.assert_allclose(adain(content, style).mean(axes), style.mean(axes), rtol=1e-12)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float16, 1e-2), (np.float32, 1e-5)])
def test_the_type_of_the_content_comes_back(pair, dtype, tolerance):
    y = adain(pair[0].astype(dtype), pair[1].astype(dtype))
    assert y.dtype == dtype
    np.testing.assert_allclose(y, adain(*pair), rtol=tolerance, atol=tolerance)


def test_arguments_are_left_alone(pair):
    before = [x.copy() for x in pair]
    y = adain(*pair)
    assert not any(np.shares_memory(y, x) for x in pair)
    for x, old in zip(pair, before, strict=True):
        np.testing.assert_array_equal(x, old)
