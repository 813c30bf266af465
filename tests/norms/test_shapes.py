"""Every complaint names the argument, says what it was, and says what it needs to be."""

import inspect

import numpy as np
import pytest
import torch

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
    (norms.layer_norm, (3.0, C, C), {}, "x", ["()", "1 axis"]),
    (norms.instance_norm, (X, C, C), {}, "x", ["(4, 6)", "3 axes"]),
    (norms.group_norm, (C, C, C, 2), {}, "x", ["(6,)", "2 axes"]),
    (norms.rms_norm, (3.0, C), {}, "x", ["()", "1 axis"]),
    (norms.statistics, (3.0, 0), {}, "x", ["()", "1 axis"]),
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

@pytest.mark.parametrize(
    ("function", "arguments", "options", "name", "says"),
    BAD,
    ids=[f"{function.__name__}-{name}-{i}" for i, (function, _, _, name, _) in enumerate(BAD)],
)
def test_a_bad_argument_is_named(function, arguments, options, name, says):
    with pytest.raises(ValueError, match=rf"^{name} (has|is|holds) .*; .*needs") as raised:
        function(*arguments, **options)
    assert [words for words in says if words not in str(raised.value)] == []


# Good arguments of every public function, all of them by name.
VECTORS = {"running_mean": C, "running_var": C}
GOOD = {
    "adain": {"content": IMAGES, "style": IMAGES},
    "batch_norm": {"x": X, "gamma": C, "beta": C, "channel_axis": 1},
    "batch_norm_backward": {"dy": X, "x": X, "gamma": C, "channel_axis": 1},
    "batch_norm_inference": {"x": X, "gamma": C, "beta": C, **VECTORS, "channel_axis": 1},
    "batch_norm_inference_backward": {"dy": X, "x": X, "gamma": C, **VECTORS, "channel_axis": 1},
    "fold_into_conv": {"weight": K, "bias": C, "gamma": C, "beta": C, **VECTORS},
    "fold_into_linear": {"weight": W, "bias": C, "gamma": C, "beta": C, **VECTORS},
    "group_norm": {"x": IMAGES, "gamma": C, "beta": C, "num_groups": 2},
    "group_norm_backward": {"dy": IMAGES, "x": IMAGES, "gamma": C, "num_groups": 2},
    "instance_norm": {"x": IMAGES, "gamma": C, "beta": C},
    "instance_norm_backward": {"dy": IMAGES, "x": IMAGES, "gamma": C},
    "layer_norm": {"x": X, "gamma": C, "beta": C},
    "layer_norm_backward": {"dy": X, "x": X, "gamma": C},
    "masked_batch_norm": {"x": SEQUENCES, "lengths": LENGTHS, "gamma": C, "beta": C},
    "masked_batch_norm_backward": {"dy": SEQUENCES, "x": SEQUENCES, "lengths": LENGTHS, "gamma": C},
    "rms_norm": {"x": X, "gamma": C},
    "rms_norm_backward": {"dy": X, "x": X, "gamma": C},
    "standardize": {"x": X, "axes": 0},
    "standardize_backward": {"dx_hat": X, "x_hat": X, "inv_std": C[None], "axes": 0},
    "statistics": {"x": X, "axes": 0},
    "update_running_stats": {**VECTORS, "x": X, "momentum": 0.1, "channel_axis": 1},
    "weight_norm": {"v": W, "g": C},
    "weight_norm_backward": {"dw": W, "v": W, "g": C},
    "weight_standardize": {"weight": K},
}
# What no such argument may be. Whatever is not named here is an array.
NEVER = {
    "eps": [-1e-5, np.nan, np.inf, "0.1", None, 1j, [0.1, 0.1], 10**400],
    "momentum": [-0.1, 1.1, np.nan, "0.1", None, 1j, torch.ones(2)],
    "channel_axis": [4, -5, 1.0, "C", None, (0, 1)],
    "num_groups": [0, -2, 4, 1.5, "2", None],
    "axes": [4, -5, (0, 0), (0, -2), (), 0.5, "rows", None],
    "lengths": [3, [4, 1], [4, 0, 3], [4, 5, 3], [4.0, 1.0, 3.0], [True] * 3, ["a"] * 3, [[1], [1, 2]], None],
}


def never(name, good):
    """Values that `name` may not have, where `good` is one that it may."""
    if name in NEVER:
        return NEVER[name]
    a_gradient = torch.ones(good.shape, requires_grad=True)
    wrong = [good.astype(complex), good.astype(str), good.astype(object), [[1.0], [1.0, 2.0]], a_gradient]
    wrong += [3.0, good[:0], good.astype("datetime64[s]")]
    if name == "running_var":
        wrong.append(-good)
    if name == "v":
        wrong.append(0 * good)
    return wrong if name == "bias" else [*wrong, None]


def all_arguments(function):
    """Its good arguments, `eps` among them where it takes one; every one that it has."""
    taken = inspect.signature(getattr(norms, function)).parameters
    good = GOOD[function] | ({"eps": 0.1} if "eps" in taken else {})
    assert good.keys() == taken.keys()
    return good


@pytest.mark.parametrize("function", norms.__all__)
def test_every_argument_is_refused_by_name_when_it_is_bad(function):
    good = all_arguments(function)
    getattr(norms, function)(**good)
    for name, value in good.items():
        for bad in never(name, value):
            with pytest.raises(ValueError, match=rf"(?s)^{name} (has|is|holds) .*; .*needs"):
                getattr(norms, function)(**good | {name: bad})


@pytest.mark.parametrize("function", norms.__all__)
def test_numbers_and_lists_of_other_types_are_taken(function):
    good = all_arguments(function)
    expected = getattr(norms, function)(**good)
    other = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in good.items()}
    scalars = {"eps": np.float64, "momentum": np.float64, "num_groups": np.int64, "channel_axis": np.int64}
    other |= {name: kind(good[name]) for name, kind in scalars.items() if name in good}
    np.testing.assert_equal(getattr(norms, function)(**other), expected)
