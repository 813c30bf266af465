"""Lesson 04: fold batch norm, in evaluation, into the linear layer before it."""

from bn_course import norms
from bn_course.checks._fold import FOLDING, does_both, fold
from bn_course.checks._forward import OTHER_DEFAULT_EPS
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import more, no_eps, signs, small
from bn_course.grading.question import Probe, Property, Question


def fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    """With s = γ/√(running_var + ε): (s · weight, β + s · (bias − running_mean))."""
    return norms.fold_into_linear(weight, bias, gamma, beta, running_mean, running_var, eps)


def _probes(rng):
    def args(out, into, eps=None, bias=True, var=1.0):
        weight, b = rng.normal(size=(out, into)), rng.normal(size=out)
        stats = rng.uniform(0.5, 2.0, out), rng.uniform(0.5, 3.0, out) * var
        head = (weight, b if bias else None, signs(rng, out), rng.normal(size=out), *stats)
        return head if eps is None else (*head, eps)

    never = args(3, 2, 1e-3)
    never[5][1] = 0.0
    return [
        Probe("5 outputs, 3 inputs, ε = 0.1", args(5, 3, 0.1)),
        Probe("as many outputs as inputs", args(4, 4, 0.1)),
        Probe("no bias", args(3, 4, 0.1, bias=False)),
        Probe("small variances, ε left at its default", args(4, 2, var=1e-5)),
        *more(*args(4, 3), at=5),
        Probe("a running variance of 0, ε = 0.001", never),
    ]


QUESTION = Question(
    name="fold_into_linear",
    version=2,
    points=2,
    level=2,
    reference=fold_into_linear,
    variant=fold,
    returns=("weight", "bias"),
    probes=_probes,
    examples=(
        small([[2]], [1], [3], [5], [3], [4], 0.0, label="one weight"),
        small([[1, 2], [3, 4]], [1, 0], [2, -3], [0, 1], [3, 1], [4, 1], 0.0, label="two outputs"),
        small([[1], [2]], None, [2, 6], [1, 0], [1, 2], [3, 8], 1.0, label="no bias, with ε"),
        small([[1]], [0], [1], [0], [0], [1e-6], label="ε left at its default"),
        no_eps([[1]], [0], [1], [0], [0], [1e-6]),
    ),
    misconceptions=(
        mistake("running-mean-not-folded", mean_is="forgotten"),
        mistake("running-mean-added", mean_is="added"),
        mistake("running-mean-not-scaled", mean_is="plain"),
        mistake("fold-scales-rows-wrong", along=1),
        mistake("weight-transposed", transposed=True),
        mistake("only-the-bias", keeps="weight"),
        OTHER_DEFAULT_EPS,
        *FOLDING,
        mistake("mutates-input"),
    ),
    properties=(Property("same outputs", does_both),),
)
