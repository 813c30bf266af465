"""Lesson 12, masked_batch_norm."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, affine_knobs, epsilon, standardised, with_affine
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import every_epsilon, in_float32, offset, signs
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    """γ·(x − μ)/√(σ² + ε) + β at valid steps, μ and σ² over them; 0 at padding."""
    return norms.masked_batch_norm(x, lengths, gamma, beta, eps)


_AXES = {"pooled": (0, 1), "per-step": (0,), "per-sequence": (1,), "layer": (2,), "all": (0, 1, 2)}


def _valid(lengths, steps, kind):
    """Which steps count, (N, T, 1)."""
    step, lengths = np.arange(steps), np.asarray(lengths)[:, None]
    valid = {"right": step < lengths, "plus-one": step <= lengths, "end": step >= steps - lengths}[kind]
    return valid[..., None]


def _moments(x, valid, share, padding, ddof, method):
    """Mean and variance over the axes that `share` names, and what each mistake makes of padding."""
    if share == "mean-of-sequences":
        counts = valid.sum(axis=1, keepdims=True)
        mean = ((x * valid).sum(axis=1, keepdims=True) / counts).mean(axis=0, keepdims=True)
        squares = ((x - mean) ** 2 * valid).sum(axis=1, keepdims=True)
        return mean, (squares / counts).mean(axis=0, keepdims=True)
    axes = _AXES[share]
    zeroed = np.where(valid, x, 0.0)
    if padding == "as-zeros":
        x, valid = zeroed, np.ones_like(valid)
    elif padding == "as-given":
        valid = np.ones_like(valid)
    count = np.maximum(np.broadcast_to(valid, x.shape).sum(axis=axes, keepdims=True), 1)
    valid = np.ones_like(valid) if padding == "in-sum" else valid
    weights = np.broadcast_to(valid, x.shape)
    if padding == "count":
        count = np.broadcast_to(np.prod([x.shape[axis] for axis in axes]), count.shape)
    mean = np.where(valid, x, 0.0).sum(axis=axes, keepdims=True) / count
    if method == "one-pass":
        return mean, np.where(valid, x * x, 0.0).sum(axis=axes, keepdims=True) / count - mean * mean
    centred = zeroed - mean if padding == "variance" else np.where(weights, x - mean, 0.0)
    return mean, (centred**2).sum(axis=axes, keepdims=True) / np.maximum(count - ddof, 1)


def _variant(
    x, lengths, gamma, beta, eps=None, *, valid="right", share="pooled", padding="left-out", out="zero", **k
):
    counted = _valid(lengths, x.shape[1], valid)
    eps = epsilon(eps, **k)
    ddof, method = k.get("ddof", 0), k.get("method")

    def standardise(x):
        return standardised(x, *_moments(x, counted, share, padding, ddof, method), eps, **k)

    with np.errstate(all="ignore"):
        y = with_affine(x, gamma, beta, 2, standardise, **affine_knobs(k))
    if out == "kept":
        return y
    return np.where(counted, y, {"zero": 0.0, "beta": beta, "input": x}[out]).astype(x.dtype)


def _sequences(rng, lengths, steps, features, spread=1.0, padding="garbage"):
    """(N, T, D) whose means differ from feature to feature, step to step and sequence to sequence."""
    x = rng.normal(0.7, spread, (len(lengths), steps, features))
    x = x + spread * rng.normal(size=(len(lengths), 1, features)) + spread * rng.normal(size=(steps, 1))
    if padding == "zeros":
        x[np.arange(steps) >= np.asarray(lengths)[:, None]] = 0.0
    return x


def _probes(rng):
    def case(lengths, steps, features, *eps, **options):
        x = _sequences(rng, lengths, steps, features, **options)
        lengths = np.array(lengths)
        return x, lengths, signs(rng, features), rng.uniform(0.3, 1.5, features), *eps

    parameters = in_float32(signs(rng, 3), np.ones(3))
    return [
        Probe(
            "six sequences of up to 5 steps, zeros behind them, ε = 0.1",
            case([5, 3, 1, 4, 2, 4], 5, 4, 0.1, padding="zeros"),
        ),
        Probe("padding that is not zero, ε = 0.1", case([2, 6, 4, 1, 3], 6, 3, 0.1)),
        Probe("all of the same length, shorter than T", case([2, 2, 2], 5, 4, 0.1)),
        Probe("nothing is padding, N = T = D", case([4, 4, 4, 4], 4, 4, 0.1)),
        Probe("one sequence", case([3], 5, 2, 0.5)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 5, 7, 3), np.array([7, 2, 5, 3, 6]), *parameters, 1e-5),
            rounding=True,
        ),
        *every_epsilon(case, ([3, 4, 2, 4], 4, 3), np.s_[..., 1]),
    ]


def _masked(x, lengths, *rest, label="two short sequences", **options):
    rest = (np.array(values) if isinstance(values, list) else values for values in rest)
    return Probe(label, (np.array(x), np.array(lengths), *rest), "with_zero", **options)


_MASKED_EXAMPLES = (
    _masked([[[1.0], [3]], [[8], [0]]], [2, 1], [1], [0], 0.0),
    _masked([[[2.0], [4], [0]]], [2], [1], [0], 3.0, label="one sequence"),
    _masked([[[2.0], [4], [0]]], [2], [2], [5], 0.0, label="one sequence"),
    _masked([[[1.0], [3]], [[8], [7]]], [2, 1], [2], [1], 0.0, label="padding that is not zero"),
    _masked([[[1.0, 0], [3, 8]], [[8, 4], [0, 0]]], [2, 1], [1, 2], [0, 10], 0.0, label="two features"),
    _masked([[[0.0], [0.02], [0]]], [2], [1], [0], label="the default ε"),
    _masked([[[0.0], [0.002], [0]]], [2], [1], [0], 0.0, label="ε = 0"),
    _masked(
        [[[0.0], [1], [3], [0]]], [3], [1], [0], 1.0, label="float64, to ten digits", rtol=1e-9, atol=1e-10
    ),
    _masked(
        np.float32([[[4096], [4097], [4098.5], [0]]]),
        [3],
        *in_float32(np.ones(1), np.zeros(1)),
        0.0,
        label="float32 far from zero",
        rounding=True,
    ),
)


def _padding_is_zero(args, value):
    y = np.asarray(value)
    padding = y[~_valid(args[1], y.shape[1], "right")[..., 0]]
    if padding.size and np.abs(padding).max() > 0:
        return f"padding should come out as 0; an entry there is {padding.flat[np.abs(padding).argmax()]:.2g}"
    return None


def _valid_mean_is_beta(args, value):
    y = np.asarray(value)
    mean = y[_valid(args[1], y.shape[1], "right")[..., 0]].mean(axis=0)
    worst = np.abs(mean - args[3]).max()
    return worst_of("the valid steps of a feature should have mean β", worst)


QUESTION = Question(
    name="masked_batch_norm",
    version=2,
    points=3,
    level=2,
    reference=masked_batch_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=_MASKED_EXAMPLES,
    properties=(
        Property("padding comes out as zeros", _padding_is_zero),
        Property("the valid steps of each feature have mean β", _valid_mean_is_beta),
    ),
    misconceptions=(
        mistake("padding-counted", {"padding": "as-given"}, {"padding": "as-zeros"}),
        mistake("divides-by-all-steps", padding="count"),
        mistake("padding-in-the-sums", padding="in-sum"),
        mistake("variance-counts-padding", padding="variance"),
        mistake("padding-not-zeroed", {"out": "kept"}, {"out": "input"}),
        mistake("padding-becomes-beta", out="beta"),
        mistake("one-step-too-many", valid="plus-one"),
        mistake("padding-in-front", valid="end"),
        mistake("statistics-per-step", share="per-step"),
        mistake("statistics-per-sequence", share="per-sequence"),
        mistake("every-sequence-counts-the-same", share="mean-of-sequences"),
        mistake("wrong-axis", share="layer"),
        mistake("global-statistics", share="all"),
        *but(FORWARD, "square-of-sum"),
        mistake("mutates-input"),
    ),
)
