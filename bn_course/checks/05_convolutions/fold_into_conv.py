"""Lesson 05: fold batch norm, in evaluation, into the convolution before it."""

from bn_course import norms
from bn_course.checks._fold import FOLDING, does_both, fold
from bn_course.checks._forward import EPS_DEFAULT
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import more, no_eps, parameters, small
from bn_course.grading.question import Probe, Property, Question


def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    return norms.fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps)


def _probes(rng):
    def case(out, inputs, kh, kw, bias=True, var=(0.5, 3.0)):
        return (
            rng.normal(size=(out, inputs, kh, kw)),
            rng.normal(size=out) + 0.5 if bias else None,
            *parameters(rng, out),
            rng.normal(size=out) + 0.7,
            rng.uniform(*var, size=out),
        )

    never = case(3, 2, 1, 2)
    never[5][1] = 0.0
    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (*case(6, 4, 3, 5), 0.1)),
        Probe("a convolution without a bias", (*case(6, 4, 3, 5, bias=False), 0.1)),
        Probe("small variances, ε left at its default", case(5, 3, 1, 2, var=(1e-5, 5e-5))),
        Probe("as many inputs as outputs", (*case(4, 4, 3, 2), 0.1)),
        Probe("a kernel as high as there are outputs", (*case(3, 2, 3, 5), 0.1)),
        Probe("a kernel as wide as there are outputs", (*case(3, 2, 5, 3), 0.1)),
        Probe("depthwise: one input a group, ε = 2", (*case(6, 1, 3, 2), 2.0)),
        *more(*case(4, 3, 1, 2), at=5),
        Probe("a running variance of 0, ε = 0.001", (*never, 1e-3)),
    ]


QUESTION = Question(
    name="fold_into_conv",
    version=2,
    points=2,
    level=2,
    reference=fold_into_conv,
    variant=fold,
    returns=("weight", "bias"),
    probes=_probes,
    examples=(
        small([[[[3]]]], [1], [1], [0], [0], [4], 0.0),
        small([[[[3]]]], [5], [2], [7], [1], [4], 0.0),
        small([[[[3]]]], None, [2], [7], [1], [1], 3.0),
        small([[[[3]]]], [5], [2], [7], [1], [1e-5], label="the default ε"),
        small([[[[1]], [[2]]], [[[3]], [[4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        small([[[[1], [2]]], [[[3], [4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        small([[[[1, 2]]], [[[3, 4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        no_eps([[[[3]]]], [5], [2], [7], [1], [1e-5]),
    ),
    misconceptions=(
        mistake("mean-not-folded", mean_is="forgotten"),
        mistake("mean-not-scaled", mean_is="plain"),
        mistake("mean-added", mean_is="added"),
        mistake("fold-scales-rows-wrong", {"along": 1}, {"along": 2}, {"along": 3}),
        mistake("weight-not-scaled", keeps="weight"),
        EPS_DEFAULT,
        *FOLDING,
        mistake("mutates-input"),
    ),
    properties=(Property("it does what convolution, then batch norm, did", does_both),),
)
