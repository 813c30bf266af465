"""Folding batch norm into the layer before it, once more with a knob for each mistake that is known of it."""

import numpy as np

from bn_course.checks._forward import EPSILON, deviation, epsilon, laid, used_of
from bn_course.checks._mistake import but, mistake
from bn_course.checks._properties import worst_of


def fold(
    weight,
    bias,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=None,
    *,
    along=0,
    gamma_is="vector",
    inverse=False,
    bias_is="scaled",
    mean_is="scaled",
    beta_is="plain",
    keeps=None,
    transposed=False,
    **k,
):
    """(s · weight, β + s · (bias − running_mean)) with s = γ/√(running_var + ε), of any rank."""
    bias = np.zeros_like(beta) if bias is None else bias
    divisor = deviation(running_var, epsilon(eps, **k), **k)
    scale = used_of(gamma, gamma_is, 1.0) * (divisor if inverse else 1 / divisor)
    folded = weight.copy() if keeps == "weight" else weight * laid(scale, weight.ndim, along)
    parts = {"scaled": scale, "plain": 1.0, "added": -scale, "forgotten": 0.0, "divided": 1 / divisor}
    shift = bias * parts[bias_is] - running_mean * parts[mean_is] + beta * parts[beta_is]
    return (folded.T if transposed else folded), (bias.copy() if keeps == "bias" else shift)


FOLDING = (
    mistake("bias-not-folded", bias_is="forgotten"),
    mistake("bias-not-scaled", bias_is="plain"),
    mistake("bias-without-gamma", {"bias_is": "divided"}, {"bias_is": "divided", "mean_is": "divided"}),
    mistake("beta-ignored", beta_is="forgotten"),
    mistake("beta-scaled", beta_is="scaled"),
    mistake("gamma-ignored", gamma_is="ignored"),
    mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
    mistake("only-the-weight", keeps="bias"),
    mistake("multiplies-by-deviation", inverse=True),
    mistake("divides-by-variance", root=False),
    *but(EPSILON, "eps-default"),
)


def does_both(args, value):
    """On one input a layer is a dot product: the folded one must give what layer, then norm, gave."""
    weight, bias, gamma, beta, mean, var, *rest = args
    over = tuple(range(1, weight.ndim))
    patch = np.cos(np.arange(weight[0].size)).reshape(weight[0].shape)
    z = (weight * patch).sum(axis=over) + (0.0 if bias is None else bias)
    wanted = gamma * (z - mean) / np.sqrt(var + (rest[0] if rest else 1e-5)) + beta
    found = (np.asarray(value[0]) * patch).sum(axis=over) + np.asarray(value[1])
    worst = np.abs(found - wanted).max() / max(1.0, np.abs(wanted).max())
    return worst_of("on one input the folded layer should give what layer, then norm, gave", worst)
