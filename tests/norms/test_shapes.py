"""Every complaint names the argument, says what it was, and says what it needs to be."""

import numpy as np
import pytest

from bn_course import norms

X = np.arange(24.0).reshape(4, 6)
IMAGES = np.arange(48.0).reshape(2, 6, 2, 2)
SEQUENCES, LENGTHS = np.arange(72.0).reshape(3, 4, 6), np.array([4, 1, 3])
C, FIVE = np.ones(6), np.ones(5)
W, K = np.ones((6, 3)), np.ones((6, 3, 2, 2))


# function, arguments, options, the argument named, and what else the message says
BAD = [
    # rank
    (norms.batch_norm, (C, C, C), {}, "x", ["(6,)", "2 axes"]),
    (norms.batch_norm, (3.0, C, C), {}, "x", ["()", "2 axes"]),
    (norms.batch_norm_backward, (C, C, C), {}, "x", ["(6,)", "2 axes"]),
    (norms.batch_norm_inference, (C, C, C, C, C), {}, "x", ["(6,)", "2 axes"]),
    (norms.update_running_stats, (C, C, C), {}, "x", ["(6,)", "2 axes"]),
    (norms.layer_norm, (3.0, C, C), {}, "x", ["()", "1 axes"]),
    (norms.instance_norm, (X, C, C), {}, "x", ["(4, 6)", "3 axes"]),
    (norms.group_norm, (C, C, C, 2), {}, "x", ["(6,)", "2 axes"]),
    (norms.rms_norm, (3.0, C), {}, "x", ["()", "1 axes"]),
    (norms.statistics, (3.0, 0), {}, "x", ["()", "1 axes"]),
    (norms.fold_into_linear, (K, None, C, C, C, C), {}, "weight", ["(6, 3, 2, 2)", "(out, in)"]),
    (norms.fold_into_conv, (W, None, C, C, C, C), {}, "weight", ["(6, 3)", "(out, in, kh, kw)"]),
    # sizes
    (norms.batch_norm, (X, FIVE, C), {}, "gamma", ["(5,)", "(6,)", "(4, 6)"]),
    (norms.batch_norm, (X, C, FIVE), {}, "beta", ["(5,)", "(6,)", "(4, 6)"]),
    (norms.batch_norm, (X, 1.0, C), {}, "gamma", ["()", "(6,)"]),
    (norms.batch_norm, (X, C[None], C), {}, "gamma", ["(1, 6)", "(6,)"]),
    (norms.batch_norm, (X, C, C), {"channel_axis": 0}, "gamma", ["(6,)", "(4,)"]),
    (norms.batch_norm_backward, (X[:3], X, C), {}, "dy", ["(3, 6)", "(4, 6)"]),
    (norms.batch_norm_backward, (X, X, FIVE), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.batch_norm_inference, (X, C, C, FIVE, C), {}, "running_mean", ["(5,)", "(6,)"]),
    (norms.batch_norm_inference, (X, C, C, C, FIVE), {}, "running_var", ["(5,)", "(6,)"]),
    (norms.batch_norm_inference_backward, (X.T, X, C, C, C), {}, "dy", ["(6, 4)", "(4, 6)"]),
    (norms.batch_norm_inference_backward, (X, X, FIVE, C, C), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.update_running_stats, (FIVE, C, X), {}, "running_mean", ["(5,)", "(6,)"]),
    (norms.update_running_stats, (C, FIVE, X), {}, "running_var", ["(5,)", "(6,)"]),
    (norms.layer_norm, (X, FIVE, C), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.layer_norm, (X, C, FIVE), {}, "beta", ["(5,)", "(6,)"]),
    (norms.layer_norm_backward, (C, X, C), {}, "dy", ["(6,)", "(4, 6)"]),
    (norms.instance_norm, (IMAGES, FIVE, C), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.instance_norm, (IMAGES, C, FIVE), {}, "beta", ["(5,)", "(6,)"]),
    (norms.instance_norm_backward, (X, IMAGES, C), {}, "dy", ["(4, 6)", "(2, 6, 2, 2)"]),
    (norms.group_norm, (IMAGES, FIVE, C, 2), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.group_norm, (IMAGES, C, FIVE, 2), {}, "beta", ["(5,)", "(6,)"]),
    (norms.group_norm, (IMAGES, np.ones(2), C, 2), {}, "gamma", ["(2,)", "(6,)"]),
    (norms.group_norm_backward, (X, IMAGES, C, 2), {}, "dy", ["(4, 6)", "(2, 6, 2, 2)"]),
    (norms.rms_norm, (X, FIVE), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.rms_norm_backward, (X.T, X, C), {}, "dy", ["(6, 4)", "(4, 6)"]),
    (norms.standardize_backward, (X.T, X, C[None], 0), {}, "dx_hat", ["(6, 4)", "(4, 6)"]),
    (norms.standardize_backward, (X, X, C, 0), {}, "inv_std", ["(6,)", "(1, 6)"]),
    (norms.fold_into_linear, (W, FIVE, C, C, C, C), {}, "bias", ["(5,)", "(6,)", "(6, 3)"]),
    (norms.fold_into_linear, (W, None, FIVE, C, C, C), {}, "gamma", ["(5,)", "(6,)"]),
    (norms.fold_into_conv, (K, C, C, FIVE, C, C), {}, "beta", ["(5,)", "(6,)"]),
    (norms.fold_into_conv, (K, C, C, C, FIVE, C), {}, "running_mean", ["(5,)", "(6,)"]),
    (norms.fold_into_conv, (K, C, C, C, C, FIVE), {}, "running_var", ["(5,)", "(6,)"]),
    # nothing, or too little, to take a statistic of
    (norms.batch_norm, (X[:0], C, C), {}, "x", ["(0, 6)", "at least one"]),
    (norms.batch_norm_backward, (X[:0], X[:0], C), {}, "x", ["(0, 6)", "at least one"]),
    (norms.batch_norm_inference, (X[:0], C, C, C, C), {}, "x", ["(0, 6)", "at least one"]),
    (norms.update_running_stats, (C, C, X[:0]), {}, "x", ["(0, 6)", "at least one"]),
    (norms.layer_norm, (X[:0], C, C), {}, "x", ["(0, 6)", "at least one"]),
    (norms.instance_norm, (IMAGES[:0], C, C), {}, "x", ["(0, 6, 2, 2)", "at least one"]),
    (norms.group_norm, (IMAGES[:0], C, C, 2), {}, "x", ["(0, 6, 2, 2)", "at least one"]),
    (norms.rms_norm, (X[:0], C), {}, "x", ["(0, 6)", "at least one"]),
    (norms.standardize, (X[:0], 0), {}, "x", ["(0, 6)", "at least one"]),
    (norms.batch_norm, (X[:1], C, C), {}, "x", ["(1, 6)", "two values", "channel"]),
    (norms.batch_norm, (IMAGES[:1, :, :1, :1], C, C), {}, "x", ["(1, 6, 1, 1)", "two values"]),
    (norms.batch_norm_backward, (X[:1], X[:1], C), {}, "x", ["(1, 6)", "two values"]),
    (norms.update_running_stats, (C, C, X[:1]), {}, "x", ["(1, 6)", "two values"]),
    (norms.instance_norm, (IMAGES[:, :, :1, :1], C, C), {}, "x", ["(2, 6, 1, 1)", "two values"]),
    (norms.adain, (X, IMAGES), {}, "content", ["(4, 6)", "3 axes"]),
    (norms.adain, (IMAGES, X), {}, "style", ["(4, 6)", "3 axes"]),
    (norms.adain, (IMAGES, IMAGES[:1]), {}, "style", ["(1, 6, 2, 2)", "(2, 6, …, …)"]),
    (norms.adain, (IMAGES, IMAGES[:, :5]), {}, "style", ["(2, 5, 2, 2)", "(2, 6, …, …)"]),
    (norms.adain, (IMAGES, IMAGES[..., 0]), {}, "style", ["(2, 6, 2)", "(2, 6, …, …)"]),
    (norms.adain, (IMAGES, IMAGES[:, :, :1, :1]), {}, "style", ["(2, 6, 1, 1)", "two values"]),
    (norms.adain, (IMAGES[..., :0], IMAGES), {}, "content", ["(2, 6, 2, 0)", "at least one"]),
    (norms.weight_standardize, (C,), {}, "weight", ["(6,)", "2 axes"]),
    (norms.weight_standardize, (K[:, :0],), {}, "weight", ["(6, 0, 2, 2)", "at least one"]),
    (norms.weight_standardize, (K[:, :1, :1, :1],), {}, "weight", ["(6, 1, 1, 1)", "two values"]),
    # axes and groups
    (norms.batch_norm, (X, C, C), {"channel_axis": 2}, "channel_axis", ["2", "(4, 6)", "-2 to 1"]),
    (norms.batch_norm, (X, C, C), {"channel_axis": -3}, "channel_axis", ["-3", "(4, 6)"]),
    (norms.batch_norm, (X, C, C), {"channel_axis": 1.0}, "channel_axis", ["1.0", "(4, 6)"]),
    (norms.statistics, (X, 2), {}, "axes", ["2", "(4, 6)", "-2 to 1"]),
    (norms.statistics, (X, (0, -2)), {}, "axes", ["(0, -2)", "(4, 6)", "once"]),
    (norms.standardize, (X, "rows"), {}, "axes", ["'rows'", "(4, 6)"]),
    (norms.standardize, (X, ()), {}, "axes", ["()", "at least one"]),
    (norms.standardize_backward, (X, X, C[None], 5), {}, "axes", ["5", "(4, 6)"]),
    (norms.group_norm, (IMAGES, C, C, 4), {}, "num_groups", ["4", "(2, 6, 2, 2)", "divides"]),
    (norms.group_norm, (IMAGES, C, C, 0), {}, "num_groups", ["0", "divides"]),
    (norms.group_norm, (IMAGES, C, C, -2), {}, "num_groups", ["-2", "divides"]),
    (norms.group_norm, (IMAGES, C, C, 2.0), {}, "num_groups", ["2.0", "whole number"]),
    (norms.group_norm_backward, (IMAGES, IMAGES, C, 5), {}, "num_groups", ["5", "divides"]),
    # numbers
    (norms.update_running_stats, (C, C, X), {"momentum": 1.5}, "momentum", ["1.5", "0 to 1"]),
    (norms.update_running_stats, (C, C, X), {"momentum": None}, "momentum", ["None", "0 to 1"]),
    (norms.update_running_stats, (C, -C, X), {}, "running_var", ["-1.0", "at least 0"]),
    (norms.batch_norm_inference, (X, C, C, C, -C), {}, "running_var", ["-1.0", "at least 0"]),
    (norms.fold_into_linear, (W, None, C, C, C, -C), {}, "running_var", ["-1.0", "at least 0"]),
    # not numbers
    (norms.batch_norm, (X.astype(complex), C, C), {}, "x", ["complex128", "real"]),
    (norms.batch_norm, (X, None, C), {}, "gamma", ["object", "real"]),
    (norms.batch_norm, (X, C, ["a"] * 6), {}, "beta", ["<U1", "real"]),
    (norms.fold_into_linear, (None, None, C, C, C, C), {}, "weight", ["object", "real"]),
]

