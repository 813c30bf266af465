import numpy as np
import pytest
import torch

from bn_course.norms import weight_standardize


@pytest.mark.parametrize("shape", [(5, 4), (5, 4, 3), (6, 4, 3, 5), (3, 2, 2, 3, 2)])
def test_every_output_has_mean_0_and_variance_1(rng, shape):
    weight = rng.normal(2, 3, shape)
    axes = tuple(range(1, len(shape)))
    w = weight_standardize(weight, eps=0)
    np.testing.assert_allclose(w.mean(axes), 0, atol=1e-12)
    np.testing.assert_allclose(w.var(axes), 1, rtol=1e-12)
    theirs = torch.nn.functional.layer_norm(torch.from_numpy(weight), shape[1:], eps=0.1)
    np.testing.assert_allclose(weight_standardize(weight, 0.1), theirs, rtol=1e-10)


def test_shift_and_scale_of_an_output_s_weights_are_forgotten(rng):
    weight, scale = rng.normal(size=(4, 3, 3, 3)), np.array([1, 2, 3, 4.0]).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(
        weight_standardize(scale * weight + 5, 0), weight_standardize(weight, 0), atol=1e-12
    )


def test_type_and_argument_are_kept(rng):
    weight = rng.normal(size=(4, 3, 3, 3)).astype(np.float32)
    before = weight.copy()
    assert weight_standardize(weight).dtype == np.float32
    np.testing.assert_array_equal(weight, before)
