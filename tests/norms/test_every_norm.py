"""What every norm promises: torch's values and gradients, its input's type, its arguments left alone."""

import numpy as np
import pytest
from every_norm import (
    adapted,
    batch,
    directions,
    group,
    inference,
    instance,
    layer,
    masked,
    rms,
    run,
    run_torch,
    standardized,
    weights,
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
CASES["masked (3, 4, 2)"] = masked((3, 4, 2), (1, 2, 4))
CASES |= {f"standardize {shape}": standardized(shape, (0, *range(2, len(shape)))) for shape in RANKS}
CASES |= {f"weight standardize {shape}": weights(shape) for shape in RANKS}
CASES |= {f"weight norm {shape}": directions(shape) for shape in [(4, 3), (3, 1)]}
CASES["adain (2, 3, 4, 5)"] = adapted((2, 3, 4, 5), (6, 2))


@pytest.fixture(params=CASES.values(), ids=list(CASES))
def case(request):
    return request.param


def draw(case, rng, dtype=np.float64):
    """x, dy and the parameters; no axis constant, no parameter 0 or 1."""
    x, dy = rng.normal(2, 3, case.shape), rng.normal(0.5, 1, case.shape)
    fixed = {"mean": lambda size: np.linspace(-1, 2, *size), "var": lambda size: np.linspace(0, 3, *size)}
    parameters = [
        fixed.get(name, lambda size: rng.normal(1, 0.5, size))(size) for name, size in case.parameters.items()
    ]
    return x.astype(dtype), dy.astype(dtype), [parameter.astype(dtype) for parameter in parameters]


def test_values_and_gradients_are_torch_s(case, rng):
    x, dy, parameters = draw(case, rng)
    for ours, theirs in zip(run(case, x, dy, parameters), run_torch(case, x, dy, parameters), strict=True):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_gradients_are_central_differences(case, rng, numerical_gradient):
    if case.backward is None:
        return
    x, dy, parameters = draw(case, rng)
    arguments = [x, *parameters]
    for i, gradient in enumerate(case.backward(dy, x, *parameters)):

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
    found = run(case, x.astype(np.float32), dy, parameters)
    values, gradients = found[:2], found[2:]  # y and dx; what belongs to the parameters
    assert {value.dtype for value in values} == {np.dtype(np.float32)}
    assert {gradient.dtype for gradient in gradients} <= {np.dtype(np.float64)}


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
    found, theirs = run(case, x, dy, parameters)[:2], run_torch(case, x, dy, parameters)[:2]
    assert np.isnan(found[0]).any()
    for ours, same in zip(found, theirs, strict=True):  # y, and dx where there is one
        np.testing.assert_array_equal(np.isnan(ours), np.isnan(same))
