"""Lesson 03: The gradients of y = γ·x̂ + β, for x̂, γ and β."""

import numpy as np

from bn_course.checks._backward import add_up
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import signs, small
from bn_course.grading.question import Probe, Property, Question


def affine_backward(dy, x_hat, gamma):
    return dy * gamma, (dy * x_hat).sum(axis=0), dy.sum(axis=0)


def _affine_variant(
    dy,
    x_hat,
    gamma,
    *,
    gamma_is="vector",
    dx_hat_is="dy*gamma",
    dgamma_is="dy*x_hat",
    dbeta_is="dy",
    reduce="sum",
    order=(0, 1, 2),
):
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "column": gamma[:, None]}[gamma_is]
    dx_hat = {
        "dy*gamma": lambda: dy * gamma,
        "dy": lambda: dy.copy(),
        "dy/gamma": lambda: dy / gamma,
        "dy*x_hat": lambda: dy * x_hat,
        "summed": lambda: (dy * gamma).sum(axis=0),
        "gamma": lambda: gamma + 0 * dy,
    }[dx_hat_is]()
    each_dgamma = {
        "dy*x_hat": lambda: dy * x_hat,
        "dx_hat*x_hat": lambda: dy * gamma * x_hat,
        "dy": lambda: dy,
        "x_hat": lambda: x_hat,
    }[dgamma_is]()
    each_dbeta = {"dy": dy, "dx_hat": dy * gamma, "ones": np.ones_like(dy)}[dbeta_is]
    axes = (1,) if reduce == "features" else (0,)
    how = "sum" if reduce == "features" else reduce
    gradients = (dx_hat, *(add_up(each, axes, how) for each in (each_dgamma, each_dbeta)))
    return tuple(gradients[i] for i in order)


def _affine_probes(rng):
    def case(n, d):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(0.3, 1, size=(n, d)), signs(rng, d)

    return [
        Probe("six examples, four features", case(6, 4)),
        Probe("as many examples as features", case(5, 5)),
        Probe("one feature", case(7, 1)),
        Probe("one example", case(1, 3)),
        Probe("after a call with other numbers", case(6, 4), driver="after_another"),
    ]


QUESTION = Question(
    name="affine_backward",
    points=1,
    level=1,
    reference=affine_backward,
    variant=_affine_variant,
    returns=("dx_hat", "dgamma", "dbeta"),
    probes=_affine_probes,
    examples=(small([[1], [2]], [[-1], [1]], [3]), small([[1, 2], [3, 5]], [[-1, 2], [1, 0]], [2, 3])),
    misconceptions=(
        mistake("gamma-ignored", dx_hat_is="dy"),
        mistake("divides-by-gamma", dx_hat_is="dy/gamma"),
        mistake("dx-hat-uses-x-hat", dx_hat_is="dy*x_hat"),
        mistake("dx-hat-without-dy", dx_hat_is="gamma"),
        mistake("dx-hat-summed", dx_hat_is="summed"),
        mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        mistake("affine-wrong-axis", gamma_is="column"),
        mistake(
            "gamma-in-dgamma",
            {"dgamma_is": "dx_hat*x_hat", "dbeta_is": "dx_hat"},
            {"dgamma_is": "dx_hat*x_hat"},
            {"dbeta_is": "dx_hat"},
        ),
        mistake("dgamma-without-x-hat", dgamma_is="dy"),
        mistake(
            "dy-ignored",
            {"dgamma_is": "x_hat", "dbeta_is": "ones"},
            {"dgamma_is": "x_hat"},
            {"dbeta_is": "ones"},
        ),
        mistake("per-example-dgamma", reduce="none"),
        mistake("mean-not-sum", reduce="mean"),
        mistake("wrong-axis", reduce="features"),
        mistake("summed-over-everything", reduce="all"),
        mistake("swapped-outputs", {"order": (0, 2, 1)}, {"order": (1, 2, 0)}, {"order": (2, 1, 0)}),
        mistake("mutates-input"),
    ),
    properties=(
        Property(
            "γ·dγ is Σ dx̂·x̂",
            lambda args, value: (
                None
                if np.allclose(args[2] * value[1], (np.asarray(value[0]) * args[1]).sum(axis=0))
                else "γ·dγ should be Σ dx̂·x̂: both say how the loss moves when all x̂ of a feature stretch"
            ),
        ),
    ),
)
