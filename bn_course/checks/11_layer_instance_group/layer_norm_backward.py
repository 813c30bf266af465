"""Lesson 11: The gradients of layer normalisation, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import parameters, uneven
from bn_course.checks._knobs import deviation
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import EPS_DEFAULT, EPS_FIXED, SAMPLE_VARIANCE, _arrays, _eps, layer_axes, moments


def layer_norm_backward(dy, x, gamma, eps=1e-5):
    return norms.layer_norm_backward(dy, x, gamma, eps)


def _layer_backward_variant(
    dy,
    x,
    gamma,
    eps=None,
    *,
    axes="last",
    ddof=0,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    means="last",
    mean_term=1,
    spread_term=1,
    scale="inv_std",
    gamma_at="inside",
    dgamma_of="x_hat",
    dgamma_factor="one",
    dbeta_of="dy",
    params="nt",
    order=(0, 1, 2),
):
    eps = _eps(eps, eps_default, eps_fixed)
    mean, var = moments(x, layer_axes(x, axes), ddof)
    divisor = deviation(var, eps, eps_place)
    x_hat = (x - mean) / divisor
    dx_hat = dy * gamma if gamma_at == "inside" else dy

    def average(values):
        if means == "sum":
            return values.sum(axis=-1, keepdims=True)
        return values.mean(axis=layer_axes(x, means), keepdims=True)

    dx = dx_hat - mean_term * average(dx_hat) - spread_term * x_hat * average(dx_hat * x_hat)
    dx = dx * {"inv_std": 1 / divisor, "inv_var": 1 / divisor**2, "one": 1.0}[scale]
    dx = dx * gamma if gamma_at == "outside" else dx
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    summed = layer_axes(x, params) if params != "none" else ()
    dgamma = (dy * factor * (gamma if dgamma_factor == "gamma" else 1.0)).sum(axis=summed)
    dbeta = (dy * gamma if dbeta_of == "dx_hat" else dy).sum(axis=summed)
    return tuple((dx, dgamma, dbeta)[i] for i in order)


def _layer_backward_probes(rng):
    def case(*shape, spread=1.0):
        return uneven(rng, *shape), uneven(rng, *shape, spread=spread), parameters(rng, shape[-1])[0]

    return [
        Probe("six examples of four features, ε = 0.1", (*case(6, 4), 0.1)),
        Probe("sequences, (N, T, D) = (3, 5, 4)", (*case(3, 5, 4), 0.1)),
        Probe("as many steps as features (T = D)", (*case(3, 4, 4), 0.1)),
        Probe("as many examples as features (N = D)", (*case(4, 4), 0.1)),
        Probe("small variances, ε left at its default", case(5, 6, spread=3e-3)),
        Probe("a single example, ε = 2", (*case(1, 5), 2.0)),
    ]


def _sum_of_dx_is_zero(args, value):
    dx = np.asarray(value[0])
    worst = np.abs(dx.sum(axis=-1)).max() / max(np.abs(dx).max(), 1e-12)
    if worst > 1e-5:
        return (
            "Σdx over the features of an example should be 0: adding a constant to all of them leaves y as it is; it is "
            f"{worst:.2g} times the largest entry of dx"
        )
    return None


def _backward(dy, x, gamma, *eps, label="a small batch"):
    return Probe(label, (*_arrays(dy, x, gamma), *eps))


QUESTION = Question(
    name="layer_norm_backward",
    points=3,
    level=3,
    reference=layer_norm_backward,
    variant=_layer_backward_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_layer_backward_probes,
    examples=(
        _backward([[1, 0, 0]], [[0, 3, 6]], [1, 1, 1], 0.0),
        _backward([[1, 0, 2]], [[0, 3, 6]], [1, 2, 3], 1.0),
        _backward([[1, 0, 2], [0, 3, 1]], [[0, 3, 6], [5, 1, 0]], [1, 2, 3], 0.0),
        _backward([[1, 0, 2]], [[0, 0.02, 0.03]], [1, 2, 3], label="the default ε"),
        _backward(
            [[[1, 0, 2], [0, 3, 1]], [[2, 1, 0], [1, 1, 4]]],
            [[[0, 3, 6], [5, 1, 0]], [[1, 2, 4], [2, 0, 7]]],
            [1, 2, 3],
            0.0,
        ),
    ),
    misconceptions=(
        mistake("gamma-outside", gamma_at="outside"),
        mistake("gamma-ignored", gamma_at="nowhere"),
        mistake("detached", mean_term=0, spread_term=0),
        mistake("mean-detached", mean_term=0),
        mistake("var-detached", spread_term=0),
        mistake("mean-added", mean_term=-1),
        mistake("spread-added", spread_term=-1),
        mistake("sum-not-mean", means="sum"),
        mistake("means-over-batch", {"means": "n"}, {"means": "nt"}),
        mistake(
            "wrong-axis",
            {"axes": "n"},
            {"axes": "n", "means": "n"},
            {"axes": "nt"},
            {"axes": "nt", "means": "nt"},
        ),
        mistake("dgamma-over-features", params="last"),
        mistake("not-summed-over-time", params="n"),
        mistake("per-example-dgamma", params="none"),
        SAMPLE_VARIANCE,
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        EPS_DEFAULT,
        EPS_FIXED,
        mistake("inv-std-missing", scale="one"),
        mistake("divides-by-variance", scale="inv_var"),
        mistake("dgamma-uses-x", dgamma_of="x"),
        mistake("dgamma-uses-centred", dgamma_of="centred"),
        mistake(
            "gamma-in-dgamma",
            {"dgamma_factor": "gamma"},
            {"dgamma_factor": "gamma", "dbeta_of": "dx_hat"},
            {"dbeta_of": "dx_hat"},
        ),
        mistake("swapped-outputs", {"order": (0, 2, 1)}, {"order": (1, 2, 0)}, {"order": (2, 1, 0)}),
        mistake("mutates-input"),
    ),
    properties=(Property("Σdx is 0 in each example", _sum_of_dx_is_zero),),
)
