"""The backward pass of every norm once more, with a knob for each mistake that is known of it.

dx = (dx̂ − mean(dx̂) − x̂·mean(dx̂·x̂))/√(σ² + ε) with dx̂ = γ·dy, dγ = Σ dy·x̂, dβ = Σ dy: a question chooses
the axes of the statistics, of the two means and of the two sums.
"""

import numpy as np

from bn_course.checks._forward import EPSILON, deviation, epsilon, laid, moments, used_of
from bn_course.checks._mistake import but, mistake

TERMS = ("first", "mean", "spread")


def backward(dy, x, gamma, eps, axes, channel, *, sums=None, count=None, params=None, **k):
    """(dx, dγ, dβ). The statistics run over `axes`, the means in dx add up over `sums` and divide by the sizes
    of `count` (both as `axes` unless given), γ lies along `channel`, and dγ and dβ add up over `params`."""
    sums = axes if sums is None else sums
    count = sums if count is None else count
    params = _others(x, channel) if params is None else params
    eps = epsilon(eps, **k)
    mean, var = moments(x, axes, **k)
    std = deviation(var, eps, **k)
    x_hat = (x - mean) / std
    vector = gamma
    gamma = laid(used_of(gamma, k.get("gamma_is", "vector"), 1.0), x.ndim, k.get("along", channel))
    n = x.size // mean.size

    def average(values, weight):
        """`weight` times the mean; by name: the sum, or the sum divided by another number."""
        by = int(np.prod([x.shape[axis] for axis in count]))
        weight = {"sum": by, "sample": by / max(by - 1, 1), "features": by / x.shape[channel]}.get(
            weight, weight
        )
        return weight * values.sum(axis=sums, keepdims=True) / by

    gamma_in = k.get("gamma_in", TERMS)
    first, centring, spreading = (dy * gamma if term in gamma_in else dy for term in TERMS)
    if k.get("path") == "own-entry":
        dx = first * (1 - (1 + x_hat**2) / n)
        shift = 0.0
    else:
        shift = average(centring, k.get("mean_term", 1.0))
        factor = {"x_hat": x_hat, "x": x / std if k.get("staged") else x}[k.get("spread_of", "x_hat")]
        spread = x_hat * average(spreading * factor, k.get("spread_term", 1.0))
        dx = first - spread * std ** k.get("spread_power", 0) * _without_eps(std, var, k)
    late = k.get("mean_after", False)
    dx = (dx if late else dx - shift) * {"inv_std": 1 / std, "one": 1.0, "inv_var": 1 / std**2}[
        k.get("scale", "inv_std")
    ]
    dx = (dx - shift if late else dx) * (gamma if "again" in gamma_in else 1.0)
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean, "ones": np.ones_like(x)}[
        k.get("dgamma_of", "x_hat")
    ]
    own = laid(vector, x.ndim, channel)
    sources = {"dy": dy, "dx_hat": dy * own}
    dgamma = add_up(sources[k.get("dgamma_from", "dy")] * factor, params, k.get("reduce", "sum"))
    dbeta = add_up(sources[k.get("dbeta_from", "dy")], params, k.get("reduce", "sum"))
    gradients = (dx, dgamma, dbeta)
    sign = k.get("sign", (1, 1, 1))
    return tuple(gradients[i] * sign[i] for i in k.get("order", (0, 1, 2)))


def _without_eps(std, var, k):
    """How much too large the path through the variance is, where ε was lost on it."""
    if k.get("eps_place") == "outside-exactly":
        return std / np.sqrt(var)
    return (std / np.sqrt(var)) ** 3 if k.get("spread_eps") == "none" else 1.0


def _others(x, along):
    return tuple(axis for axis in range(x.ndim) if axis != along % x.ndim)


def add_up(values, axes, how):
    """dγ or dβ from what each example contributes."""
    return {
        "sum": lambda: values.sum(axis=axes),
        "mean": lambda: values.mean(axis=axes),
        "none": lambda: values.copy(),
        "all": lambda: values.sum(),
    }[how]()


DETACHED = (
    mistake("detached", mean_term=0.0, spread_term=0.0),
    mistake("mean-detached", mean_term=0.0),
    mistake("var-detached", spread_term=0.0),
)

PATHS = (
    *DETACHED,
    mistake("straight-through", mean_term=0.0, spread_term=0.0, scale="one"),
    mistake("own-entry-only", path="own-entry"),
    mistake(
        "sum-not-mean",
        {"mean_term": "sum", "spread_term": "sum"},
        {"mean_term": "sum"},
        {"spread_term": "sum"},
    ),
    mistake("divides-by-features", {"mean_term": "features", "spread_term": "features"}),
    mistake("mean-added", mean_term=-1.0),
    mistake("spread-added", spread_term=-1.0),
    mistake("half-missing", spread_term=2.0),
    mistake("two-missing", spread_term=0.5),
    mistake("wrong-exponent", {"spread_power": 2}, {"spread_power": 6}),
    mistake("eps-missing-on-spread", spread_eps="none"),
    mistake("spread-not-centred", {"spread_of": "x"}, {"spread_of": "x", "staged": True}),
    mistake("spread-not-scaled", spread_power=1),
    mistake("spread-scaled-twice", {"spread_power": -1}, {"spread_power": -2}),
    mistake("shift-not-scaled", mean_after=True),
    mistake("inv-std-missing", scale="one"),
    mistake("divides-by-variance", scale="inv_var"),
)

PARAMETERS = (
    mistake("gamma-ignored", gamma_in=()),
    mistake("gamma-in-some-terms", *({"gamma_in": t} for t in (TERMS[:1], TERMS[::2], TERMS[:2]))),
    mistake("gamma-twice", gamma_in=(*TERMS, "again")),
    mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
    mistake("dgamma-uses-x", dgamma_of="x"),
    mistake("dgamma-uses-centred", dgamma_of="centred"),
    mistake("dgamma-without-x-hat", dgamma_of="ones"),
    mistake(
        "gamma-in-dgamma",
        {"dgamma_from": "dx_hat", "dbeta_from": "dx_hat"},
        {"dgamma_from": "dx_hat"},
        {"dbeta_from": "dx_hat"},
    ),
    mistake("mean-not-sum", reduce="mean"),
    mistake("summed-over-everything", reduce="all"),
    mistake("wrong-sign", {"sign": (-1, -1, -1)}, {"sign": (-1, 1, 1)}),
    mistake("swapped-outputs", {"order": (0, 2, 1)}, {"order": (1, 2, 0)}, {"order": (2, 1, 0)}),
)

# ε in the backward pass: outside the root it is met differentiated as if it were inside, and as it is.
BACKWARD_EPSILON = (
    mistake("eps-outside-sqrt", {"eps_place": "outside"}, {"eps_place": "outside-exactly"}),
    *but(EPSILON, "eps-outside-sqrt"),
)

BACKWARD = (*PATHS, *PARAMETERS, *BACKWARD_EPSILON)
