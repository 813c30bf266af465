"""The forward pass of every norm once more, with a knob for each mistake that is known of it.

There is one variant under every norm, as there is one function: standardise over some axes, then scale and
shift. A question chooses the axes, and leaves out (`but`) the mistakes that cannot be made there. Knobs are
keywords, so that a variant hands all of its own on: each function takes those that it knows.
"""

import numpy as np

from bn_course.checks._mistake import mistake


def epsilon(eps, *, eps_default=1e-5, eps_fixed=None, eps_falsy=False, **_):
    """The ε that an answer uses; `eps` is None where the caller leaves it at its default."""
    eps = eps_default if eps is None or (eps_falsy and not eps) else eps
    return eps if eps_fixed is None else eps_fixed


def moments(x, axes, *, ddof=0, method="two-pass", **_):
    """Mean and variance over `axes`, kept as axes of length one."""
    mean = x.mean(axis=axes, keepdims=True)
    if method == "one-pass":
        return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean
    count = x.size // mean.size
    if method == "square-of-sum":
        return mean, (x.sum(axis=axes, keepdims=True) - mean) ** 2 / count
    squares = (x if method == "not-centred" else x - mean) ** 2
    return mean, squares.sum(axis=axes, keepdims=True) / (count - ddof)


def deviation(var, eps, *, eps_place="inside", root=True, **_):
    """What a norm divides by: √(var + ε), unless a knob says otherwise."""
    inside = {"inside": eps, "squared": eps**2}.get(eps_place, 0.0)
    divisor = np.maximum(var, eps) if eps_place == "clamp" else var + inside
    divisor = np.sqrt(divisor) if root else divisor
    if eps_place == "guarded":
        return np.where(divisor > 0, divisor, 1.0)
    if eps_place == "floor":
        return np.maximum(divisor, eps)
    return divisor + eps if eps_place.startswith("outside") else divisor


def standardised(x, mean, var, eps, *, centre=True, scale="divide", **k):
    """x̂ = (x − mean)/√(var + ε), with the knobs of its usual mistakes."""
    centred = x - mean if centre else x
    if scale == "none":
        return centred
    divisor = deviation(var, eps, **k)
    if scale == "multiply":
        return centred * divisor
    return centred / divisor + (eps if k.get("eps_place") == "quotient" else 0.0)


def used_of(values, kind, neutral):
    """γ or β as an answer uses it: whole, its first entry, its mean, or not at all (`neutral`)."""
    return {
        "vector": values,
        "first": np.broadcast_to(values[:1], values.shape),
        "mean": np.broadcast_to(values.mean(), values.shape),
        "ignored": np.full_like(values, neutral),
    }[kind]


def laid(values, ndim, along):
    """γ or β of shape (C,) laid along one axis of `ndim`."""
    shape = [1] * ndim
    shape[along] = -1
    return values.reshape(shape)


def with_affine(
    x,
    gamma,
    beta,
    along,
    standardise,
    *,
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
    affine="after",
    result=None,
):
    """γ·x̂ + β, where x̂ is `standardise(x)` and γ and β lie along an axis; in the type `result`, if given."""
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma = laid(used_of(gamma, gamma_is, 1.0), x.ndim, along)
    beta = laid(used_of(beta, beta_is, 0.0), x.ndim, along)
    if affine == "before":
        return standardise(gamma * x + beta)
    x_hat = standardise(x)
    y = gamma * (x_hat + beta) if affine == "shift-first" else gamma * x_hat + beta
    return y if result is None else y.astype(result)


def norm(x, gamma, beta, eps, axes, channel, **k):
    """A norm over `axes`, with γ and β along the axis `channel`; a knob `along` moves them to another one."""
    eps = epsilon(eps, **k)
    return with_affine(
        x,
        gamma,
        beta,
        k.get("along", channel),
        lambda x: standardised(x, *moments(x, axes, **k), eps, **k),
        **affine_knobs(k),
    )


def affine_knobs(k):
    """Those of the knobs that `with_affine` takes."""
    return {name: k[name] for name in ("gamma_is", "beta_is", "swapped", "affine", "result") if name in k}


EPS_DEFAULT = mistake("eps-default", *({"eps_default": eps} for eps in (1e-3, 1e-8, 1e-6, 1e-4)))
OTHER_DEFAULT_EPS = mistake("other-default-eps", *EPS_DEFAULT.settings)  # its name in lessons 04 and 10
EPS_FIXED = mistake(
    "eps-hard-coded",
    *({"eps_fixed": eps} for eps in (1e-5, 1e-8, 1e-3, 1e-6, 1e-10, 1e-12)),
    {"eps_fixed": 1e-8, "eps_place": "outside"},
)

EPSILON = (
    mistake("eps-outside-sqrt", eps_place="outside"),
    mistake("no-eps", eps_place="none"),
    mistake("eps-squared", eps_place="squared"),
    mistake("eps-as-floor", {"eps_place": "floor"}, {"eps_place": "clamp"}),
    mistake("zero-guarded", eps_place="guarded"),
    mistake("zero-eps-replaced", eps_falsy=True),
    EPS_DEFAULT,
    EPS_FIXED,
)

ONE_PASS = mistake("one-pass-variance", rounding=True, method="one-pass")

STANDARDISING = (
    mistake("sample-variance", ddof=1),
    mistake("square-of-sum", method="square-of-sum"),
    ONE_PASS,
    *EPSILON,
    mistake("eps-after-quotient", eps_place="quotient"),
    mistake("divides-by-variance", root=False),
    mistake("multiplies-by-deviation", scale="multiply"),
    mistake("mean-not-subtracted", centre=False),
    mistake("only-centred", scale="none"),
)

AFFINE = (
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
)

SINGLE = mistake("single-precision", result=np.float32)

FORWARD = (*STANDARDISING, *AFFINE, SINGLE)