WITH_EPS = [
    (norms.standardize, (X, 0)),
    (norms.batch_norm, (X, C, C)),
    (norms.batch_norm_backward, (X, X, C)),
    (norms.batch_norm_inference, (X, C, C, C, C)),
    (norms.batch_norm_inference_backward, (X, X, C, C, C)),
    (norms.layer_norm, (X, C, C)),
    (norms.layer_norm_backward, (X, X, C)),
    (norms.instance_norm, (IMAGES, C, C)),
    (norms.instance_norm_backward, (IMAGES, IMAGES, C)),
    (norms.group_norm, (IMAGES, C, C, 2)),
    (norms.group_norm_backward, (IMAGES, IMAGES, C, 2)),
    (norms.rms_norm, (X, C)),
    (norms.rms_norm_backward, (X, X, C)),
    (norms.fold_into_linear, (W, None, C, C, C, C)),
    (norms.fold_into_conv, (K, None, C, C, C, C)),
    (norms.adain, (IMAGES, IMAGES)),
    (norms.weight_standardize, (K,)),
    (norms.masked_batch_norm, (SEQUENCES, LENGTHS, C, C)),
    (norms.masked_batch_norm_backward, (SEQUENCES, SEQUENCES, LENGTHS, C)),
]
WITHOUT_EPS = {"statistics", "standardize_backward", "update_running_stats"}
WITHOUT_EPS |= {"weight_norm", "weight_norm_backward"}
BAD += [
    (function, arguments, {"eps": -1e-5}, "eps", ["-1e-05", "at least 0"]) for function, arguments in WITH_EPS
]
BAD += [
    (norms.batch_norm, (X, C, C), {"eps": eps}, "eps", [repr(eps)]) for eps in (np.nan, np.inf, "small", None)
]


@pytest.mark.parametrize(
    ("function", "arguments", "options", "name", "says"),
    BAD,
    ids=[f"{function.__name__}-{name}-{i}" for i, (function, _, _, name, _) in enumerate(BAD)],
)
def test_a_bad_argument_is_named(function, arguments, options, name, says):
    with pytest.raises(ValueError, match=rf"^{name} (has|is|holds) .*; .*needs") as raised:
        function(*arguments, **options)
    assert [words for words in says if words not in str(raised.value)] == []


def test_every_eps_is_tried():
    assert {function for function, _ in WITH_EPS} == {
        getattr(norms, name) for name in norms.__all__ if name not in WITHOUT_EPS
    }


@pytest.mark.parametrize(("function", "arguments"), WITH_EPS)
def test_good_arguments_of_the_same_table_pass(function, arguments):
    function(*arguments)
    function(*arguments, eps=np.float32(0.5))
