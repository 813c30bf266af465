"""Keras, on its PyTorch backend: its conventions, and its own tests of values run on our norms.

Keras differs from the course, and from PyTorch, in what lesson 04 says: momentum weighs the old value, the
moving variance takes the batch's ÷ M, ε is 10⁻³, and the channels are the last axis.
"""

import importlib
import inspect
import unittest
from collections import Counter
from functools import wraps

import numpy as np
import pytest
import torch

from bn_course import norms


@pytest.fixture(scope="module", autouse=True)
def keras(tmp_path_factory):
    """Keras reads its backend when it is imported, and writes its settings into a folder of ours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KERAS_BACKEND", "torch")
        patch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))
        yield importlib.import_module("keras")


@pytest.fixture
def rng():
    return np.random.default_rng(3)


def drawn(layer, shape, rng):
    """The layer, built, with numbers that show in place of a fresh one's 1 and 0."""
    layer.build(shape)
    for variable in layer.variables:
        variable.value.data.copy_(torch.tensor(rng.uniform(0.5, 2, tuple(variable.shape))))
    return layer


def vectors(layer, *names):
    return [getattr(layer, name).value.detach().numpy().copy() for name in names]


def run(layer, x, dy, **options):
    """(y, dx, dgamma, …) of a Keras layer; it computes in float32."""
    leaf = torch.tensor(x, dtype=torch.float32, requires_grad=True)
    y = layer(leaf, **options)
    y.backward(torch.from_numpy(dy).float())
    learned = [variable.value.grad for variable in layer.trainable_variables]
    return [array.detach().numpy() for array in (y, leaf.grad, *learned)]


def assert_same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.reshape(b.shape), b, rtol=2e-5, atol=2e-5)


SHAPES = [(6, 3), (4, 5, 3), (2, 3, 4, 5), (2, 3, 2, 4, 3)]


def test_the_defaults_are_those_of_lesson_04(keras, count):
    def defaults(name, *wanted):
        parameters = inspect.signature(getattr(keras.layers, name)).parameters
        return tuple(parameters[parameter].default for parameter in wanted)

    assert defaults("BatchNormalization", "momentum", "epsilon", "axis") == (0.99, 1e-3, -1)
    assert defaults("LayerNormalization", "epsilon", "axis") == (1e-3, -1)
    assert defaults("GroupNormalization", "groups", "epsilon", "axis") == (32, 1e-3, -1)
    assert defaults("RMSNormalization", "epsilon", "axis") == (1e-6, -1)
    count("Keras, conventions")


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batch_norm_trains_with_the_batch_and_keeps_the_population_s_variance(keras, rng, shape, axis, count):
    layer = drawn(keras.layers.BatchNormalization(axis=axis), shape, rng)
    gamma, beta, mean, var = vectors(layer, "gamma", "beta", "moving_mean", "moving_variance")
    x, dy = rng.normal(2, 3, shape), rng.normal(size=shape)
    theirs = run(layer, x, dy, training=True)
    ours = norms.batch_norm(x, gamma, beta, 1e-3, axis), *norms.batch_norm_backward(dy, x, gamma, 1e-3, axis)
    assert_same(ours, theirs)
    # Momentum 0.99 is the weight of the old value, so ours is 0.01; and ours has the sample variance in it.
    new_mean, new_var = norms.update_running_stats(mean, var, x, momentum=1 - 0.99, channel_axis=axis)
    m = x.size // shape[axis]
    of_the_population = 0.99 * var + (new_var - 0.99 * var) * (m - 1) / m
    assert_same((new_mean, of_the_population), vectors(layer, "moving_mean", "moving_variance"))
    assert not np.allclose(new_var, of_the_population, rtol=1e-4)
    count("Keras, conventions")


@pytest.mark.parametrize("axis", [-1, 1])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_batch_norm_without_training_is_ours_at_inference(keras, rng, shape, axis, count):
    layer = drawn(keras.layers.BatchNormalization(axis=axis), shape, rng)
    gamma, beta, *moving = vectors(layer, "gamma", "beta", "moving_mean", "moving_variance")
    x, dy = rng.normal(2, 3, shape), rng.normal(size=shape)
    y = norms.batch_norm_inference(x, gamma, beta, *moving, 1e-3, axis)
    gradients = norms.batch_norm_inference_backward(dy, x, gamma, *moving, 1e-3, axis)
    assert_same((y, *gradients), run(layer, x, dy))  # `training` is off unless it is given
    assert_same(moving, vectors(layer, "moving_mean", "moving_variance"))
    layer.trainable = False  # which also sends it into inference, whatever `training` says
    assert_same([y], [layer(x, training=True).detach()])
    count("Keras, conventions")


