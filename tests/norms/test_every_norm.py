"""What every norm promises: torch's values and gradients, its input's type, its arguments left alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch.nn import functional

from bn_course import norms

EPS = 0.1  # large, so that a misplaced eps shows


@dataclass
class Case:
    """A norm, ours and torch's, both as functions of x and the norm's parameters."""

    shape: tuple
    size: int  # of gamma and of beta
    forward: Callable
    backward: Callable
    torch: Callable
    parameters: int = 2


def batch(shape, axis=1):
    return Case(
        shape,
        shape[axis],
        lambda x, g, b: norms.batch_norm(x, g, b, EPS, axis),
        lambda dy, x, g: norms.batch_norm_backward(dy, x, g, EPS, axis),
        lambda x, g, b: functional.batch_norm(
            x.movedim(axis, 1), None, None, g, b, training=True, eps=EPS
        ).movedim(1, axis),
    )


def inference(shape, axis=1):
    mean = np.linspace(-1, 2, shape[axis])
    var = np.linspace(0, 3, shape[axis])
    running = torch.tensor(mean), torch.tensor(var)
    return Case(
        shape,
        shape[axis],
        lambda x, g, b: norms.batch_norm_inference(x, g, b, mean, var, EPS, axis),
        lambda dy, x, g: norms.batch_norm_inference_backward(dy, x, g, mean, var, EPS, axis),
        lambda x, g, b: functional.batch_norm(x.movedim(axis, 1), *running, g, b, eps=EPS).movedim(1, axis),
    )


def layer(shape):
    return Case(
        shape,
        shape[-1],
        lambda x, g, b: norms.layer_norm(x, g, b, EPS),
        lambda dy, x, g: norms.layer_norm_backward(dy, x, g, EPS),
        lambda x, g, b: functional.layer_norm(x, shape[-1:], g, b, EPS),
    )


def instance(shape):
    return Case(
        shape,
        shape[1],
        lambda x, g, b: norms.instance_norm(x, g, b, EPS),
        lambda dy, x, g: norms.instance_norm_backward(dy, x, g, EPS),
        lambda x, g, b: functional.instance_norm(x, weight=g, bias=b, eps=EPS),
    )


def group(shape, num_groups):
    return Case(
        shape,
        shape[1],
        lambda x, g, b: norms.group_norm(x, g, b, num_groups, EPS),
        lambda dy, x, g: norms.group_norm_backward(dy, x, g, num_groups, EPS),
        lambda x, g, b: functional.group_norm(x, num_groups, g, b, EPS),
    )


def rms(shape):
    return Case(
        shape,
        shape[-1],
        lambda x, g: norms.rms_norm(x, g, EPS),
        lambda dy, x, g: norms.rms_norm_backward(dy, x, g, EPS),
        lambda x, g: functional.rms_norm(x, shape[-1:], g, EPS),
        parameters=1,
    )


RANKS = [(6, 3), (4, 3, 5), (2, 6, 4, 3), (2, 4, 3, 2, 5)]
CASES = {f"batch {shape}": batch(shape) for shape in RANKS}
CASES |= {f"batch (2, 5, 3, 4) axis {axis}": batch((2, 5, 3, 4), axis) for axis in (0, 2, 3, -1, -2)}
CASES |= {f"inference {shape}": inference(shape) for shape in RANKS}
CASES |= {f"inference (2, 5, 3, 4) axis {axis}": inference((2, 5, 3, 4), axis) for axis in (0, -1)}
CASES |= {f"layer {shape}": layer(shape) for shape in [(5,), (3, 1), *RANKS]}
CASES |= {f"instance {shape}": instance(shape) for shape in RANKS[1:]}
CASES |= {f"group {shape} in {n}": group(shape, n) for shape in [(3, 6), *RANKS[2:]] for n in (1, 2)}
CASES["group (2, 6, 4, 3) in 6"] = group((2, 6, 4, 3), 6)
CASES |= {f"rms {shape}": rms(shape) for shape in [(5,), (3, 1), *RANKS]}


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request):
    return request.param


def draw(case, rng, dtype=np.float64):
    """x, dy and the parameters; no axis constant, no parameter 0 or 1."""
    arrays = [rng.normal(2, 3, case.shape), rng.normal(0.5, 1, case.shape)]
    arrays += [rng.normal(1, 0.5, case.size) for _ in range(case.parameters)]
    x, dy, *parameters = (array.astype(dtype) for array in arrays)
    return x, dy, parameters


def run(case, x, dy, parameters):
    """(y, dx, dgamma, …)"""
    return case.forward(x, *parameters), *case.backward(dy, x, parameters[0])


def run_torch(case, x, dy, parameters):
    leaves = [torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in (x, *parameters)]
    y = case.torch(*leaves)
    y.backward(torch.tensor(dy, dtype=torch.float64))
    return [array.detach().numpy() for array in (y, *(leaf.grad for leaf in leaves))]


def test_values_and_gradients_are_torch_s(case, rng):
    x, dy, parameters = draw(case, rng)
    for ours, theirs in zip(run(case, x, dy, parameters), run_torch(case, x, dy, parameters), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_gradients_are_central_differences(case, rng, numerical_gradient):
    x, dy, parameters = draw(case, rng)
    arguments = [x, *parameters]
    for i, gradient in enumerate(case.backward(dy, x, parameters[0])):

        def loss(value, i=i):
            return (dy * case.forward(*arguments[:i], value, *arguments[i + 1 :])).sum()

        np.testing.assert_allclose(gradient, numerical_gradient(loss, arguments[i]), rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float16, 1e-2), (np.float32, 2e-5), (np.float64, 1e-9)])
def test_the_type_of_the_input_comes_back(case, rng, dtype, tolerance):
    x, dy, parameters = draw(case, rng, dtype)
    for ours, theirs in zip(run(case, x, dy, parameters), run_torch(case, x, dy, parameters), strict=True):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=tolerance)


def test_parameters_of_another_type_do_not_change_that_of_x(case, rng):
    x, dy, parameters = draw(case, rng)
    y, dx, *gradients = run(case, x.astype(np.float32), dy, parameters)
    assert y.dtype == dx.dtype == np.float32
    assert {gradient.dtype for gradient in gradients} == {np.dtype(np.float64)}


def test_integers_are_taken_as_float64(case, rng):
    x, dy, parameters = ([*a] if isinstance(a, list) else np.round(4 * a) for a in draw(case, rng))
    parameters = [np.round(4 * p) for p in parameters]
    whole = [a.astype(int) for a in (x, dy)], [p.astype(int) for p in parameters]
    for ours, same in zip(run(case, *whole[0], whole[1]), run(case, x, dy, parameters), strict=True):
        assert ours.dtype == np.float64
        np.testing.assert_array_equal(ours, same)


def test_arguments_are_neither_changed_nor_returned(case, rng):
    x, dy, parameters = draw(case, rng)
    arrays = [x, dy, *parameters]
    before = [array.copy() for array in arrays]
    for array in arrays:
        array.flags.writeable = False
    for result in run(case, x, dy, parameters):
        assert result.flags.writeable
        assert not any(np.shares_memory(result, array) for array in arrays)
    for array, old in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, old)


@pytest.mark.parametrize(
    "laid_out",
    [
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
        lambda a: np.flip(np.flip(a).copy()),
    ],
    ids=["columns", "strided", "reversed"],
)
def test_memory_layout_does_not_show(case, rng, laid_out):
    x, dy, parameters = draw(case, rng)
    expected = run(case, x, dy, parameters)
    found = run(case, laid_out(x), laid_out(dy), [laid_out(p) for p in parameters])
    for ours, same in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours, same, rtol=1e-12, atol=1e-13)


def test_nan_goes_through(case, rng):
    x, dy, parameters = draw(case, rng)
    x.flat[-1] = np.nan
    y, dx, *_ = run(case, x, dy, parameters)
    theirs = run_torch(case, x, dy, parameters)
    assert np.isnan(y).any()
    np.testing.assert_array_equal(np.isnan(y), np.isnan(theirs[0]))
    np.testing.assert_array_equal(np.isnan(dx), np.isnan(theirs[1]))
