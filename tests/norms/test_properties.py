"""What holds of every norm at any shape, type, axis, scale and memory layout, on cases that Hypothesis draws.

How near to the exact value is near enough? Let u be the rounding of the type that is computed in,
s = √(σ² + ε) and κ = max|x|/s over a set of M values that share a statistic. Rounding μ alone puts x − μ off
by u·max|x|, so x̂ by u·κ, whatever the algorithm: at a mean of 10⁴ deviations float32 has three digits left,
and no norm can have more. Adding up costs u for each addition in that type: M in float64, and in float32 no
more than 256, after which the sums go on in float64. Everything else is made of x̂. `tolerances` are these
bounds.
"""

from functools import partial

import numpy as np
import pytest
import torch
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
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights, fuse_linear_bn_weights

from bn_course import norms

# --- what is drawn -----------------------------------------------------------------------------

SIZES = st.integers(1, 4)
SEEDS = st.integers(0, 2**32 - 1)
EPS = st.sampled_from([0.0, 1e-12, 1e-5, 1e-3, 0.1])


@st.composite
def shapes(draw, least=2, most=5):
    """Mostly small; now and then an axis is long, since sums of 16 384 and more are added another way."""
    shape = draw(st.lists(SIZES, min_size=least, max_size=most))
    if draw(st.integers(0, 19)) == 19:
        shape[draw(st.integers(0, len(shape) - 1))] = draw(st.integers(2000, 9000))
    return tuple(shape)


def with_channel_axis(enough=1):
    """(shape, channel axis), each channel with at least `enough` values."""
    drawn = shapes().flatmap(lambda s: st.tuples(st.just(s), st.integers(-len(s), len(s) - 1)))
    return drawn.filter(lambda d: np.prod(d[0]) >= enough * d[0][d[1]])


def spatial(shape):
    return np.prod(shape[2:]) > 1


@st.composite
def in_groups(draw):
    number, channels = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    first, *rest = draw(shapes(1, 4))
    return partial(group, (first, number * channels, *rest), number)


@st.composite
def sequences(draw):
    shape = draw(st.tuples(SIZES, SIZES, SIZES))
    lengths = draw(st.lists(st.integers(1, shape[1]), min_size=shape[0], max_size=shape[0]))
    assume(sum(lengths) > 1)
    return partial(masked, shape, lengths)


@st.composite
def over_axes(draw):
    shape = draw(shapes(1))
    axes = draw(st.sets(st.integers(0, len(shape) - 1), min_size=1))
    return partial(standardized, shape, tuple(sorted(axes)))


@st.composite
def styled(draw):
    shape = draw(shapes(3).filter(spatial))
    rank = len(shape) - 2
    style = draw(st.lists(SIZES, min_size=rank, max_size=rank).filter(lambda sizes: np.prod(sizes) > 1))
    return partial(adapted, shape, tuple(style))


# For each norm a strategy of functions from eps to a Case.
NORMS = {
    "batch": with_channel_axis(enough=2).map(lambda drawn: partial(batch, *drawn)),
    "inference": with_channel_axis().map(lambda drawn: partial(inference, *drawn)),
    "layer": shapes(1).map(lambda shape: partial(layer, shape)),
    "instance": shapes(3).filter(spatial).map(lambda shape: partial(instance, shape)),
    "group": in_groups(),
    "rms": shapes(1).map(lambda shape: partial(rms, shape)),
    "masked": sequences(),
    "standardize": over_axes(),
    "weight_standardize": shapes()
    .filter(lambda shape: np.prod(shape[1:]) > 1)
    .map(lambda shape: partial(weights, shape)),
    "weight_norm": st.tuples(SIZES, SIZES).map(lambda shape: partial(directions, shape)),
    "adain": styled(),
}
# Those whose statistics come from x and whose output is made of x alone.
PLAIN = [name for name in NORMS if name not in ("inference", "adain")]

# Powers of ten of x's deviation, and of its mean in deviations, that the type has room for.
SCALES = {"float16": (-2, 2), "float32": (-6, 6), "float64": (-6, 6)}
OFFSETS = {"float16": [0, 1], "float32": [0, 1, -100], "float64": [0, 1, -100, 1e5]}

LAYOUTS = {
    "C": np.ascontiguousarray,
    "Fortran": np.asfortranarray,
    "every second": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "reversed": lambda a: np.flip(np.flip(a).copy()),
    "first axis last": lambda a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 0, -1)), -1, 0),
}


