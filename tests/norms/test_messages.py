"""The whole of what a complaint says: which argument, what it was, and the shape that it needs."""

import numpy as np
import pytest

from bn_course import norms

X, IMAGES = np.zeros((4, 6)), np.zeros((2, 6, 2, 2))
SEQUENCES, LENGTHS = np.zeros((3, 4, 6)), np.array([4, 1, 3])
W, K = np.ones((6, 3)), np.ones((6, 3, 2, 2))
C, FIVE = np.ones(6), np.ones(5)
WHY = "the variance of one value is 0 and says nothing"

# message: the calls, function and arguments, that are told so
COMPLAINTS = {
    "x has dtype complex128; it needs real numbers": [(norms.batch_norm, X * 1j, C, C)],
    "x has shape (6,); it needs at least 2 axes, (N, C, …)": [
        (norms.batch_norm, C, C, C),
        (norms.group_norm, C, C, C, 2),
    ],
    "x has shape (4, 6); it needs at least 3 axes, (N, C, …) with a spatial axis": [
        (norms.instance_norm, X, C, C)
    ],
    "content has shape (4, 6); it needs at least 3 axes, (N, C, …) with a spatial axis": [
        (norms.adain, X, IMAGES)
    ],
    "x has shape (); it needs at least 1 axis, (…, D)": [
        (norms.layer_norm, 3.0, C, C),
        (norms.layer_norm_backward, X, 3.0, C),
        (norms.rms_norm, 3.0, C),
    ],
    "x has shape (); it needs at least 1 axis, any shape": [
        (norms.statistics, 3.0, 0),
        (norms.standardize, 3.0, 0),
    ],
    "x_hat has shape (); it needs at least 1 axis, the axes of x": [
        (norms.standardize_backward, X, 3.0, C, 0)
    ],
    "x has shape (4, 6); it needs at least 3 axes, (N, T, D)": [(norms.masked_batch_norm, X, LENGTHS, C, C)],
    "x has shape (2, 6, 2, 2); it needs 3 axes, (N, T, D)": [
        (norms.masked_batch_norm, IMAGES, LENGTHS, C, C)
    ],
    "v has shape (6,); it needs at least 2 axes, (out, in)": [(norms.weight_norm, C, C)],
    "v has shape (6, 3, 2, 2); it needs 2 axes, (out, in)": [(norms.weight_norm, K, C)],
    "weight has shape (6,); it needs at least 2 axes, (out, in, …)": [(norms.weight_standardize, C)],
    "weight has shape (6,); it needs at least 2 axes, (out, in)": [
        (norms.fold_into_linear, C, None, C, C, C, C)
    ],
    "weight has shape (6, 3, 2, 2); it needs (out, in)": [(norms.fold_into_linear, K, None, C, C, C, C)],
    "weight has shape (6, 3); it needs (out, in, kh, kw)": [(norms.fold_into_conv, W, None, C, C, C, C)],
    "x has shape (0, 6); it needs at least one value on every axis": [(norms.batch_norm, X[:0], C, C)],
    f"x has shape (1, 6); it needs at least two values for each channel in training: {WHY}": [
        (norms.batch_norm, X[:1], C, C)
    ],
    f"x has shape (2, 6, 1, 1); it needs at least two values for each channel of each example: {WHY}": [
        (norms.instance_norm, IMAGES[..., :1, :1], C, C)
    ],
    f"style has shape (2, 6, 1, 1); it needs at least two values for each channel of each example: {WHY}": [
        (norms.adain, IMAGES, IMAGES[..., :1, :1])
    ],
    f"weight has shape (6, 1, 1, 1); it needs at least two values for each output: {WHY}": [
        (norms.weight_standardize, K[:, :1, :1, :1])
    ],
    f"x has shape (1, 4, 6) and one valid step; it needs at least two: {WHY}": [
        (norms.masked_batch_norm, SEQUENCES[:1], [1], C, C)
    ],
    "style has shape (1, 6, 2, 2); it needs (2, 6, …, …), as content": [(norms.adain, IMAGES, IMAGES[:1])],
    "gamma has shape (5,); it needs (6,) for the channels of x, (4, 6)": [
        (norms.batch_norm, X, FIVE, C),
        (norms.batch_norm_backward, X, X, FIVE),
        (norms.batch_norm_inference, X, FIVE, C, C, C),
        (norms.batch_norm_inference_backward, X, X, FIVE, C, C),
    ],
    "beta has shape (5,); it needs (6,) for the channels of x, (4, 6)": [
        (norms.batch_norm, X, C, FIVE),
        (norms.batch_norm_inference, X, C, FIVE, C, C),
    ],
    "running_mean has shape (5,); it needs (6,) for the channels of x, (4, 6)": [
        (norms.batch_norm_inference, X, C, C, FIVE, C),
        (norms.update_running_stats, FIVE, C, X),
    ],
    "running_var has shape (5,); it needs (6,) for the channels of x, (4, 6)": [
        (norms.batch_norm_inference, X, C, C, C, FIVE),
        (norms.update_running_stats, C, FIVE, X),
    ],
    "gamma has shape (5,); it needs (6,) for the channels of x, (2, 6, 2, 2)": [
        (norms.instance_norm, IMAGES, FIVE, C),
        (norms.instance_norm_backward, IMAGES, IMAGES, FIVE),
        (norms.group_norm, IMAGES, FIVE, C, 2),
        (norms.group_norm_backward, IMAGES, IMAGES, FIVE, 2),
    ],
    "beta has shape (5,); it needs (6,) for the channels of x, (2, 6, 2, 2)": [
        (norms.instance_norm, IMAGES, C, FIVE),
        (norms.group_norm, IMAGES, C, FIVE, 2),
    ],
    "gamma has shape (5,); it needs (6,) for the features of x, (4, 6)": [
        (norms.layer_norm, X, FIVE, C),
        (norms.layer_norm_backward, X, X, FIVE),
        (norms.rms_norm, X, FIVE),
        (norms.rms_norm_backward, X, X, FIVE),
    ],
    "beta has shape (5,); it needs (6,) for the features of x, (4, 6)": [(norms.layer_norm, X, C, FIVE)],
    "gamma has shape (5,); it needs (6,) for the features of x, (3, 4, 6)": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS, FIVE, C),
        (norms.masked_batch_norm_backward, SEQUENCES, SEQUENCES, LENGTHS, FIVE),
    ],
    "beta has shape (5,); it needs (6,) for the features of x, (3, 4, 6)": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS, C, FIVE)
    ],
    "bias has shape (5,); it needs (6,) for the outputs of weight, (6, 3)": [
        (norms.fold_into_linear, W, FIVE, C, C, C, C)
    ],
    "gamma has shape (5,); it needs (6,) for the outputs of weight, (6, 3)": [
        (norms.fold_into_linear, W, C, FIVE, C, C, C)
    ],
    "beta has shape (5,); it needs (6,) for the outputs of weight, (6, 3)": [
        (norms.fold_into_linear, W, C, C, FIVE, C, C)
    ],
    "running_mean has shape (5,); it needs (6,) for the outputs of weight, (6, 3)": [
        (norms.fold_into_linear, W, C, C, C, FIVE, C)
    ],
    "running_var has shape (5,); it needs (6,) for the outputs of weight, (6, 3)": [
        (norms.fold_into_linear, W, C, C, C, C, FIVE)
    ],
    "g has shape (5,); it needs (6,) for the rows of v, (6, 3)": [(norms.weight_norm, W, FIVE)],
    "dy has shape (6, 4); it needs that of x, (4, 6)": [
        (norms.batch_norm_backward, X.T, X, C),
        (norms.batch_norm_inference_backward, X.T, X, C, C, C),
        (norms.layer_norm_backward, X.T, X, C),
        (norms.rms_norm_backward, X.T, X, C),
    ],
    "dy has shape (4, 6); it needs that of x, (2, 6, 2, 2)": [
        (norms.instance_norm_backward, X, IMAGES, C),
        (norms.group_norm_backward, X, IMAGES, C, 2),
    ],
    "dy has shape (4, 6); it needs that of x, (3, 4, 6)": [
        (norms.masked_batch_norm_backward, X, SEQUENCES, LENGTHS, C)
    ],
    "dw has shape (3, 6); it needs that of v, (6, 3)": [(norms.weight_norm_backward, W.T, W, C)],
    "dx_hat has shape (6, 4); it needs that of x_hat, (4, 6)": [
        (norms.standardize_backward, X.T, X, C[None], 0)
    ],
    "dy has dtype complex128; it needs real numbers": [(norms.batch_norm_backward, X * 1j, X, C)],
    "inv_std has dtype complex128; it needs real numbers": [
        (norms.standardize_backward, X, X, C[None] * 1j, 0)
    ],
    "inv_std has shape (6,); it needs (1, 6)": [(norms.standardize_backward, X, X, C, 0)],
    "running_var holds -1.0; a variance needs to be at least 0": [
        (norms.batch_norm_inference, X, C, C, C, -C)
    ],
    "eps is -1; it needs to be a finite number, at least 0": [(norms.batch_norm, X, C, C, -1)],
    "momentum is 2; it needs to be a number from 0 to 1": [(norms.update_running_stats, C, C, X, 2)],
    "channel_axis is 2; x of shape (4, 6) needs a whole number from -2 to 1": [
        (norms.batch_norm, X, C, C, 1e-5, 2)
    ],
    "num_groups is 4; x of shape (2, 6, 2, 2) needs a whole number that divides its 6 channels": [
        (norms.group_norm, IMAGES, C, C, 4)
    ],
    "axes is (0, 0); x of shape (4, 6) needs whole numbers from -2 to 1, each axis once": [
        (norms.statistics, X, (0, 0))
    ],
    "axes is (); it needs at least one axis": [(norms.statistics, X, ())],
    "lengths has dtype float64; it needs whole numbers": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS / 2, C, C)
    ],
    "lengths has shape (2,); it needs (3,) for x, (3, 4, 6)": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS[:2], C, C)
    ],
    "lengths holds 0; x of shape (3, 4, 6) needs lengths from 1 to 4": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS - 1, C, C)
    ],
    "lengths holds 5; x of shape (3, 4, 6) needs lengths from 1 to 4": [
        (norms.masked_batch_norm, SEQUENCES, LENGTHS + 1, C, C)
    ],
    "v has shape (6, 3) and zeros in row 0; a row needs a direction": [(norms.weight_norm, 0 * W, C)],
}


@pytest.mark.parametrize(
    ("message", "function", "arguments"),
    [
        pytest.param(message, function, arguments, id=f"{function.__name__}: {message.partition(';')[0]}")
        for message, calls in COMPLAINTS.items()
        for function, *arguments in calls
    ],
)
def test_the_message_is_whole(message, function, arguments):
    with pytest.raises(ValueError) as raised:  # noqa: PT011 - the whole message is compared
        function(*arguments)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("function", "arguments", "begins"),
    [
        (norms.batch_norm, ([[1, 2], [3]], C, C), "x is a list; it needs real numbers: "),
        (
            norms.masked_batch_norm,
            (SEQUENCES, (1, [2], 3), C, C),
            "lengths is a tuple; it needs whole numbers: ",
        ),
    ],
)
def test_what_is_no_array_is_said_with_numpy_s_reason(function, arguments, begins):
    with pytest.raises(ValueError, match=rf"^{begins}.*inhomogeneous"):
        function(*arguments)
