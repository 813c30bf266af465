"""Masked batch norm: what padding holds has no effect, and where nothing is padding it is batch norm."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course.norms import batch_norm, masked_batch_norm, masked_batch_norm_backward

LENGTHS = np.array([5, 1, 3, 2])


@pytest.fixture
def drawn(rng):
    """x (4, 5, 3), dy, γ and β."""
    return rng.normal(2, 3, (4, 5, 3)), rng.normal(size=(4, 5, 3)), rng.normal(1, 0.5, 3), rng.normal(size=3)


def valid(lengths, steps):
    return np.arange(steps) < np.asarray(lengths)[:, None]


def test_values_and_gradients_are_torch_s_on_the_valid_steps(drawn):
    x, dy, gamma, beta = drawn
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, gamma, beta)]
    mask = torch.from_numpy(valid(LENGTHS, 5))
    steps = functional.batch_norm(leaves[0][mask], None, None, *leaves[1:], training=True, eps=0.1)
    theirs = torch.zeros(4, 5, 3, dtype=torch.float64).index_put((mask,), steps)
    theirs.backward(torch.from_numpy(dy))
    np.testing.assert_allclose(masked_batch_norm(x, LENGTHS, gamma, beta, 0.1), theirs.detach(), atol=1e-12)
    ours = masked_batch_norm_backward(dy, x, LENGTHS, gamma, 0.1)
    for gradient, leaf in zip(ours, leaves, strict=True):
        np.testing.assert_allclose(gradient, leaf.grad, atol=1e-12)


def test_gradients_are_central_differences(drawn, numerical_gradient):
    x, dy, gamma, beta = drawn
    arguments = [x, gamma, beta]
    for i, gradient in enumerate(masked_batch_norm_backward(dy, x, LENGTHS, gamma, 0.1)):

        def loss(value, i=i):
            x, gamma, beta = (*arguments[:i], value, *arguments[i + 1 :])
            return (dy * masked_batch_norm(x, LENGTHS, gamma, beta, 0.1)).sum()

        np.testing.assert_allclose(gradient, numerical_gradient(loss, arguments[i]), rtol=1e-6, atol=1e-7)


def test_padding_has_no_effect_and_comes_out_as_zeros(drawn):
    x, dy, gamma, beta = drawn
    padding = ~valid(LENGTHS, 5)
    other, other_dy = x.copy(), dy.copy()
    other[padding], other_dy[padding] = np.nan, 1e9
    y = masked_batch_norm(other, LENGTHS, gamma, beta)
    np.testing.assert_array_equal(y, masked_batch_norm(x, LENGTHS, gamma, beta))
    np.testing.assert_array_equal(y[padding], 0)
    found = masked_batch_norm_backward(other_dy, other, LENGTHS, gamma)
    for one, same in zip(found, masked_batch_norm_backward(dy, x, LENGTHS, gamma), strict=True):
        np.testing.assert_array_equal(one, same)
    np.testing.assert_array_equal(found[0][padding], 0)


def test_more_padding_changes_nothing(drawn):
    x, _, gamma, beta = drawn
    longer = np.concatenate([x, np.full((4, 6, 3), 7.0)], axis=1)
    y = masked_batch_norm(longer, LENGTHS, gamma, beta)
    np.testing.assert_array_equal(y[:, :5], masked_batch_norm(x, LENGTHS, gamma, beta))


def test_without_padding_it_is_batch_norm_over_sequences_and_steps(drawn):
    x, _, gamma, beta = drawn
    y = masked_batch_norm(x, [5] * 4, gamma, beta)
    np.testing.assert_allclose(y, batch_norm(x, gamma, beta, channel_axis=-1), atol=1e-13)


def test_zeros_in_the_statistics_do_what_the_docstring_says(drawn):
    x, *_ = drawn
    mask = valid(LENGTHS, 5)
    share = 1 - mask.mean()
    mean, var = x[mask].mean(0), x[mask].var(0)
    zeroed = np.where(mask[..., None], x, 0)
    np.testing.assert_allclose(zeroed.mean((0, 1)), (1 - share) * mean)
    np.testing.assert_allclose(zeroed.var((0, 1)), (1 - share) * var + share * (1 - share) * mean**2)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_type_of_the_input_comes_back_and_the_input_stays(drawn, dtype):
    x, dy, gamma, beta = (array.astype(dtype) for array in drawn)
    for array in (x, dy, gamma, beta):
        array.flags.writeable = False
    results = masked_batch_norm(x, LENGTHS, gamma, beta), *masked_batch_norm_backward(dy, x, LENGTHS, gamma)
    assert {result.dtype for result in results} == {np.dtype(dtype)}


ZEROS = np.zeros((4, 5, 3))


@pytest.mark.parametrize(
    ("x", "lengths", "message"),
    [
        (ZEROS[0], LENGTHS, r"x has shape \(5, 3\); it needs at least 3 axes, \(N, T, D\)"),
        (ZEROS[None], LENGTHS, r"x has shape \(1, 4, 5, 3\); it needs 3 axes"),
        (ZEROS[:, :0], LENGTHS, r"x has shape \(4, 0, 3\); it needs at least one value on every axis"),
        (ZEROS, [5, 6, 1, 2], r"lengths holds 6; x of shape \(4, 5, 3\) needs lengths from 1 to 5"),
        (ZEROS, [5, 0, 1, 2], r"lengths holds 0; x of shape \(4, 5, 3\) needs lengths from 1 to 5"),
        (ZEROS, [0, 0, 0, 0], r"lengths holds 0"),
        (ZEROS, [-1, 2, 2, 2], r"lengths holds -1"),
        (ZEROS, [2, 2], r"lengths has shape \(2,\); it needs \(4,\)"),
        (ZEROS, 3, r"lengths has shape \(\); it needs \(4,\)"),
        (ZEROS, [2.0, 2, 2, 2], "lengths has dtype float64; it needs whole numbers"),
        (ZEROS, [True] * 4, "lengths has dtype bool; it needs whole numbers"),
        (ZEROS[:1], [1], r"x has shape \(1, 5, 3\) and one valid step; it needs at least two"),
    ],
)
def test_bad_input_is_named(x, lengths, message):
    with pytest.raises(ValueError, match=message):
        masked_batch_norm(x, lengths, np.ones(3), np.zeros(3))
    with pytest.raises(ValueError, match=message):
        masked_batch_norm_backward(x, x, lengths, np.ones(3))


def test_other_arguments_are_named_too():
    with pytest.raises(ValueError, match=r"gamma has shape \(2,\); it needs \(3,\)"):
        masked_batch_norm(ZEROS, LENGTHS, np.ones(2), np.zeros(3))
    with pytest.raises(ValueError, match=r"beta has shape \(2,\)"):
        masked_batch_norm(ZEROS, LENGTHS, np.ones(3), np.zeros(2))
    with pytest.raises(ValueError, match=r"dy has shape \(5, 3\)"):
        masked_batch_norm_backward(ZEROS[0], ZEROS, LENGTHS, np.ones(3))
    with pytest.raises(ValueError, match="eps is -1"):
        masked_batch_norm(ZEROS, LENGTHS, np.ones(3), np.zeros(3), eps=-1)