def numbers(rng, kind, shape):
    if kind == "few values":
        return rng.integers(-1, 2, shape).astype(float)
    x = rng.standard_normal(shape)
    if kind == "one far away":
        x.flat[rng.integers(x.size)] *= 100
    return x


@st.composite
def examples(draw, name):
    """(case, x, dy, parameters): each of a type and in a layout of its own, none of them writeable."""
    case = draw(NORMS[name])(eps=draw(EPS))
    dtype = draw(st.sampled_from(list(SCALES)))
    scale, offset = 10.0 ** draw(st.integers(*SCALES[dtype])), draw(st.sampled_from(OFFSETS[dtype]))
    kind = draw(st.sampled_from(["normal", "few values", "one far away"]))
    rng = np.random.default_rng(draw(SEEDS))
    x, dy = scale * (numbers(rng, kind, case.shape) + offset), rng.standard_normal(case.shape)
    parameters = {parameter: rng.normal(0.5, 1, shape) for parameter, shape in case.parameters.items()}
    if "var" in parameters:
        parameters["var"] **= 2
    x = laid_out(draw, x, dtype)
    dy, *parameters = (
        laid_out(draw, array, draw(st.sampled_from([dtype, *SCALES]))) for array in (dy, *parameters.values())
    )
    assume((deviations(case, x, parameters) > 0).all())  # eps = 0 and equal values are 0/0
    return case, x, dy, parameters


def laid_out(draw, array, dtype):
    array = LAYOUTS[draw(st.sampled_from(list(LAYOUTS)))](array.astype(dtype))
    array.flags.writeable = False
    return array


# --- how near is near enough ---------------------------------------------------------------------


def deviations(case, x, parameters):
    """s of each set: √(σ² + ε); without centring √(mean(x²) + ε); for weight norm ‖v‖."""
    if case.inv_std:
        with np.errstate(divide="ignore"):
            return 1 / case.inv_std(*(p.astype(np.float64) for p in parameters))
    values = case.sets(x.astype(np.float64))
    if "weight_norm" in case.functions:
        return np.sqrt(np.square(values).sum(axis=1))
    squares = values.var(axis=1) if case.centred else np.square(values).mean(axis=1)
    return np.sqrt(squares + case.eps)


def tolerances(case, x, dy, parameters):
    """How far y, dx, and the gradient of each parameter may be from the exact ones; κu."""
    named = dict(zip(case.parameters, parameters, strict=True))
    computed = [np.result_type(array, np.float32) for array in (x, named.get("style", x))]
    u = max(np.finfo(dtype).eps for dtype in computed)
    s = deviations(case, x, parameters)
    values = case.sets(x.astype(np.float64))
    largest = np.abs(values).max(axis=1)
    if "mean" in named:
        largest = np.maximum(largest, np.abs(named["mean"].astype(np.float64)))
    m = values.shape[1]
    kappa = (largest / s).max()
    x_hat = 1 + (kappa if case.inv_std else min(kappa, np.sqrt(m)))
    additions = m if x.dtype == np.float64 else min(m, 256)
    error = (8 + additions / 4) * u * (1 + kappa) * x_hat
    biggest = max([1.0, *(np.abs(p).max() for p in parameters)])
    dy_size = np.abs(dy).max()
    dx = error * x_hat * biggest * dy_size / s.min()
    learned = [error * dy_size * x.size / p.size for p in parameters]
    return [error * biggest, dx, *learned], kappa * u


def assert_near(ours, exact, atol):
    kind = np.finfo(ours.dtype)
    np.testing.assert_allclose(
        ours.astype(np.float64), exact, rtol=4 * kind.eps, atol=atol + kind.smallest_subnormal
    )


# --- every norm ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NORMS)
@given(data=st.data())
def test_values_and_gradients_are_torch_s_in_float64(name, data):
    case, x, dy, parameters = data.draw(examples(name))
    arrays = [x, dy, *parameters]
    before = [array.tobytes() for array in arrays]
    exact = run_torch(case, x, dy, parameters)
    limits, digits_lost = tolerances(case, x, dy, parameters)
    kinds = [x.dtype, x.dtype, *(parameters[0].dtype for _ in parameters)]  # dβ too is of γ's type
    # Where κu is 1 % nothing is promised, nor where a result is too large for its type.
    fits = (np.abs(a).max() < np.finfo(kind).max / 2 for a, kind in zip(exact, kinds, strict=False))
    assume(digits_lost < 0.01 and all(fits))
    found = run(case, x, dy, parameters)
    for ours, same, limit, kind in zip(found, exact, limits, kinds, strict=False):
        assert (ours.shape, ours.dtype) == (same.shape, kind)
        assert ours.flags.writeable
        assert not any(np.shares_memory(ours, array) for array in arrays)
        assert_near(ours, same, limit)
    assert [array.tobytes() for array in arrays] == before