def test_a_mask_takes_padding_out_of_the_statistics(keras, rng, count):
    x, lengths = rng.normal(2, 3, (4, 5, 3)), np.array([5, 1, 3, 2])
    layer = drawn(keras.layers.BatchNormalization(), x.shape, rng)
    valid = np.arange(5) < lengths[:, None]
    y = layer(x, training=True, mask=torch.from_numpy(valid)).detach().numpy()
    ours = norms.masked_batch_norm(x, lengths, *vectors(layer, "gamma", "beta"), 1e-3)
    assert_same([ours[valid]], [y[valid]])
    count("Keras, conventions")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_layer_norm(keras, rng, shape, count):
    layer = drawn(keras.layers.LayerNormalization(), shape, rng)
    gamma, beta = vectors(layer, "gamma", "beta")
    x, dy = rng.normal(2, 3, shape), rng.normal(size=shape)
    ours = norms.layer_norm(x, gamma, beta, 1e-3), *norms.layer_norm_backward(dy, x, gamma, 1e-3)
    assert_same(ours, run(layer, x, dy))
    count("Keras, conventions")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_rms_norm(keras, rng, shape, count):
    layer = drawn(keras.layers.RMSNormalization(), shape, rng)
    (gamma,) = vectors(layer, "scale")
    x, dy = rng.normal(2, 3, shape), rng.normal(size=shape)
    assert_same((norms.rms_norm(x, gamma), *norms.rms_norm_backward(dy, x, gamma)), run(layer, x, dy))
    count("Keras, conventions")


@pytest.mark.parametrize("groups", [1, 2, -1])
@pytest.mark.parametrize("shape", [(3, 5, 4), (2, 3, 5, 4)], ids=str)
def test_group_norm_has_its_channels_last_and_minus_1_for_a_group_each(keras, rng, shape, groups, count):
    layer = drawn(keras.layers.GroupNormalization(groups), shape, rng)
    gamma, beta = vectors(layer, "gamma", "beta")
    x, dy = rng.normal(2, 3, shape), rng.normal(size=shape)
    first, dfirst = (np.moveaxis(a, -1, 1) for a in (x, dy))
    num_groups = 4 if groups == -1 else groups
    y = norms.group_norm(first, gamma, beta, num_groups, 1e-3)
    dx, *learned = norms.group_norm_backward(dfirst, first, gamma, num_groups, 1e-3)
    assert_same((np.moveaxis(y, 1, -1), np.moveaxis(dx, 1, -1), *learned), run(layer, x, dy))
    count("Keras, conventions")


