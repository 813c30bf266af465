"""Lesson 05: Fold a batch norm at inference into the convolution before it."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import parameters
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import FORWARD_MISTAKES


def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    return norms.fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps)


def _fold_variant(
    weight,
    bias,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=None,
    *,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    gamma_is="vector",
    inverse=False,
    along="out",
    bias_is="scaled",
    mean_is="scaled",
    beta_is="plain",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    bias = np.zeros_like(beta) if bias is None else bias
    divisor = deviation(running_var, eps, eps_place, root)
    scale = used_of(gamma, gamma_is, 1.0) * (divisor if inverse else 1 / divisor)
    shape = {"out": (-1, 1, 1, 1), "in": (1, -1, 1, 1), "kh": (-1, 1), "kw": (-1,), "none": None}[along]
    folded = weight.copy() if shape is None else weight * scale.reshape(shape)
    parts = {"scaled": scale, "plain": 1.0, "added": -scale, "forgotten": 0.0, "divided": 1 / divisor}
    shift = bias * parts[bias_is] - running_mean * parts[mean_is] + beta * parts[beta_is]
    return folded, shift


def _fold_probes(rng):
    def case(out, inputs, kh, kw, bias=True, var=(0.5, 3.0)):
        return (
            rng.normal(size=(out, inputs, kh, kw)),
            rng.normal(size=out) + 0.5 if bias else None,
            *parameters(rng, out),
            rng.normal(size=out) + 0.7,
            rng.uniform(*var, size=out),
        )

    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (*case(6, 4, 3, 5), 0.1)),
        Probe("a convolution without a bias", (*case(6, 4, 3, 5, bias=False), 0.1)),
        Probe("small variances, ε left at its default", case(5, 3, 1, 2, var=(1e-5, 5e-5))),
        Probe("as many inputs as outputs", (*case(4, 4, 3, 2), 0.1)),
        Probe("a kernel as high as there are outputs", (*case(3, 2, 3, 5), 0.1)),
        Probe("a kernel as wide as there are outputs", (*case(3, 2, 5, 3), 0.1)),
        Probe("depthwise: one input a group, ε = 2", (*case(6, 1, 3, 2), 2.0)),
    ]


def _folded_does_both(args, value):
    """On one patch of an image a convolution is a dot product: fold and original must agree there."""
    weight, bias, gamma, beta, mean, var, *rest = args
    patch = np.cos(np.arange(weight[0].size)).reshape(weight[0].shape)
    z = (weight * patch).sum(axis=(1, 2, 3)) + (0.0 if bias is None else bias)
    wanted = gamma * (z - mean) / np.sqrt(var + (rest[0] if rest else 1e-5)) + beta
    found = (np.asarray(value[0]) * patch).sum(axis=(1, 2, 3)) + np.asarray(value[1])
    worst = np.abs(found - wanted).max() / max(1.0, np.abs(wanted).max())
    if worst > 1e-5:
        return f"on an image the folded convolution differs from convolution, then batch norm, by {worst:.2g}"
    return None


def _fold_example(weight, bias, gamma, beta, mean, var, *eps, label="one pixel in, one out"):
    vectors = (None if v is None else np.array(v, float) for v in (bias, gamma, beta, mean, var))
    return Probe(label, (np.array(weight, float), *vectors, *eps))


QUESTION = Question(
    name="fold_into_conv",
    points=2,
    level=2,
    reference=fold_into_conv,
    variant=_fold_variant,
    returns=("weight", "bias"),
    probes=_fold_probes,
    examples=(
        _fold_example([[[[3]]]], [1], [1], [0], [0], [4], 0.0),
        _fold_example([[[[3]]]], [5], [2], [7], [1], [4], 0.0),
        _fold_example([[[[3]]]], None, [2], [7], [1], [1], 3.0),
        _fold_example([[[[3]]]], [5], [2], [7], [1], [1e-5], label="the default ε"),
        _fold_example([[[[1]], [[2]]], [[[3]], [[4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        _fold_example([[[[1], [2]]], [[[3], [4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        _fold_example([[[[1, 2]]], [[[3, 4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
    ),
    misconceptions=(
        mistake("bias-not-folded", bias_is="forgotten"),
        mistake("bias-not-scaled", bias_is="plain"),
        mistake("bias-without-gamma", {"bias_is": "divided"}, {"bias_is": "divided", "mean_is": "divided"}),
        mistake("mean-not-folded", mean_is="forgotten"),
        mistake("mean-not-scaled", mean_is="plain"),
        mistake("mean-added", mean_is="added"),
        mistake("beta-ignored", beta_is="forgotten"),
        mistake("beta-scaled", beta_is="scaled"),
        mistake("gamma-ignored", gamma_is="ignored"),
        mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        mistake("fold-scales-rows-wrong", {"along": "in"}, {"along": "kh"}, {"along": "kw"}),
        mistake("weight-not-scaled", along="none"),
        mistake("multiplies-by-deviation", inverse=True),
        mistake("divides-by-variance", root=False),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        *(m for m in FORWARD_MISTAKES if m.key in ("eps-default", "eps-hard-coded")),
        mistake("mutates-input"),
    ),
    properties=(Property("it does what convolution, then batch norm, did", _folded_does_both),),
)
