"""Lesson 04: batch norm with the running statistics."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import (
    AFFINE,
    EPSILON,
    OTHER_DEFAULT_EPS,
    SINGLE,
    affine_knobs,
    epsilon,
    standardised,
    with_affine,
)
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import in_float32, more, no_eps, signs, small, to_ten_digits
from bn_course.grading.question import Probe, Property, Question


def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    """y = γ (x − running_mean) / √(running_var + ε) + β."""
    return norms.batch_norm_inference(x, gamma, beta, running_mean, running_var, eps)


def _variant(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=None,
    *,
    stats="running",
    swap=False,
    correction="none",
    **k,
):
    n = len(x)
    mean, var = (running_var, running_mean) if swap else (running_mean, running_var)
    if stats == "updated":
        mean = 0.9 * mean + 0.1 * x.mean(axis=0)
        var = 0.9 * var + 0.1 * x.var(axis=0) * n / (n - 1)
    mean = x.mean(axis=0) if stats in ("batch", "batch-mean") else mean
    var = x.var(axis=0) if stats in ("batch", "batch-var") else var
    if correction == "factor-first":
        var = var * (n / (n - 1))  # Python's own division by zero raises, NumPy's does not
    elif correction != "none":
        var = var * n / (n - 1) if correction == "again" else var * (n - 1) / n
    eps = epsilon(eps, **k)
    return with_affine(x, gamma, beta, 1, lambda x: standardised(x, mean, var, eps, **k), **affine_knobs(k))


def _probes(rng):
    def args(n, d, eps, var=1.0):
        running_mean = rng.uniform(0.5, 2.0, d)
        x = rng.normal(size=(n, d)) * np.sqrt(var) + running_mean
        x[-1] = running_mean
        head = (x, signs(rng, d), rng.normal(size=d), running_mean, rng.uniform(0.5, 3.0, d) * var)
        return head if eps is None else (*head, eps)

    never = args(5, 3, 1e-3)
    never[4][1] = 0.0
    offset = rng.normal(1e3, 1.0, (6, 4)).astype(np.float32)
    at_offset = in_float32(signs(rng, 4), rng.normal(size=4))
    running = in_float32(np.full(4, 1000.5), rng.uniform(0.5, 2.0, 4))
    return [
        Probe("6 examples of 4 features, ε = 0.1", args(6, 4, 0.1)),
        Probe("5 examples of 3 features, ε = 0.7", args(5, 3, 0.7)),
        Probe("one example", args(1, 3, 0.1)),
        Probe("small variances, ε left at its default", args(6, 3, None, var=1e-5)),
        Probe("as many examples as features", args(4, 4, 0.01)),
        *more(*args(5, 3, None), at=4),
        Probe("a running variance of 0, ε = 0.001", never),
        Probe("float32 at a mean of 1000", (offset, *at_offset, *running), rounding=True),
    ]


_INFERENCE_EXAMPLES = (
    small([[2.0], [6.0]], [1], [0], [2], [4], 0.0, label="two numbers"),
    small([[2.0], [6.0]], [3], [1], [2], [4], 0.0, label="with γ and β"),
    small([[2.0], [5.0]], [2], [1], [2], [9], 7.0, label="with ε"),
    small([[4.0, 2], [0, 6]], [2, -3], [1, 5], [2, 1], [1, 4], 0.0, label="two features"),
    small([[0.0], [0.01]], [1], [0], [0], [1e-6], label="ε left at its default"),
    no_eps([[0.0], [0.01]], [1], [0], [0], [1e-6]),
    to_ten_digits([[1.0]], [1], [0], [0], [3], 0.0),
)


def _mean_gives_beta(args, value):
    x, _, beta, running_mean = (np.asarray(a, float) for a in args[:4])
    at_mean = (x == running_mean).all(axis=1)
    if at_mean.any() and not np.allclose(np.asarray(value)[at_mean], beta, atol=1e-6):
        return "an example equal to the running mean does not come out as β"
    return None


QUESTION = Question(
    name="batch_norm_inference",
    version=2,
    points=2,
    level=1,
    reference=batch_norm_inference,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=_INFERENCE_EXAMPLES,
    properties=(Property("the running mean becomes β", _mean_gives_beta),),
    misconceptions=(
        mistake("batch-stats-in-eval", {"stats": "batch"}, {"stats": "batch-mean"}, {"stats": "batch-var"}),
        mistake("updates-in-eval", stats="updated"),
        mistake("swapped-statistics", swap=True),
        mistake(
            "corrects-again",
            {"correction": "again"},
            {"correction": "factor-first"},
            {"correction": "undone"},
        ),
        OTHER_DEFAULT_EPS,
        *but(EPSILON, "eps-default"),
        mistake("divides-by-variance", root=False),
        mistake("multiplies-by-deviation", scale="multiply"),
        mistake("only-centred", scale="none"),
        mistake("mean-not-subtracted", centre=False),
        *AFFINE,
        SINGLE,
        mistake("mutates-input"),
    ),
)
