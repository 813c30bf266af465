"""Lesson 04: Normalise with the running statistics, so that an example's output depends on it alone."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._knobs import scaled_and_shifted
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import NOT_GIVEN, _deviation, eps_used


# --- batch_norm_inference ---------------------------------------------------------------------
def batch_norm_inference(x, gamma, beta, running_mean, running_var, eps=1e-5):
    """y = γ (x − running_mean) / √(running_var + ε) + β."""
    return norms.batch_norm_inference(x, gamma, beta, running_mean, running_var, eps)


def _inference_variant(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=NOT_GIVEN,
    *,
    stats="running",
    swap=False,
    correction="none",
    eps_place="inside",
    eps_from="argument",
    divide_by="deviation",
    centre=True,
    gamma_use="all",
    beta_use=True,
    affine="after",
):
    eps = eps_used(eps, eps_from)
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
    inv_std = 1 / _deviation(var, eps, eps_place, divide_by)
    if affine == "before":
        scaled = scaled_and_shifted(x, gamma, beta, gamma_use, beta_use, "after")
        return (scaled - mean * centre) * inv_std
    return scaled_and_shifted((x - mean * centre) * inv_std, gamma, beta, gamma_use, beta_use, affine)


def _inference_probes(rng):
    def args(n, d, eps, var=1.0):
        running_mean = rng.uniform(0.5, 2.0, d)
        x = rng.normal(size=(n, d)) * np.sqrt(var) + running_mean
        x[-1] = running_mean
        head = (x, signs(rng, d), rng.normal(size=d), running_mean, rng.uniform(0.5, 3.0, d) * var)
        return head if eps is None else (*head, eps)

    offset = rng.normal(1e3, 1.0, (6, 4)).astype(np.float32)
    at_offset = [a.astype(np.float32) for a in (signs(rng, 4), rng.normal(size=4))]
    running = (np.full(4, 1000.5, np.float32), rng.uniform(0.5, 2.0, 4).astype(np.float32))
    return [
        Probe("6 examples of 4 features, ε = 0.1", args(6, 4, 0.1)),
        Probe("one example", args(1, 3, 0.1)),
        Probe("small variances, ε left at its default", args(6, 3, None, var=1e-5)),
        Probe("as many examples as features", args(4, 4, 0.01)),
        Probe("float32 at a mean of 1000", (offset, *at_offset, *running), rounding=True),
    ]


def _inference_example(label, x, gamma, beta, mean, var, *eps, **options):
    arrays = (np.array(a, float) for a in (x, gamma, beta, mean, var))
    return Probe(label, (*arrays, *eps), **options)


_INFERENCE_EXAMPLES = (
    _inference_example("two numbers", [[2.0], [6.0]], [1], [0], [2], [4], 0.0),
    _inference_example("with γ and β", [[2.0], [6.0]], [3], [1], [2], [4], 0.0),
    _inference_example("with ε", [[2.0], [5.0]], [2], [1], [2], [9], 7.0),
    _inference_example("two features", [[4.0, 2], [0, 6]], [2, -3], [1, 5], [2, 1], [1, 4], 0.0),
    _inference_example("ε left at its default", [[0.0], [0.01]], [1], [0], [0], [1e-6]),
)


def _mean_gives_beta(args, value):
    x, _, beta, running_mean = (np.asarray(a, float) for a in args[:4])
    at_mean = (x == running_mean).all(axis=1)
    if at_mean.any() and not np.allclose(np.asarray(value)[at_mean], beta, atol=1e-6):
        return "an example equal to the running mean does not come out as β"
    return None


QUESTION = Question(
    name="batch_norm_inference",
    points=2,
    level=1,
    reference=batch_norm_inference,
    variant=_inference_variant,
    returns=("y",),
    probes=_inference_probes,
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
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-hard-coded", eps_from="hard-coded"),
        mistake("other-default-eps", {"eps_from": "keras"}, {"eps_from": "tiny"}),
        mistake("divides-by-variance", divide_by="variance"),
        mistake("only-centred", divide_by="nothing"),
        mistake("mean-not-subtracted", centre=False),
        mistake("gamma-ignored", gamma_use="none"),
        mistake("scalar-gamma", gamma_use="first"),
        mistake("beta-ignored", beta_use=False),
        mistake("gamma-after-shift", affine="shift-first"),
        mistake("affine-before", affine="before"),
        mistake("mutates-input"),
    ),
)
