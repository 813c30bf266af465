import numpy as np
import pytest
import torch

from bn_course.norms import weight_norm, weight_norm_backward


@pytest.fixture
def drawn(rng):
    """v (4, 3), g with both signs, dw."""
    return rng.normal(0.5, 2, (4, 3)), np.array([1.5, -0.7, 2.0, 0.3]), rng.normal(size=(4, 3))


def test_rows_have_the_directions_of_v_and_the_lengths_g(drawn):
    v, g, _ = drawn
    w = weight_norm(v, g)
    np.testing.assert_allclose(np.linalg.norm(w, axis=1), abs(g))
    np.testing.assert_allclose((w * v).sum(1), g * np.linalg.norm(v, axis=1))
    np.testing.assert_allclose(weight_norm(100 * v, g), w)


def test_values_and_gradients_are_torch_s(drawn):
    v, g, dw = drawn
    leaves = [torch.tensor(array, requires_grad=True) for array in (v, g)]
    theirs = torch._weight_norm(leaves[0], leaves[1][:, None], 0)
    theirs.backward(torch.from_numpy(dw))
    np.testing.assert_allclose(weight_norm(v, g), theirs.detach(), rtol=1e-12)
    for ours, leaf in zip(weight_norm_backward(dw, v, g), leaves, strict=True):
        np.testing.assert_allclose(ours, leaf.grad, rtol=1e-10)


def test_it_is_what_torch_s_parametrization_computes(drawn):
    v, g, _ = drawn
    layer = torch.nn.utils.parametrizations.weight_norm(torch.nn.Linear(3, 4, dtype=torch.float64))
    length, direction = layer.parametrizations.weight.original0, layer.parametrizations.weight.original1
    with torch.no_grad():
        length.copy_(torch.from_numpy(g)[:, None])
        direction.copy_(torch.from_numpy(v))
    np.testing.assert_allclose(weight_norm(v, g), layer.weight.detach(), rtol=1e-12)


def test_gradients_are_central_differences(drawn, numerical_gradient):
    v, g, dw = drawn
    dv, dg = weight_norm_backward(dw, v, g)
    np.testing.assert_allclose(dv, numerical_gradient(lambda v: (dw * weight_norm(v, g)).sum(), v), atol=1e-8)
    np.testing.assert_allclose(dg, numerical_gradient(lambda g: (dw * weight_norm(v, g)).sum(), g), atol=1e-8)


def test_the_gradient_of_v_is_at_right_angles_to_v(drawn):
    v, g, dw = drawn
    np.testing.assert_allclose((weight_norm_backward(dw, v, g)[0] * v).sum(1), 0, atol=1e-12)


@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_squares_neither_vanish_nor_overflow_in_float32(size):
    v = np.array([[3, 4]], np.float32) * np.float32(size)
    np.testing.assert_allclose(weight_norm(v, [10]), [[6, 8]], rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_type_of_the_input_comes_back_and_the_input_stays(drawn, dtype):
    v, g, dw = (array.astype(dtype) for array in drawn)
    for array in (v, g, dw):
        array.flags.writeable = False
    results = weight_norm(v, g), *weight_norm_backward(dw, v, g)
    assert {result.dtype for result in results} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    ("v", "g", "message"),
    [
        (np.ones(3), [1], r"v has shape \(3,\); it needs at least 2 axes"),
        (np.ones((2, 3, 3)), [1, 1], r"v has shape \(2, 3, 3\); it needs 2 axes, \(out, in\)"),
        (np.ones((0, 3)), [], r"v has shape \(0, 3\); it needs at least one value"),
        (np.ones((2, 3)), [1, 1, 1], r"g has shape \(3,\); it needs \(2,\)"),
        ([[1.0, 2], [0, 0]], [1, 1], r"v has shape \(2, 2\) and zeros in row 1; a row needs a direction"),
    ],
)
def test_bad_input_is_named(v, g, message):
    with pytest.raises(ValueError, match=message):
        weight_norm(v, g)
    with pytest.raises(ValueError, match=message):
        weight_norm_backward(v, v, g)