def plain(data, name):
    """A float64 case of one scale with γ = 1 and β = 0, x, dy, and the indices of each set's values in x."""
    case = data.draw(NORMS[name])(eps=data.draw(st.sampled_from([1e-3, 0.1])))
    rng = np.random.default_rng(data.draw(SEEDS))
    x, dy = rng.standard_normal(case.shape), rng.standard_normal(case.shape)
    ones_and_zeros = [np.full(shape, float(name == "gamma")) for name, shape in case.parameters.items()]
    return case, x, dy, ones_and_zeros, case.sets(np.arange(x.size).reshape(x.shape))


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
def test_every_set_leaves_standardised_and_its_gradient_along_1_and_x_hat_is_gone(name, data):
    case, x, dy, parameters, sets = plain(data, name)
    y, *gradients = run(case, x, dy, parameters)
    s = deviations(case, x, parameters)
    if "weight_norm" in case.functions:
        np.testing.assert_allclose(np.square(y.flat[sets]).sum(axis=1), 1)
    else:  # the mean square is what eps leaves of 1
        np.testing.assert_allclose(np.square(y.flat[sets]).mean(axis=1), 1 - case.eps / s**2, atol=1e-12)
    if case.centred:
        np.testing.assert_allclose(y.flat[sets].mean(axis=1), 0, atol=1e-12)
    if gradients:
        dx, dy, x_hat = (a.flat[sets] for a in (gradients[0], dy, y))
        size = 1e-12 * np.abs(dy).sum() / s
        if case.centred:
            assert (np.abs(dx.sum(axis=1)) <= size).all()
        along = (dy * x_hat).sum(axis=1) * case.eps / s**3
        assert (np.abs((dx * x_hat).sum(axis=1) - along) <= size).all()


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
def test_what_a_norm_does_not_see(name, data):
    """Its set's shift and scale, the order of the values in it, and all other sets."""
    case, x, dy, parameters, sets = plain(data, name)
    y, *gradients = run(case, x, dy, parameters)

    def again(change, dy=dy):
        """(y, dx) of x after `change`, set by set, and whatever is in no set replaced by 7."""
        other = np.full_like(x, 7.0)
        other.flat[sets] = change(x.flat[sets])
        found = run(case, other, dy, parameters)
        return [a.flat[sets] for a in found[:2]]

    before = [a.flat[sets] for a in (y, *gradients[:1])]
    if case.centred:
        shift = np.linspace(-5, 5, len(sets))[:, None]
        for ours, same in zip(again(lambda values: values + shift), before, strict=True):
            np.testing.assert_allclose(ours, same, atol=1e-10)

    order = np.random.default_rng(0).permutation(sets.shape[1])
    shuffled = np.zeros_like(dy)
    shuffled.flat[sets] = dy.flat[sets][:, order]
    for ours, same in zip(again(lambda values: values[:, order], shuffled), before, strict=True):
        np.testing.assert_allclose(ours, same[:, order], atol=1e-12)

    def only_the_first(values):
        return np.concatenate([values[:1], 3 * values[1:] - 1])

    for ours, same in zip(again(only_the_first), before, strict=True):
        np.testing.assert_allclose(ours[0], same[0], atol=1e-12)


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data(), power=st.integers(-20, 20))
def test_a_power_of_two_and_its_square_in_eps_change_no_bit_of_y(name, data, power):
    make = data.draw(NORMS[name])
    rng = np.random.default_rng(data.draw(SEEDS))
    one, other = make(eps=1e-3), make(eps=1e-3 * 4.0**power)
    x, dy = rng.standard_normal(one.shape), rng.standard_normal(one.shape)
    parameters = [rng.standard_normal(shape) for shape in one.parameters.values()]
    y, *gradients = run(one, x, dy, parameters)
    same_y, *same = run(other, x * 2.0**power, dy, parameters)
    np.testing.assert_array_equal(same_y, y)
    if gradients:
        np.testing.assert_array_equal(same[0] * 2.0**power, gradients[0])
        for ours, theirs in zip(same[1:], gradients[1:], strict=True):
            np.testing.assert_array_equal(ours, theirs)


# --- norms that are one another ------------------------------------------------------------------


def assert_same(ours, theirs):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


def draw_arrays(seed, shape, size):
    """x, dy, γ and β."""
    rng = np.random.default_rng(seed)
    return rng.normal(2, 3, shape), *map(rng.standard_normal, (shape, size, size))


