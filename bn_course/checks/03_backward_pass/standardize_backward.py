"""Lesson 03: the gradients of x̂ = (x − μ)/√(σ² + ε), for σ², μ and x, node by node."""

import numpy as np

from bn_course import norms
from bn_course.checks._backward import BACKWARD_EPSILON
from bn_course.checks._forward import ONE_PASS, deviation, epsilon, moments
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import every_epsilon, no_eps, small
from bn_course.grading.question import Probe, Question

from ._shared import TABLE, far_example, offset_probe, properties


def standardize_backward(dx_hat, x, eps=1e-5):
    mean, var = norms.statistics(x, axes=0)
    inv_std = 1 / np.sqrt(var + eps)
    dvar = -0.5 * inv_std**3 * (dx_hat * (x - mean)).sum(axis=0)
    dmean = -inv_std * dx_hat.sum(axis=0)
    dx = norms.standardize_backward(dx_hat, (x - mean) * inv_std, inv_std, axes=0)
    return dvar[0], dmean[0], dx


def _variant(
    dx_hat,
    x,
    eps=None,
    *,
    over="n",
    half=-0.5,
    power=3,
    dvar_of="centred",
    reduce="sum",
    dmean_of="centred",
    dmean_sign=-1,
    dmean_scale="inv_std",
    mean_share="1/N",
    spread_share="2/N",
    direct="inv_std",
    order=(0, 1, 2),
    **k,
):
    axis = TABLE[over]
    mean, var = moments(x, axis, **k)
    n = x.size // mean.size
    std = deviation(var, epsilon(eps, **k), **k)

    def add_up(a):
        return a.sum(axis=axis, keepdims=True) if reduce == "sum" else a

    factor = {"centred": x - mean, "x": x}[dvar_of]
    slope = (np.sqrt(var) if k.get("spread_eps") == "none" else std) ** -power
    slope = 1 / (std**2 * np.sqrt(var)) if k.get("eps_place") == "outside-exactly" else slope
    dvar = half * add_up(dx_hat * factor) * slope
    dmean = dmean_sign * add_up(dx_hat) / (std if dmean_scale == "inv_std" else 1.0)
    dmean = dmean / (n if dmean_scale == "inv_std/N" else 1.0) / (std if dmean_scale == "inv_std/N" else 1.0)
    dmean = dmean - {"centred": 0.0, "moments": 2 * mean * dvar, "moments-graph": 2 * mean * dvar}[dmean_of]
    around = 0.0 if dmean_of == "moments-graph" or spread_share == "2x/N" else mean
    share = {
        "2/N": 2 / n,
        "2x/N": 2 / n,
        "2": 2.0,
        "1/N": 1 / n,
        "1": 1.0,
        "2/(N-1)": 2 / max(n - 1, 1),
        "0": 0.0,
        "-": -2 / n,
        "2/D": 2 / x.shape[1],
        "2/(Nσ)": 2 / n / std,
    }
    mean_path = dmean * {"1/N": 1 / n, "1": 1.0, "0": 0.0, "-": -1 / n, "1/D": 1 / x.shape[1]}[mean_share]
    spread_path = dvar * share[spread_share] * (x - around)
    first = {"inv_std": dx_hat / std, "one": dx_hat, "inv_var": dx_hat / std**2, "none": 0.0}[direct]
    dx = first + spread_path + mean_path
    flat = (np.squeeze(dvar, axis), np.squeeze(dmean, axis)) if reduce == "sum" else (dvar, dmean)
    return tuple((*flat, dx)[i] for i in order)


def _probes(rng):
    def case(n, d, spread=1.0, mean=0.0):
        return rng.normal(0.4, 1, size=(n, d)), rng.normal(mean, spread, size=(n, d))

    return [
        Probe("six examples, four features, ε = 0.1", (*case(6, 4, spread=1.6, mean=1.5), 0.1)),
        Probe("as many examples as features, ε = 0.1", (*case(5, 5, mean=-2.0), 0.1)),
        Probe("ε = 2", (*case(7, 3, spread=1.5), 2.0)),
        Probe("two examples, ε = 0.5", (*case(2, 3, mean=1.0), 0.5)),
        offset_probe(rng),
        *every_epsilon(case, (6, 3), np.s_[:, 1], at=1),
    ]


QUESTION = Question(
    name="standardize_backward",
    version=2,
    points=3,
    level=2,
    reference=standardize_backward,
    variant=_variant,
    returns=("dvar", "dmean", "dx"),
    probes=_probes,
    examples=(
        small([[3], [1], [2], [-2]], [[1], [1], [5], [5]], 0.0),
        small([[1], [0], [2]], [[0], [3], [6]], 3.0),
        small([[1, 2], [3, 0]], [[0, 1], [2, 5]], 1.0),
        small([[1], [3], [0]], [[0], [0.02], [0.03]], label="the default ε"),
        far_example(),
        no_eps([[1], [3], [0]], [[0], [0.002], [0.003]]),
    ),
    misconceptions=(
        mistake("detached", mean_share="0", spread_share="0"),
        mistake("mean-detached", mean_share="0"),
        mistake("var-detached", spread_share="0"),
        mistake(
            "sum-not-mean",
            {"mean_share": "1"},
            {"spread_share": "2"},
            {"mean_share": "1", "spread_share": "2"},
            {"spread_share": "1"},
            {"mean_share": "1", "spread_share": "1"},
        ),
        mistake("mean-added", mean_share="-"),
        mistake("spread-added", spread_share="-"),
        mistake("two-missing", spread_share="1/N"),
        mistake("spread-not-centred", spread_share="2x/N"),
        mistake("half-missing", half=-1.0),
        mistake("dvar-sign", half=0.5),
        mistake("wrong-exponent", {"power": 1}, {"power": 2}, {"power": -3}),
        mistake("dvar-not-centred", dvar_of="x"),
        mistake("dvar-uses-x-hat", power=4),
        mistake("dmean-sign", dmean_sign=1),
        mistake("dmean-not-scaled", dmean_scale="one"),
        mistake(
            "dmean-averaged", {"dmean_scale": "inv_std/N"}, {"dmean_scale": "inv_std/N", "mean_share": "1"}
        ),
        mistake("moments-graph", {"dmean_of": "moments"}, {"dmean_of": "moments-graph"}),
        mistake("inv-std-missing", direct="one"),
        mistake("divides-by-variance", direct="inv_var"),
        mistake("direct-path-missing", direct="none"),
        mistake("not-summed", reduce="none"),
        mistake("sample-variance", {"ddof": 1}, {"ddof": 1, "spread_share": "2/(N-1)"}),
        mistake("eps-missing-on-spread", spread_eps="none"),
        mistake("straight-through", mean_share="0", spread_share="0", direct="one"),
        mistake("divides-by-features", {"mean_share": "1/D", "spread_share": "2/D"}),
        mistake("spread-scaled-twice", spread_share="2/(Nσ)"),
        mistake("wrong-axis", over="d"),
        mistake("global-statistics", over="all"),
        *BACKWARD_EPSILON,
        ONE_PASS,
        mistake("swapped-outputs", {"order": (1, 0, 2)}, {"order": (2, 1, 0)}, {"order": (2, 0, 1)}),
        mistake("mutates-input"),
    ),
    properties=properties(lambda args: (args[0], args[1], args[2] if len(args) > 2 else 1e-5), 2),
)
