"""What several questions of lesson 04 share."""

import numpy as np


def moved(old, batch, momentum, weight):
    """The new running value; `weight` says how momentum is understood."""
    old_share, batch_share = {
        "batch": (1 - momentum, momentum),
        "old": (momentum, 1 - momentum),
        "replaced": (0.0, 1.0),
        "added": (1.0, momentum),
        "always-0.1": (0.9, 0.1),
    }[weight]
    return old_share * old + batch_share * batch


def update_variant(
    running_mean,
    running_var,
    x,
    momentum=0.1,
    *,
    correction="sample",
    weight="batch",
    spread="variance",
    update="both",
    axis=0,
    keepdims=False,
    centre="batch",
    eps=0.0,
    one_pass=False,
    order="mean-var",
):
    mean = x.mean(axis=axis, keepdims=keepdims)
    new_mean = moved(running_mean, mean, momentum, weight)
    around = {"batch": x.mean(axis=axis, keepdims=True), "old": running_mean, "new": new_mean}[centre]
    var = ((x - around) ** 2).mean(axis=axis, keepdims=keepdims)
    if one_pass:
        var = (x * x).mean(axis=axis, keepdims=keepdims) - mean * mean
    n = x.size if axis is None else x.shape[axis]
    if correction == "sample":
        var = var * n / (n - 1)  # as NumPy divides: NaN for a single example
    elif correction == "inverse":
        var = var * (n - 1) / n
    var = var + eps
    if spread == "std":
        new_var = moved(running_var, np.sqrt(var), momentum, weight)
    elif spread == "roots":
        new_var = moved(np.sqrt(running_var), np.sqrt(var), momentum, weight) ** 2
    else:
        new_var = moved(running_var, var, momentum, weight)
    if correction == "everything":
        new_var = new_var * n / (n - 1)
    new_mean = new_mean if update in ("both", "mean") else running_mean.copy()
    new_var = new_var if update in ("both", "var") else running_var.copy()
    return (new_mean, new_var) if order == "mean-var" else (new_var, new_mean)


NOT_GIVEN = None


def eps_used(eps, eps_from):
    """`eps` as the answer takes it; NOT_GIVEN where the caller leaves it at its default."""
    default = {"keras": 1e-3, "tiny": 1e-8}.get(eps_from, 1e-5)
    return default if eps is NOT_GIVEN or eps_from == "hard-coded" else eps


def _deviation(var, eps, eps_place, divide_by="deviation"):
    if divide_by == "nothing":
        return np.ones_like(var)
    if divide_by == "variance":
        return var + (0.0 if eps_place == "none" else eps)
    if eps_place == "outside":
        return np.sqrt(var) + eps
    return np.sqrt(var + (0.0 if eps_place == "none" else eps))