@given(shape=shapes(), seed=SEEDS)
def test_one_group_is_layer_norm_of_the_whole_example(shape, seed):
    x, dy, gamma, beta = draw_arrays(seed, shape, shape[1])
    flat = (shape[0], -1)
    gammas, betas = (np.repeat(p, np.prod(shape[2:], dtype=int)) for p in (gamma, beta))
    y = norms.layer_norm(x.reshape(flat), gammas, betas)
    dx, dgammas, dbetas = norms.layer_norm_backward(dy.reshape(flat), x.reshape(flat), gammas)
    learned = (p.reshape(shape[1], -1).sum(axis=1) for p in (dgammas, dbetas))
    ours = norms.group_norm(x, gamma, beta, 1), *norms.group_norm_backward(dy, x, gamma, 1)
    assert_same(ours, (y.reshape(shape), dx.reshape(shape), *learned))


@given(shape=shapes(3).filter(spatial), seed=SEEDS)
def test_a_group_a_channel_is_instance_norm_and_that_of_one_example_is_batch_norm(shape, seed):
    x, dy, gamma, beta = draw_arrays(seed, shape, shape[1])
    instance = norms.instance_norm(x, gamma, beta), *norms.instance_norm_backward(dy, x, gamma)
    grouped = norms.group_norm(x, gamma, beta, shape[1]), *norms.group_norm_backward(dy, x, gamma, shape[1])
    assert_same(grouped, instance)
    alone = [norms.batch_norm(x[i : i + 1], gamma, beta)[0] for i in range(len(x))]
    assert_same([instance[0]], [np.stack(alone)])


@given(shape=shapes(2, 2).filter(lambda shape: shape[1] > 1), seed=SEEDS)
def test_layer_norm_is_batch_norm_of_the_transpose(shape, seed):
    x, dy, *_ = draw_arrays(seed, shape, 1)
    ones, others = np.ones(shape[1]), np.ones(shape[0])
    y, (dx, *_) = norms.layer_norm(x, ones, 0 * ones), norms.layer_norm_backward(dy, x, ones)
    turned_y, (turned_dx, *_) = (
        norms.batch_norm(x.T, others, 0 * others),
        norms.batch_norm_backward(dy.T, x.T, others),
    )
    assert_same((turned_y.T, turned_dx.T), (y, dx))


@given(shape=shapes(1), seed=SEEDS)
def test_rms_norm_of_centred_rows_is_layer_norm_without_beta(shape, seed):
    x, dy, gamma, _ = draw_arrays(seed, shape, shape[-1])
    centred = x - x.mean(axis=-1, keepdims=True)
    dx, dgamma = norms.rms_norm_backward(dy, centred, gamma, 1e-5)
    through = dx - dx.mean(axis=-1, keepdims=True)  # the gradient of the centring
    y = norms.layer_norm(x, gamma, np.zeros_like(gamma))
    theirs = norms.layer_norm_backward(dy, x, gamma)
    assert_same((norms.rms_norm(centred, gamma, 1e-5), through, dgamma), (y, *theirs[:2]))


@given(data=st.data(), seed=SEEDS)
def test_masked_batch_norm_is_batch_norm_of_the_valid_steps_whatever_the_padding(data, seed):
    make = data.draw(sequences())
    shape, lengths = make.args
    x, dy, gamma, beta = draw_arrays(seed, shape, shape[-1])
    valid = np.arange(shape[1]) < np.array(lengths)[:, None]
    x[~valid], dy[~valid] = np.nan, np.nan
    y = norms.masked_batch_norm(x, lengths, gamma, beta)
    dx, *learned = norms.masked_batch_norm_backward(dy, x, lengths, gamma)
    assert (y[~valid] == 0).all()
    assert (dx[~valid] == 0).all()
    theirs = norms.batch_norm(x[valid], gamma, beta), *norms.batch_norm_backward(dy[valid], x[valid], gamma)
    assert_same((y[valid], dx[valid], *learned), theirs)


@given(drawn=with_channel_axis(enough=2), seed=SEEDS)
def test_inference_with_the_batch_s_own_statistics_is_training(drawn, seed):
    shape, axis = drawn
    x, _, gamma, beta = draw_arrays(seed, shape, shape[axis])
    others = [i for i in range(x.ndim) if i != axis % x.ndim]
    mean, var = (s.ravel() for s in norms.statistics(x, others))
    y = norms.batch_norm_inference(x, gamma, beta, mean, var, channel_axis=axis)
    assert_same([y], [norms.batch_norm(x, gamma, beta, channel_axis=axis)])
    # momentum 1 keeps the batch's statistics, ÷ (M − 1)
    m = x.size / shape[axis]
    new = norms.update_running_stats(beta, gamma**2, x, momentum=1, channel_axis=axis)
    assert_same(new, (mean, var * m / (m - 1)))


