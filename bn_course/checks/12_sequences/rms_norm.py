"""Lesson 12, rms_norm."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import EPS_FIXED, EPSILON, deviation, epsilon, used_of
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import every_epsilon, no_eps, signs, small
from bn_course.checks._properties import worst_of
from bn_course.grading.question import Probe, Property, Question


def rms_norm(x, gamma, eps=1e-6):
    """γ·x/√(mean(x²) + ε), the mean over the last axis."""
    return norms.rms_norm(x, gamma, eps)


def _variant(
    x,
    gamma,
    eps=None,
    *,
    axes="last",
    size="mean-square",
    centre=False,
    gamma_is="vector",
    order="after",
    **k,
):
    eps = epsilon(eps, **{"eps_default": 1e-6, **k})
    gamma = 1 + gamma if gamma_is == "one-plus" else used_of(gamma, gamma_is, 1.0)
    axes = {
        "last": (x.ndim - 1,),
        "first": (0,),
        "second": (1,),
        "all": tuple(range(x.ndim)),
        "but-first": tuple(range(1, x.ndim)),
    }[axes]
    x = gamma * x if order == "before" else x
    x = x - x.mean(axis=axes, keepdims=True) if centre else x
    square = {
        "mean-square": lambda: (x * x).mean(axis=axes, keepdims=True),
        "sum": lambda: (x * x).sum(axis=axes, keepdims=True),
        "less-one": lambda: (
            (x * x).sum(axis=axes, keepdims=True) / max(np.prod([x.shape[axis] for axis in axes]) - 1, 1)
        ),
        "variance": lambda: x.var(axis=axes, keepdims=True),
        "absolute": lambda: np.abs(x).mean(axis=axes, keepdims=True) ** 2,
    }[size]()
    with np.errstate(all="ignore"):
        x_hat = x / deviation(square, eps, **k)
    return x_hat if order == "before" else gamma * x_hat


def _probes(rng):
    def case(*shape, spread=1.0):
        x = spread * (rng.normal(0.6, 1, shape) + rng.normal(size=(shape[0], *[1] * (len(shape) - 1))))
        return x, signs(rng, shape[-1])

    return [
        Probe("6 examples of 4 features, ε = 0.1", (*case(6, 4), 0.1)),
        Probe("sequences (N, T, D), ε = 0.1", (*case(3, 5, 4), 0.1)),
        Probe("as many examples as features", (*case(4, 4), 0.1)),
        Probe("one vector", (*case(5), 0.3)),
        Probe("images (N, C, H, W), W last", (*case(2, 3, 2, 5), 0.2)),
        *every_epsilon(case, (4, 3), np.s_[1], value=0.0),
    ]


def _rows_have_rms_gamma(args, value):
    x, gamma, *eps = args
    x_hat = np.asarray(value) / gamma
    square = (x * x).mean(axis=-1)
    wanted = np.sqrt(square / (square + (eps[0] if eps else 1e-6)))
    worst = np.abs(np.sqrt((x_hat * x_hat).mean(axis=-1)) - wanted).max()
    return worst_of("y/γ should have a root mean square of rms/√(rms² + ε) in each row", worst)


QUESTION = Question(
    name="rms_norm",
    version=2,
    points=2,
    level=1,
    reference=rms_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=(
        small([[1, 7]], [1, 1], 0.0),
        small([[0, 2]], [1, 1], 2.0),
        small([[1, 7]], [2, -3], 0.0),
        small([[1, 7], [2, 4]], [2, 3], 0.0, label="two examples"),
        small([[[1, 7], [2, 4]]], [2, 3], 0.0, label="one sequence of two steps"),
        small([[0.001, 0.007]], [1, 1], label="the default ε"),
        no_eps([[0.001, 0.002]], [1, 1]),
    ),
    properties=(Property("each row leaves with root mean square 1, times γ", _rows_have_rms_gamma),),
    misconceptions=(
        mistake("mean-subtracted", centre=True),
        mistake("divides-by-deviation", size="variance"),
        mistake("no-sqrt", root=False),
        mistake("sum-not-mean", size="sum"),
        mistake("divides-by-one-less", size="less-one"),
        mistake("mean-absolute", size="absolute"),
        mistake("wrong-axis", axes="first"),
        mistake("global-statistics", axes="all"),
        mistake("second-axis", axes="second"),
        mistake("over-steps-too", axes="but-first"),
        mistake("eps-default", {"eps_default": 1e-5}, {"eps_default": 1e-8}, {"eps_default": 1e-3}),
        EPS_FIXED,
        *but(EPSILON, "eps-default", "eps-hard-coded"),
        mistake("gamma-ignored", gamma_is="ignored"),
        mistake("one-plus-gamma", gamma_is="one-plus"),
        mistake("scalar-gamma", gamma_is="first"),
        mistake("gamma-before", order="before"),
        mistake("mutates-input"),
    ),
)