@pytest.mark.parametrize("shape", [(6, 3), (4, 5, 3)], ids=str)
def test_unit_normalization_is_weight_norm_with_every_length_1(keras, rng, shape, count):
    x, dy = rng.normal(size=shape), rng.normal(size=shape)
    rows, drows, ones = x.reshape(-1, 3), dy.reshape(-1, 3), np.ones(x.size // 3)
    ours = norms.weight_norm(rows, ones), norms.weight_norm_backward(drows, rows, ones)[0]
    theirs = run(keras.layers.UnitNormalization(), x, dy)
    assert_same(ours, theirs)
    count("Keras, conventions")


# --- Keras' own tests, with our norms put in the place of what its layers compute -------------------

OWN = {  # a test of Keras that is about values, and how many sets of parameters it has
    "batch": {"test_correctness": 16, "test_masked_broadcast_normalization": 1},
    "layer": {"test_correctness": 1, "test_output": 1, "test_unsorted_axis": 1},
    "rms": {"test_correctness": 1, "test_output": 1, "test_unsorted_axis": 1},
    "group": {
        "test_broadcasting_2d_channels_first": 1,
        "test_correctness_1d": 1,
        "test_correctness_2d": 1,
        "test_correctness_instance_norm": 1,
        "test_groups_instance_norm": 1,
        "test_mixed_precision_large_input_no_nan": 1,
    },
}
LEFT_OUT = {  # the first pattern that is found in the test's name gives the reason
    "renorm": "batch renormalisation",
    "masked": "about a mask in training, as part of a model",
    "rms_scaling": "Keras' own scaling by the deviation, deprecated",
    "": "about the layer as an object: arguments, weights, saving",
}


def numpy_of(*variables):
    """Variables and tensors as arrays, None as it is."""
    values = (getattr(v, "value", v) for v in variables)
    return [None if v is None else v.detach().numpy() for v in values]


def affine_of(layer, size, scale="gamma", shift="beta"):
    gamma, beta = numpy_of(getattr(layer, scale, None), getattr(layer, shift, None))
    return (
        np.ones(size, np.float32) if gamma is None else gamma.ravel(),
        np.zeros(size, np.float32) if beta is None else beta.ravel(),
    )


def batch_call(layer, inputs, training=None, mask=None):
    (x,) = numpy_of(inputs.float())
    axis, size = layer.axis, x.shape[layer.axis]
    gamma, beta = affine_of(layer, size)
    mean, var = numpy_of(layer.moving_mean, layer.moving_variance)
    if not training or not layer.trainable:
        return torch.tensor(norms.batch_norm_inference(x, gamma, beta, mean, var, layer.epsilon, axis))
    valid = np.ones(x.shape, bool)
    if mask is not None:
        valid &= mask.detach().numpy().astype(bool)[..., None]
    y = np.zeros_like(x)
    new_mean, new_var = mean.copy(), var.copy()
    for c in range(size):  # a mask can leave each channel other values
        here = np.moveaxis(np.zeros(x.shape, bool), axis, 0)
        here[c] = np.moveaxis(valid, axis, 0)[c]
        here = np.moveaxis(here, 0, axis)
        values = x[here][:, None]
        if len(values) < 2:
            continue
        one = slice(c, c + 1)
        y[here] = norms.batch_norm(values, gamma[one], beta[one], layer.epsilon)[:, 0]
        new_mean[one], sample = norms.update_running_stats(mean[one], var[one], values, 1 - layer.momentum)
        old, m = layer.momentum * var[one], len(values)
        new_var[one] = old + (sample - old) * (m - 1) / m
    layer.moving_mean.assign(torch.tensor(new_mean))
    layer.moving_variance.assign(torch.tensor(new_var))
    return torch.tensor(y)


def rows_of(layer, inputs):
    """x with the axes of the layer, which are the last ones, as one."""
    (x,) = numpy_of(inputs)
    axes = layer.axis if isinstance(layer.axis, list) else [layer.axis]
    assert sorted(axis % x.ndim for axis in axes) == list(range(x.ndim - len(axes), x.ndim))
    return x.reshape(*x.shape[: x.ndim - len(axes)], -1)


def layer_call(layer, inputs):
    rows = rows_of(layer, inputs)
    y = norms.layer_norm(rows, *affine_of(layer, rows.shape[-1]), layer.epsilon)
    return torch.tensor(y.reshape(inputs.shape))


def rms_call(layer, inputs):
    rows = rows_of(layer, inputs)
    gamma, _ = affine_of(layer, rows.shape[-1], scale="scale")
    return torch.tensor(norms.rms_norm(rows, gamma, layer.epsilon).reshape(inputs.shape))


def group_call(layer, inputs):
    (x,) = numpy_of(inputs)
    first = np.moveaxis(x, layer.axis, 1)
    y = norms.group_norm(first, *affine_of(layer, first.shape[1]), layer.groups, layer.epsilon)
    return torch.tensor(np.moveaxis(y, 1, layer.axis))


CALLS = {"batch": batch_call, "layer": layer_call, "rms": rms_call, "group": group_call}


def own_tests(kind):
    """Keras' class of tests of this layer, the names of its tests, and for each what it is called in OWN."""
    module = importlib.import_module(f"keras.src.layers.normalization.{kind}_normalization_test")
    names = {"rms": "RMS"}.get(kind, kind.capitalize())
    case = getattr(module, f"{names}NormalizationTest")
    return case, {name: name.rstrip("0123456789") for name in unittest.TestLoader().getTestCaseNames(case)}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras 3.15 on NumPy 2
@pytest.mark.parametrize("kind", OWN)
def test_keras_own_tests(keras, kind, monkeypatch, count):
    case, names = own_tests(kind)
    norm = getattr(keras.layers, case.__name__.removesuffix("Test"))
    calls = []

    @wraps(CALLS[kind])  # Keras looks whether `call` takes `training` and `mask`
    def call(*arguments, **options):
        calls.append(kind)
        return CALLS[kind](*arguments, **options)

    monkeypatch.setattr(norm, "call", call)
    ran = Counter()
    for name, wanted in names.items():
        if wanted in OWN[kind]:
            calls.clear()
            case(name).debug()
            assert calls, f"{name} does not ask our norm"
            ran[wanted] += 1
            count(f"Keras, its tests of {kind} norm")
        else:
            reason = next(said for pattern, said in LEFT_OUT.items() if pattern in name)
            count(f"Keras, its tests of {kind} norm", reason)
    assert ran == OWN[kind]
    assert len(names) == {"batch": 33, "layer": 7, "rms": 4, "group": 12}[kind]