@given(data=st.data())
def test_a_style_of_its_own_changes_nothing(data):
    case = data.draw(styled())(eps=0.1)
    x = np.random.default_rng(data.draw(SEEDS)).normal(2, 3, case.shape)
    assert_same([norms.adain(x, x, 0.1)], [x])


# --- statistics, running statistics and folding ------------------------------------------------------


def tensors(*arrays):
    return [torch.tensor(np.array(array, np.float64, order="C")) for array in arrays]


@given(data=st.data(), drawn=with_channel_axis(enough=2), momentum=st.sampled_from([0.0, 0.01, 0.1, 1.0]))
def test_statistics_and_running_statistics_are_torch_s(data, drawn, momentum):
    shape, axis = drawn
    dtype = data.draw(st.sampled_from(list(SCALES)))
    rng = np.random.default_rng(data.draw(SEEDS))
    scale = 10.0 ** data.draw(st.integers(*SCALES[dtype]))
    x = laid_out(data.draw, scale * rng.standard_normal(shape), dtype)
    running = [
        laid_out(data.draw, scale * rng.standard_normal(shape[axis]), dtype),
        laid_out(data.draw, np.square(scale * rng.standard_normal(shape[axis])), dtype),
    ]
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    exact = tensors(x, *running)
    var, mean = torch.var_mean(exact[0], others, correction=0, keepdim=True)
    found = norms.statistics(x, others)
    work = np.finfo(found[0].dtype)
    assert {s.dtype for s in found} == {np.result_type(dtype, np.float32)}
    largest = np.abs(x.astype(np.float64)).max()
    np.testing.assert_allclose(found[0], mean, rtol=8 * work.eps, atol=8 * work.eps * largest)
    np.testing.assert_allclose(found[1], var, rtol=1e3 * work.eps, atol=(8 * work.eps * largest) ** 2)
    functional.batch_norm(exact[0].movedim(axis, 1), *exact[1:], training=True, momentum=momentum)
    kind = np.finfo(dtype)
    for ours, theirs in zip(norms.update_running_stats(*running, x, momentum, axis), exact[1:], strict=True):
        assert ours.dtype == dtype
        biggest = float(theirs.abs().max()) + largest
        np.testing.assert_allclose(
            ours, theirs, rtol=1e3 * kind.eps, atol=8 * kind.eps * biggest + kind.smallest_subnormal
        )


@given(data=st.data(), shape=st.one_of(shapes(2, 2), shapes(4, 4)), eps=EPS, with_bias=st.booleans())
def test_folding_is_torch_s(data, shape, eps, with_bias):
    rng, dtype = np.random.default_rng(data.draw(SEEDS)), data.draw(st.sampled_from(list(SCALES)))
    weight = laid_out(data.draw, rng.standard_normal(shape), dtype)
    bias, gamma, beta, mean = (laid_out(data.draw, rng.standard_normal(shape[0]), dtype) for _ in range(4))
    var = laid_out(data.draw, rng.uniform(0.01, 2, shape[0]), dtype)
    ours = norms.fold_into_linear if len(shape) == 2 else norms.fold_into_conv
    theirs = fuse_linear_bn_weights if len(shape) == 2 else fuse_conv_bn_weights
    w, b, g, be, m, v = tensors(weight, bias, gamma, beta, mean, var)
    exact = theirs(w, b if with_bias else None, m, v, eps, g, be)
    found = ours(weight, bias if with_bias else None, gamma, beta, mean, var, eps)
    kind = np.finfo(dtype)
    biggest = 1 + 10 * max(np.abs(a).max() for a in (gamma, beta, bias, mean)) ** 2  # 1/σ is at most 10
    for a, same in zip(found, exact, strict=True):
        assert a.dtype == dtype
        np.testing.assert_allclose(a, same.detach(), rtol=4 * kind.eps, atol=4 * kind.eps * biggest)


@settings(max_examples=1)
@given(makes=st.tuples(*NORMS.values()))
def test_every_public_function_has_its_properties(makes):
    tried = {function for make in makes for function in make(eps=0.1).functions}
    assert tried | {"update_running_stats", "fold_into_linear", "fold_into_conv"} == set(norms.__all__)
