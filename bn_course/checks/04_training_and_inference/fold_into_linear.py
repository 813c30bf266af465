"""Lesson 04: One linear layer that does what a linear layer and batch norm at inference did."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import NOT_GIVEN, _deviation, eps_used


# --- fold_into_linear -------------------------------------------------------------------------
def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """With s = γ/√(running_var + ε): (s · weight, β + s · (bias − running_mean))."""
    return norms.fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps)


def _fold_variant(
    weight,
    bias,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=NOT_GIVEN,
    *,
    own_bias="folded",
    scale_axis=0,
    eps_place="inside",
    eps_from="argument",
    divide_by="deviation",
    gamma_use=True,
    beta_use="added",
    mean_use="subtracted",
    keeps="nothing",
    transposed=False,
):
    deviation = _deviation(running_var, eps_used(eps, eps_from), eps_place, divide_by)
    scale = (gamma if gamma_use else 1.0) / deviation
    bias = np.zeros_like(beta) if bias is None else bias
    terms = [
        scale * {"subtracted": -running_mean, "added": running_mean}.get(mean_use, 0.0),
        {"folded": scale * bias, "unscaled": bias}.get(own_bias, 0.0),
        {"added": beta, "scaled": scale * beta}.get(beta_use, 0.0),
        -running_mean if mean_use == "unscaled" else 0.0,
    ]
    new_bias = bias.copy() if keeps == "bias" else sum(terms)
    new_weight = weight * (scale[:, None] if scale_axis == 0 else scale)
    new_weight = weight.copy() if keeps == "weight" else new_weight
    return (new_weight.T if transposed else new_weight), new_bias


def _fold_probes(rng):
    def args(out, into, eps=None, bias=True, var=1.0):
        weight, b = rng.normal(size=(out, into)), rng.normal(size=out)
        stats = rng.uniform(0.5, 2.0, out), rng.uniform(0.5, 3.0, out) * var
        head = (weight, b if bias else None, signs(rng, out), rng.normal(size=out), *stats)
        return head if eps is None else (*head, eps)

    return [
        Probe("5 outputs, 3 inputs, ε = 0.1", args(5, 3, 0.1)),
        Probe("as many outputs as inputs", args(4, 4, 0.1)),
        Probe("no bias", args(3, 4, 0.1, bias=False)),
        Probe("small variances, ε left at its default", args(4, 2, var=1e-5)),
    ]


def _fold_example(label, *numbers, eps=0.0):
    arrays = [None if a is None else np.array(a, float) for a in numbers]
    return Probe(label, (*arrays, eps) if eps is not None else tuple(arrays))


_FOLD_EXAMPLES = (
    _fold_example("one weight", [[2.0]], [1], [3], [5], [3], [4]),
    _fold_example("two outputs", [[1.0, 2], [3, 4]], [1, 0], [2, -3], [0, 1], [3, 1], [4, 1]),
    _fold_example("no bias, with ε", [[1.0], [2]], None, [2, 6], [1, 0], [1, 2], [3, 8], eps=1.0),
    _fold_example("ε left at its default", [[1.0]], [0], [1], [0], [0], [1e-6], eps=None),
)


def _same_outputs(args, value):
    weight, bias, gamma, beta, running_mean, running_var, *eps = args
    x = np.random.default_rng(0).normal(size=(3, weight.shape[1]))
    before = x @ weight.T + (0.0 if bias is None else bias)
    wanted = norms.batch_norm_inference(before, gamma, beta, running_mean, running_var, *eps)
    folded = x @ np.asarray(value[0]).T + np.asarray(value[1])
    off = np.abs(folded - wanted).max()
    if off <= 1e-6 * max(1.0, np.abs(wanted).max()):
        return None
    return f"on three inputs the folded layer gives other outputs, by up to {off:.2g}"


QUESTION = Question(
    name="fold_into_linear",
    points=2,
    level=2,
    reference=fold_into_linear,
    variant=_fold_variant,
    returns=("weight", "bias"),
    probes=_fold_probes,
    examples=_FOLD_EXAMPLES,
    properties=(Property("same outputs", _same_outputs),),
    misconceptions=(
        mistake("bias-not-folded", own_bias="forgotten"),
        mistake("bias-not-scaled", own_bias="unscaled"),
        mistake("fold-scales-rows-wrong", scale_axis=1),
        mistake("weight-transposed", transposed=True),
        mistake("running-mean-not-folded", mean_use="forgotten"),
        mistake("running-mean-added", mean_use="added"),
        mistake("running-mean-not-scaled", mean_use="unscaled"),
        mistake("beta-scaled", beta_use="scaled"),
        mistake("beta-ignored", beta_use="ignored"),
        mistake("gamma-ignored", gamma_use=False),
        mistake("only-the-weight", keeps="bias"),
        mistake("only-the-bias", keeps="weight"),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-hard-coded", eps_from="hard-coded"),
        mistake("other-default-eps", {"eps_from": "keras"}, {"eps_from": "tiny"}),
        mistake("divides-by-variance", divide_by="variance"),
        mistake("mutates-input"),
    ),
)
