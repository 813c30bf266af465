"""Lesson 03: The gradients of batch normalisation, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import (
    EPS_MISTAKES,
    _example,
    _gamma,
    _scale,
    _size,
    _variance,
    _x_hat,
    dx_does_not_stretch,
    epsilon,
    far_from_zero,
    offset_probe,
    sum_of_dx_is_zero,
)


def _dx_is_orthogonal_to_x(dx, dx_hat, x, eps):
    """Σdx·x = Σdx̂·x̂ · ε/(σ² + ε), since x = μ + x̂·√(σ² + ε) and Σdx = 0."""
    wanted = (dx_hat * _x_hat(x, eps)).sum(axis=0) * eps / (x.var(axis=0) + eps)
    worst = np.abs((dx * x).sum(axis=0) - wanted).max() / (_size(dx) * _size(x))
    if worst > 1e-5:
        return (
            "Σdx·x should be 0 in each feature (up to the little that ε leaves), because multiplying x by a number "
            f"hardly changes x̂; it is off by {worst:.2g}"
        )
    return None


def batch_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.batch_norm_backward(dy, x, gamma, eps)


def _backward_variant(
    dy,
    x,
    gamma,
    eps=None,
    *,
    ddof=0,
    axis=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    gamma_is="vector",
    gamma_in=("first", "mean", "spread"),
    mean_term=1.0,
    spread_term=1.0,
    spread_power=0,
    spread_of="x_hat",
    scale="inv_std",
    dgamma_of="x_hat",
    dgamma_from="dy",
    dbeta_from="dy",
    reduce="sum",
    sign=(1, 1, 1),
    order=(0, 1, 2),
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    mean = x.mean(axis=axis, keepdims=True)
    n = x.size // mean.size
    var = _variance(x, mean, axis, ddof, method)
    std = _scale(var, eps, eps_place)
    x_hat = (x - mean) / std
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "column": gamma[:, None], "one": 1.0}[
        gamma_is
    ]
    first, centring, spreading = (
        dy * gamma if term in gamma_in else dy for term in ("first", "mean", "spread")
    )

    def average(a, weight):
        """`weight` times the mean over the batch; "sum" is N times, "N-1" the sum ÷(N − 1)."""
        weight = {"sum": n, "2*sum": 2 * n, "N-1": n / max(n - 1, 1)}.get(weight, weight)
        return weight * a.mean(axis=axis, keepdims=True)

    along = {"x_hat": x_hat, "x": x, "centred": x - mean}[spread_of]
    spread = x_hat * average(spreading * along, spread_term) * std**spread_power
    if eps_place == "outside-exactly":
        spread = spread * std / np.sqrt(var)
    dx = first - average(centring, mean_term) - spread
    dx = (
        dx
        * {"inv_std": 1 / std, "one": 1.0, "inv_var": 1 / std**2}[scale]
        * (gamma if "again" in gamma_in else 1.0)
    )
    sources = {"dy": dy, "dx_hat": dy * gamma}
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    add_up = {
        "sum": lambda a: a.sum(axis=0),
        "mean": lambda a: a.mean(axis=0),
        "none": lambda a: a.copy(),
        "all": lambda a: a.sum(),
    }[reduce]
    gradients = (dx, add_up(sources[dgamma_from] * factor), add_up(sources[dbeta_from]))
    return tuple(gradients[i] * sign[i] for i in order)


def _backward_probes(rng):
    def case(n, d, spread=1.0, mean=0.0):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(mean, spread, size=(n, d)), _gamma(rng, d)

    return [
        Probe("six examples, four features, ε = 0.1", (*case(6, 4, spread=1.6, mean=1.5), 0.1)),
        Probe("small variances, ε left at its default", case(6, 3, spread=5e-3, mean=0.02)),
        Probe("as many examples as features, ε = 0.1", (*case(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*case(7, 3, spread=1.5), 2.0)),
        Probe("two examples, ε = 0.5", (*case(2, 3, mean=1.0), 0.5)),
        Probe("a tiny ε, 1e-12", (*case(6, 3, spread=2.0, mean=1.0), 1e-12)),
        offset_probe(rng, _gamma(rng, 5).astype(np.float32)),
    ]


def _of_dx(fault):
    """A property of dx, given what arrives at x̂."""
    return lambda args, value: fault(np.asarray(value[0]), args[0] * args[2], args[1], epsilon(args, 3))


QUESTION = Question(
    name="batch_norm_backward",
    points=4,
    level=3,
    reference=batch_norm_backward,
    variant=_backward_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_backward_probes,
    examples=(
        _example([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [1], eps=0.0),
        _example([[3], [1], [2], [-2]], [[1], [1], [5], [5]], [2], eps=0.0),
        _example([[1], [0], [2]], [[0], [3], [6]], [2], eps=3.0),
        _example([[1, 2], [3, 0]], [[0, 1], [2, 5]], [1, 3], eps=1.0),
        Probe(
            "the default ε",
            (np.array([[1.0], [3.0], [0.0]]), np.array([[0.0], [0.02], [0.03]]), np.array([1.0])),
        ),
        far_from_zero(np.array([2.0], np.float32)),
    ),
    misconceptions=(
        mistake("detached", mean_term=0.0, spread_term=0.0),
        mistake("mean-detached", mean_term=0.0),
        mistake("var-detached", spread_term=0.0),
        mistake(
            "sum-not-mean",
            {"mean_term": "sum", "spread_term": "sum"},
            {"mean_term": "sum"},
            {"spread_term": "sum"},
        ),
        mistake("mean-added", mean_term=-1.0),
        mistake("spread-added", spread_term=-1.0),
        mistake("half-missing", spread_term=2.0),
        mistake("two-missing", spread_term=0.5),
        mistake("wrong-exponent", {"spread_power": 2}, {"spread_power": 6}),
        mistake("spread-not-centred", spread_of="x"),
        mistake("spread-not-scaled", spread_of="centred"),
        mistake("inv-std-missing", scale="one"),
        mistake("divides-by-variance", scale="inv_var"),
        mistake("gamma-ignored", gamma_in=()),
        mistake(
            "gamma-in-some-terms",
            {"gamma_in": ("first",)},
            {"gamma_in": ("first", "spread")},
            {"gamma_in": ("first", "mean")},
        ),
        mistake("gamma-twice", gamma_in=("first", "mean", "spread", "again")),
        mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        mistake("affine-wrong-axis", gamma_is="column"),
        mistake("dgamma-uses-x", dgamma_of="x"),
        mistake("dgamma-uses-centred", dgamma_of="centred"),
        mistake(
            "gamma-in-dgamma",
            {"dgamma_from": "dx_hat", "dbeta_from": "dx_hat"},
            {"dgamma_from": "dx_hat"},
            {"dbeta_from": "dx_hat"},
        ),
        mistake("per-example-dgamma", reduce="none"),
        mistake("mean-not-sum", reduce="mean"),
        mistake("summed-over-everything", reduce="all"),
        mistake("wrong-sign", {"sign": (-1, -1, -1)}, {"sign": (-1, 1, 1)}),
        mistake("sample-variance", {"ddof": 1}, {"ddof": 1, "spread_term": "N-1"}),
        mistake("wrong-axis", axis=1),
        mistake("global-statistics", axis=None),
        *EPS_MISTAKES,
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        mistake("swapped-outputs", {"order": (0, 2, 1)}, {"order": (1, 2, 0)}, {"order": (2, 1, 0)}),
        mistake("mutates-input"),
    ),
    properties=(
        Property("Σdx is 0", lambda args, value: sum_of_dx_is_zero(np.asarray(value[0]))),
        Property("Σdx·x̂ is 0, up to ε", _of_dx(dx_does_not_stretch)),
        Property("dx is orthogonal to rescaling x, up to ε", _of_dx(_dx_is_orthogonal_to_x)),
    ),
)
