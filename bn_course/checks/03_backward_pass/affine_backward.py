"""Lesson 03: The gradients of y = γ·x̂ + β, for x̂, γ and β."""

import numpy as np

from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import GAMMA_IN_DGAMMA, MEAN_NOT_SUM, _example, _gamma


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
    add_up = {
        "sum": lambda a: a.sum(axis=0),
        "mean": lambda a: a.mean(axis=0),
        "none": lambda a: a.copy(),
        "features": lambda a: a.sum(axis=1),
        "all": lambda a: a.sum(),
    }[reduce]
    gradients = (dx_hat, add_up(each_dgamma), add_up(each_dbeta))
    return tuple(gradients[i] for i in order)


def _affine_probes(rng):
    def case(n, d):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(0.3, 1, size=(n, d)), _gamma(rng, d)

    return [
        Probe("six examples, four features", case(6, 4)),
        Probe("as many examples as features", case(5, 5)),
        Probe("one feature", case(7, 1)),
        Probe("one example", case(1, 3)),
    ]


QUESTION = Question(
    name="affine_backward",
    points=1,
    level=1,
    task="The gradients of y = γ·x̂ + β, for x̂, γ and β.",
    ask=(
        "x̂ has shape (6, 4). Which shapes have dx̂, dγ and dβ, and what became of the 6?",
        "(6, 4), (4,) and (4,). One γ serves six examples, so what the six say is added up; the loss's own 1/N is in dy already.",
    ),
    reference=affine_backward,
    variant=_affine_variant,
    returns=("dx_hat", "dgamma", "dbeta"),
    probes=_affine_probes,
    examples=(
        _example([[1], [2]], [[-1], [1]], [3]),
        _example([[1, 2], [3, 5]], [[-1, 2], [1, 0]], [2, 3]),
    ),
    misconceptions=(
        own(
            "gamma-ignored",
            "γ is missing from dx̂.",
            "y = γ·x̂ + β: one unit of x̂ moves y by γ units, so dx̂ = γ·dy.",
            dx_hat_is="dy",
        ),
        own(
            "divides-by-gamma",
            "You divide dy by γ.",
            "x̂ is multiplied by γ on the way forward, and the gradient is multiplied by the same γ on the way "
            "back. A gradient does not undo the forward pass, it follows it.",
            dx_hat_is="dy/gamma",
        ),
        own(
            "dx-hat-uses-x-hat",
            "Your dx̂ is dy·x̂.",
            "That product belongs to dγ. For dx̂ the other factor of γ·x̂ is left: dx̂ = γ·dy.",
            dx_hat_is="dy*x_hat",
        ),
        own(
            "dx-hat-without-dy",
            "Your dx̂ is γ alone.",
            "∂y/∂x̂ = γ, and the chain rule multiplies it by what arrives from above, dy.",
            dx_hat_is="gamma",
        ),
        own(
            "dx-hat-summed",
            "You add dx̂ up over the batch.",
            "Every example has its own x̂, so dx̂ keeps the shape of x̂. γ and β are shared, and there the sum belongs.",
            dx_hat_is="summed",
        ),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        own(
            "affine-wrong-axis",
            "Your γ runs along the examples.",
            "γ has one entry for each feature: shape (D,) lines up with the columns of (N, D) as it is.",
            gamma_is="column",
        ),
        own(
            *GAMMA_IN_DGAMMA,
            {"dgamma_is": "dx_hat*x_hat", "dbeta_is": "dx_hat"},
            {"dgamma_is": "dx_hat*x_hat"},
            {"dbeta_is": "dx_hat"},
        ),
        own(
            "dgamma-without-x-hat",
            "Your dγ is the sum of dy.",
            "That is dβ. y = γ·x̂ + β, so ∂y/∂γ = x̂: each dy counts with its x̂.",
            dgamma_is="dy",
        ),
        own(
            "dy-ignored",
            "Your dγ or dβ leaves dy out.",
            "∂y/∂γ = x̂ and ∂y/∂β = 1 say how y moves. The chain rule multiplies by dy, which says how the loss does.",
            {"dgamma_is": "x_hat", "dbeta_is": "ones"},
            {"dgamma_is": "x_hat"},
            {"dbeta_is": "ones"},
        ),
        known("per-example-dgamma", reduce="none"),
        own(*MEAN_NOT_SUM, reduce="mean"),
        own(
            "wrong-axis",
            "You add dγ and dβ up over the features.",
            "Each feature has its own γ, and all examples share it: add over axis 0.",
            reduce="features",
        ),
        known(
            "summed-over-everything",
            reduce="all",
        ),
        own(
            "swapped-outputs",
            "You return the gradients in another order.",
            "The order asked for is (dx_hat, dgamma, dbeta).",
            {"order": (0, 2, 1)},
            {"order": (1, 2, 0)},
            {"order": (2, 1, 0)},
        ),
        known("mutates-input"),
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
    hints=(
        "Take one entry: y = γ·x̂ + β. What are ∂y/∂x̂, ∂y/∂γ and ∂y/∂β?",
        "Each derivative is multiplied by dy. x̂ belongs to one example; γ and β serve them all, so their "
        "contributions are added up over the batch.",
        "`dx_hat = dy * gamma`. For γ, add up `dy * x_hat` over axis 0; β is the same without x̂.",
    ),
)
