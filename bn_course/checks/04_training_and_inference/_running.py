"""Running statistics once more, with a knob for each mistake that is known of them."""

import numpy as np

from bn_course.checks._mistake import mistake


def moved(old, batch, momentum, weight):
    """The new running value; `weight` says how momentum is understood."""
    old_share, batch_share = {
        "batch": (1 - momentum, momentum),
        "old": (momentum, 1 - momentum),
        "replaced": (0.0, 1.0),
        "added": (1.0, momentum),
        "always-0.1": (0.9, 0.1),
        "falsy": (1 - (momentum or 0.1), momentum or 0.1),
        "forgotten": (0.0, momentum),
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


RUNNING_MISTAKES = (
    mistake("population-running-var", correction="population"),
    mistake("corrects-old-value-too", correction="everything"),
    mistake("momentum-flipped", weight="old"),
    mistake("running-replaced", weight="replaced"),
    mistake("old-not-shrunk", weight="added"),
    mistake("old-forgotten", weight="forgotten"),
    mistake("momentum-hard-coded", weight="always-0.1"),
    mistake("zero-momentum-replaced", weight="falsy"),
    mistake("running-std", {"spread": "std"}, {"spread": "roots"}),
    mistake("mean-only", update="mean"),
    mistake("var-only", update="var"),
)
