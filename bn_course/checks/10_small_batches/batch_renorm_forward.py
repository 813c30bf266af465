"""Lesson 10: Batch norm whose training output is, within bounds, that of inference."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import (
    AFFINE,
    EPSILON,
    ONE_PASS,
    OTHER_DEFAULT_EPS,
    affine_knobs,
    deviation,
    epsilon,
    moments,
    with_affine,
)
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import far_from_zero, signs, small
from bn_course.grading.question import Probe, Question


def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    """y = γ (x̂ r + d) + β; r and d lead from the batch's statistics to the running ones, within bounds."""
    mean, var = norms.statistics(x, (0,))
    std, running_std = np.sqrt(var + eps), np.sqrt(running_var + eps)
    r = np.clip(std / running_std, 1 / r_max, r_max)
    d = np.clip((mean - running_mean) / running_std, -d_max, d_max)
    return gamma * ((x - mean) / std * r + d) + beta


def _variant(
    x,
    gamma,
    beta,
    running_mean,
    running_var,
    r_max,
    d_max,
    eps=None,
    *,
    r_use="clipped",
    r_of="deviations",
    d_use="clipped",
    d_sign=1,
    d_over="running",
    combine="scale-first",
    eps_batch=True,
    eps_running=True,
    eps_x_hat=True,
    **k,
):
    eps = epsilon(eps, **k)
    mean, var = moments(x, 0, **k)
    std = deviation(var, eps if eps_batch else 0.0, **k)
    running_std = deviation(running_var, eps if eps_running else 0.0, **k)
    ratio = std / running_std
    ratio = {"deviations": ratio, "variances": ratio**2, "inverse": 1 / ratio}[r_of]
    r = {
        "clipped": np.clip(ratio, 1 / r_max, r_max),
        "above": np.minimum(ratio, r_max),
        "below": np.maximum(ratio, 1 / r_max),
        "free": ratio,
        "none": np.ones_like(ratio),
    }[r_use]
    shift = d_sign * (mean - running_mean) / {"running": running_std, "batch": std, "nothing": 1.0}[d_over]
    d = {
        "clipped": np.clip(shift, -d_max, d_max),
        "above": np.minimum(shift, d_max),
        "free": shift,
        "none": np.zeros_like(shift),
    }[d_use]
    x_hat = (x - mean) / (std if eps_x_hat else np.sqrt(var))
    corrected = x_hat * r + d if combine == "scale-first" else (x_hat + d) * r
    return with_affine(x, gamma, beta, 1, lambda _: corrected, **affine_knobs(k))


def _probes(rng):
    def args(n, d, r_max, d_max, eps, scale=1.0):
        x = scale * (rng.normal(size=d) + rng.uniform(0.5, 2.0, d) * rng.normal(size=(n, d)))
        mean, var = x.mean(axis=0), x.var(axis=0)
        # ratios of deviations and shifts on both sides of the bounds, and within them
        ratio = np.array([0.4, 3.0, 1.1, 0.9, 0.3, 4.0, 1.2, 0.8])[:d] * rng.uniform(0.95, 1.05, d)
        shift = np.array([0.1, -0.2, 1.5, -1.8, 1.2, -1.1, 0.25, -0.3])[:d] * rng.uniform(0.9, 1.1, d)
        running_var = var / ratio**2
        running_mean = mean - shift * np.sqrt(running_var)
        head = (x, signs(rng, d), rng.normal(size=d), running_mean, running_var, r_max, d_max)
        return head if eps is None else (*head, eps)

    offset = args(6, 8, 1.5, 0.6, None)
    single = [a.astype(np.float32) for a in offset[:5]]
    single[0], single[3] = single[0] + np.float32(1e3), single[3] + np.float32(1e3)
    return [
        Probe("6 examples of 8 features, ε = 0.1", args(6, 8, 1.5, 0.6, 0.1)),
        Probe("r_max = 1 and d_max = 0, which is batch norm", args(5, 4, 1.0, 0.0, 0.1)),
        Probe("bounds that are never reached", args(6, 4, 30.0, 50.0, 0.1)),
        Probe("as many examples as features", args(8, 8, 1.3, 0.4, 0.01)),
        Probe("values that hardly vary, ε = 0", args(6, 8, 1.5, 0.6, 0.0, scale=1e-6), driver="with_zero"),
        Probe("float64, to ten digits", args(6, 8, 1.5, 0.6, 0.1), rtol=1e-9, atol=1e-10),
        Probe("after a call with other numbers", args(7, 8, 1.5, 0.6, 0.1), driver="after_another"),
        Probe("small variances, ε left at its default", args(6, 8, 1.5, 0.6, None, scale=4e-3)),
        Probe("float32 at a mean of 1000", (*single, 1.5, 0.6), rounding=True),
    ]


_RENORM_EXAMPLES = (
    small([[2.0], [6.0]], [1], [0], [3], [1], 3.0, 5.0, 0.0, label="two numbers, within the bounds"),
    small([[2.0], [10.0]], [1], [0], [0], [1], 2.0, 3.0, 0.0, label="r clipped above, d above"),
    small([[2.0], [4.0]], [1], [0], [60], [16], 2.0, 3.0, 0.0, label="r clipped below, d below"),
    small([[2.0], [6.0]], [2], [1], [3], [5], 3.0, 5.0, 4.0, label="with γ, β and ε"),
    small([[2.0, 1], [6, 3]], [2, -3], [1, 5], [3, 4], [5, 12], 1.2, 0.4, 4.0, label="two features"),
    small([[0.0], [0.004]], [1], [0], [0.001], [1e-6], 3.0, 5.0, label="ε left at its default"),
    small([[0.0], [4e-6]], [1], [0], [1e-6], [1e-12], 3.0, 5.0, 0.0, label="ε = 0", driver="with_zero"),
    small([[2.0], [5.0]], [1], [0], [3], [1], 3.0, 5.0, 0.5, label="to ten digits", rtol=1e-9, atol=1e-10),
    far_from_zero([[8192], [8193], [8194]], [1], [0], [8193], [1], 3.0, 5.0),
)


QUESTION = Question(
    name="batch_renorm_forward",
    points=3,
    version=2,
    level=2,
    reference=batch_renorm_forward,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=_RENORM_EXAMPLES,
    misconceptions=(
        mistake("r-not-clipped-below", r_use="above"),
        mistake("r-not-clipped-above", r_use="below"),
        mistake("r-not-clipped", r_use="free"),
        mistake("r-ignored", r_use="none"),
        mistake("r-upside-down", r_of="inverse"),
        mistake("r-of-variances", r_of="variances"),
        mistake("d-not-clipped", d_use="free"),
        mistake("d-clipped-on-one-side", d_use="above"),
        mistake("d-ignored", d_use="none"),
        mistake("d-sign", d_sign=-1),
        mistake("d-over-batch-deviation", d_over="batch"),
        mistake("d-not-scaled", d_over="nothing"),
        mistake("d-inside-r", combine="shift-first"),
        mistake("sample-variance", ddof=1),
        OTHER_DEFAULT_EPS,
        *but(EPSILON, "eps-default", "eps-as-floor", "zero-guarded"),
        mistake("eps-in-one-root", eps_running=False),
        mistake("no-eps-for-the-batch", {"eps_batch": False}, {"eps_x_hat": False}),
        *but(AFFINE, "affine-before"),
        ONE_PASS,
        mistake("mutates-input"),
    ),
)
