"""Lesson 04: One linear layer that does what a linear layer and batch norm at inference did."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import signs
from bn_course.checks._shared import known, own
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
    task="One linear layer that does what a linear layer and batch norm at inference did.",
    ask=(
        "Send zeros through the two layers, and through your one. Which part of your fold does that test, and which not?",
        "The bias alone: γ(b − μ)/√(σ² + ε) + β. Where zeros agree and other inputs do not, it is the weight: a factor for each output.",
    ),
    reference=fold_into_linear,
    variant=_fold_variant,
    returns=("weight", "bias"),
    probes=_fold_probes,
    examples=_FOLD_EXAMPLES,
    properties=(Property("same outputs", _same_outputs),),
    misconceptions=(
        known("bias-not-folded", own_bias="forgotten"),
        known("bias-not-scaled", own_bias="unscaled"),
        known("fold-scales-rows-wrong", scale_axis=1),
        own(
            "weight-transposed",
            "You return the weight transposed.",
            "The weight stays (out, in), as PyTorch keeps it: y = x Wᵀ + b.",
            transposed=True,
        ),
        own(
            "running-mean-not-folded",
            "The running mean is missing from the bias.",
            "Batch norm subtracts it after the layer's bias was added: the folded bias is "
            "β + (bias − running_mean)·γ/√(running_var + ε).",
            mean_use="forgotten",
        ),
        own(
            "running-mean-added",
            "You add the running mean.",
            "Batch norm subtracts it.",
            mean_use="added",
        ),
        own(
            "running-mean-not-scaled",
            "You subtract the running mean unscaled.",
            "It is subtracted before the division, so it passes through it: "
            "running_mean·γ/√(running_var + ε).",
            mean_use="unscaled",
        ),
        own(
            "beta-scaled",
            "You scale β.",
            "β is added last, after the division: it goes into the bias as it is.",
            beta_use="scaled",
        ),
        known("beta-ignored", beta_use="ignored"),
        known("gamma-ignored", gamma_use=False),
        own(
            "only-the-weight",
            "You change the weight and return the bias as it was.",
            "The shift of batch norm has to go somewhere: β + (bias − running_mean)·γ/√(running_var + ε).",
            keeps="bias",
        ),
        own(
            "only-the-bias",
            "You change the bias and return the weight as it was.",
            "Each output is divided by its deviation and multiplied by γ, so its row of the weight is, too.",
            keeps="weight",
        ),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        own(
            "eps-hard-coded",
            "You use ε = 1e-5 whatever eps is.",
            "1e-5 is the default of the argument; fold with the ε that the layer was trained with.",
            eps_from="hard-coded",
        ),
        known(
            "other-default-eps",
            {"eps_from": "keras"},
            {"eps_from": "tiny"},
        ),
        known("divides-by-variance", divide_by="variance"),
        known("mutates-input"),
    ),
    hints=(
        "Write y = γ·(W·x + b − running_mean)/√(running_var + ε) + β, and collect what multiplies x.",
        "Call s = γ/√(running_var + ε). What multiplies x is s·W, one s for each output; all the rest "
        "is the new bias.",
        "The outputs are the rows of the weight, (out, in): `s[:, None] * weight`. Without a bias, b is 0.",
        "`s[:, None] * weight` and `beta + s * (bias - running_mean)`.",
    ),
)
