"""Lesson 02: Standardise each feature over the batch, then scale by γ and shift by β."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import _divisor, offset


def batch_norm_forward(x, gamma, beta, eps=1e-5):
    return norms.batch_norm(x, gamma, beta, eps)


def _forward_variant(
    x,
    gamma,
    beta,
    eps=None,
    *,
    ddof=0,
    axis=0,
    keepdims=True,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    affine="after",
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma, beta = _parameter(gamma, gamma_is, 1.0), _parameter(beta, beta_is, 0.0)
    x = gamma * x + beta if affine == "before" else x
    mean = x.mean(axis=axis, keepdims=True)
    var = _variance(x, mean, axis, ddof, method)
    if not keepdims and axis is not None:
        mean, var = np.squeeze(mean, axis), np.squeeze(var, axis)
    divisor = _divisor(var, eps, eps_place, root) if scale else 1.0
    x_hat = (x - mean if centre else x) / divisor
    if affine == "before":
        return x_hat
    return gamma * (x_hat + beta) if affine == "shift-first" else gamma * x_hat + beta


def _parameter(vector, kind, neutral):
    return {"vector": vector, "first": vector[0], "mean": vector.mean(), "ignored": neutral}[kind]


def _variance(x, mean, axis, ddof, method):
    if method == "one-pass":
        return (x * x).mean(axis=axis, keepdims=True) - mean * mean
    count = x.size // mean.size
    return ((x - mean) ** 2).sum(axis=axis, keepdims=True) / (count - ddof)


def _forward_probes(rng):
    def batch(n, d, spread=1.0, mean=0.0):
        return rng.normal(mean, spread, size=(n, d)), *_affine(rng, d)

    constant = np.concatenate([rng.normal(size=(6, 3)), np.full((6, 1), 2.0)], axis=1)
    return [
        Probe("six examples, four features, ε = 0.1", (*batch(6, 4, spread=2.0, mean=1.5), 0.1)),
        Probe("small variances, ε left at its default", batch(6, 3, spread=5e-3)),
        Probe("as many examples as features, ε = 0.1", (*batch(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*batch(7, 3, spread=1.5), 2.0)),
        Probe("a feature that is constant", (constant, *_affine(rng, 4), 1e-3)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, (8, 5)), *(p.astype(np.float32) for p in _affine(rng, 5)), 1e-5),
            rounding=True,
        ),
    ]


def _affine(rng, d):
    """γ of both signs, none near zero or one; β likewise."""
    gamma = rng.uniform(1.3, 2.5, size=d) * np.where(np.arange(d) % 2, -1, 1)
    return gamma, rng.uniform(0.3, 1.5, size=d) * np.where(np.arange(d) % 3, 1, -1)


def _mean_is_beta(args, y):
    beta = args[2]
    found = np.asarray(y).mean(axis=0)
    worst = np.abs(found - beta).max()
    return f"the mean of y over the batch should be β; it is off by {worst:.2g}" if worst > 1e-5 else None


def _deviation_is_gamma(args, y):
    x, gamma, _, *rest = args
    eps = rest[0] if rest else 1e-5
    var = x.var(axis=0)
    wanted = np.abs(gamma) * np.sqrt(var / (var + eps))
    worst = np.abs(np.asarray(y).std(axis=0) - wanted).max()
    message = f"the deviation of y should be |γ|·σ/√(σ² + ε); it is off by {worst:.2g}"
    return message if worst > 1e-5 else None


def _forward_example(x, gamma, beta, eps):
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    return Probe("a small batch", (x, gamma, beta, eps))


QUESTION = Question(
    name="batch_norm_forward",
    points=3,
    level=2,
    reference=batch_norm_forward,
    variant=_forward_variant,
    returns=("y",),
    probes=_forward_probes,
    examples=(
        _forward_example([[1], [2], [6]], [1], [0], 0.0),
        _forward_example([[0], [2]], [1], [0], 3.0),
        _forward_example([[0], [2]], [2], [5], 0.0),
        _forward_example([[0, 1], [2, 5]], [1, 3], [0, 10], 0.0),
        Probe("the default ε", (np.array([[0.0], [0.02]]), np.array([1.0]), np.array([0.0]))),
        _forward_example([[3], [3]], [1], [0], 1.0),
        Probe(
            "float32 far from zero",
            (
                np.array([[4096.0], [4097.0], [4098.5]], np.float32),
                np.ones(1, np.float32),
                np.zeros(1, np.float32),
                0.0,
            ),
            rounding=True,
        ),
    ),
    misconceptions=(
        mistake("sample-variance", ddof=1),
        mistake("wrong-axis", {"axis": 1}, {"axis": 1, "keepdims": False}),
        mistake("global-statistics", axis=None),
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-squared", eps_place="squared"),
        mistake(
            "eps-default",
            {"eps_default": 1e-3},
            {"eps_default": 1e-8},
            {"eps_default": 1e-6},
            {"eps_default": 1e-4},
        ),
        mistake("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-8}, {"eps_fixed": 1e-3}),
        mistake("divides-by-variance", root=False),
        mistake("mean-not-subtracted", centre=False),
        mistake("only-centred", scale=False),
        mistake("gamma-ignored", gamma_is="ignored"),
        mistake("beta-ignored", beta_is="ignored"),
        mistake("affine-ignored", gamma_is="ignored", beta_is="ignored"),
        mistake("gamma-after-shift", affine="shift-first"),
        mistake("affine-before", affine="before"),
        mistake(
            "scalar-gamma",
            {"gamma_is": "first"},
            {"gamma_is": "mean"},
            {"gamma_is": "first", "beta_is": "first"},
            {"gamma_is": "mean", "beta_is": "mean"},
        ),
        mistake("gamma-beta-swapped", swapped=True),
        mistake("mutates-input"),
    ),
    properties=(
        Property("the mean of y is β", _mean_is_beta),
        Property("the deviation of y is |γ|·σ/√(σ² + ε)", _deviation_is_gamma),
    ),
)
