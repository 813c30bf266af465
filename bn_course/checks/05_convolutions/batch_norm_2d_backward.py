"""Lesson 05: The gradients of batch normalisation of images, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import AXES, FORWARD_MISTAKES, TWO_IMAGES, _laid, flattened, moments, restored


def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    return norms.batch_norm_backward(dy, x, gamma, eps)


def _backward_variant(
    dy,
    x,
    gamma,
    eps=None,
    *,
    axes="nhw",
    ddof=0,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    means=None,
    mean_term=1,
    spread_term=1,
    scale="inv_std",
    gamma_is="vector",
    along="c",
    dgamma_of="x_hat",
    dgamma_factor="one",
    dbeta_of="dy",
    params="nhw",
    order=(0, 1, 2),
    view=None,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    shape = x.shape
    if view:
        x, dy = flattened(x, len(gamma), view), flattened(dy, len(gamma), view)
    gamma = _laid(used_of(gamma, gamma_is, 1.0), along)
    mean, var = moments(x, axes, ddof)
    divisor = deviation(var, eps, eps_place, root=True)
    x_hat = (x - mean) / divisor
    dx_hat = dy * gamma

    def average(values):
        """The mean in dx: which axes it adds up over, and what it divides by."""
        over, by = means or (axes, axes)
        total = values.sum(axis=AXES[over], keepdims=True)
        return total / (np.prod([x.shape[i] for i in AXES[by]]) if by else 1)

    dx = dx_hat - mean_term * average(dx_hat) - spread_term * x_hat * average(dx_hat * x_hat)
    dx = dx * {"inv_std": 1 / divisor, "inv_var": 1 / divisor**2, "one": 1.0}[scale]
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    dgamma = (dy * factor * (gamma if dgamma_factor == "gamma" else 1.0)).sum(axis=AXES[params])
    dbeta = (dx_hat if dbeta_of == "dx_hat" else dy).sum(axis=AXES[params])
    dx = restored(dx, shape, view) if view else dx
    return tuple((dx, dgamma, dbeta)[i] for i in order)


def _backward_probes(rng):
    def case(*shape, spread=1.0):
        return uneven(rng, *shape), uneven(rng, *shape, spread=spread), parameters(rng, shape[1])[0]

    return [
        Probe("six images of four channels, 3 × 5, ε = 0.1", (*case(6, 4, 3, 5), 0.1)),
        Probe("small variances, ε left at its default", case(5, 3, 2, 4, spread=3e-3)),
        Probe("images as wide as they have channels (W = C)", (*case(5, 3, 4, 3), 0.1)),
        Probe("images as high as they have channels (H = C)", (*case(5, 3, 3, 4), 0.1)),
        Probe("as many images as channels (N = C)", (*case(3, 3, 2, 5), 0.1)),
        Probe("one image of two channels, ε = 2", (*case(1, 2, 5, 4), 2.0)),
        Probe("images of one pixel", (*case(6, 3, 1, 1), 0.1)),
    ]


def _sum_of_dx_is_zero(args, value):
    dx = np.asarray(value[0])
    worst = np.abs(dx.sum(axis=(0, 2, 3))).max() / max(np.abs(dx).max(), 1e-12)
    if worst > 1e-5:
        return (
            "Σdx over each channel should be 0: adding a constant to a channel leaves y as it is; "
            f"it is {worst:.2g} times the largest entry of dx"
        )
    return None


def _dx_does_not_stretch(args, value):
    """Σdx·x̂ = Σ γ·dy·x̂ · ε/(σ² + ε)^1.5: zero for ε = 0, and known for any other."""
    dy, x, gamma, *rest = args
    eps = rest[0] if rest else 1e-5
    over, along = (0, 2, 3), (1, -1, 1, 1)
    var = x.var(axis=over)
    x_hat = (x - x.mean(axis=over, keepdims=True)) / np.sqrt(var + eps).reshape(along)
    wanted = gamma * (dy * x_hat).sum(axis=over) * eps / (var + eps) ** 1.5
    found = (np.asarray(value[0]) * x_hat).sum(axis=over)
    worst = np.abs(found - wanted).max() / max(1.0, np.abs(value[0]).max())
    if worst > 1e-5:
        return (
            "Σdx·x̂ over each channel should be 0, up to what ε leaves: stretching a channel hardly changes y; "
            f"it is off by {worst:.2g}"
        )
    return None


def _backward_example(dy, x, gamma, *eps, label="a small batch"):
    return Probe(label, (*(np.array(a, dtype=float) for a in (dy, x, gamma)), *eps))


QUESTION = Question(
    name="batch_norm_2d_backward",
    points=4,
    level=3,
    reference=batch_norm_2d_backward,
    variant=_backward_variant,
    returns=("dx", "dgamma", "dbeta"),
    probes=_backward_probes,
    examples=(
        _backward_example([[[[1, 0]]], [[[0, 0]]]], [[[[0, 2]]], [[[2, 0]]]], [1], 0.0),
        _backward_example([[[[1, 2]]], [[[0, 5]]]], [[[[1, 3]]], [[[5, 7]]]], [2], 4.0),
        _backward_example([[[[1, 0]], [[2, 1]]], [[[0, 3]], [[1, 5]]]], TWO_IMAGES, [1, 2], 0.0),
        _backward_example(
            [[[[1], [0]], [[2], [1]]], [[[0], [3]], [[1], [5]]]],
            [[[[1], [3]], [[0], [4]]], [[[5], [7]], [[10], [2]]]],
            [1, 2],
            0.0,
        ),
        _backward_example([[[[1, 3, 0]]]], [[[[0, 0.02, 0.03]]]], [1], label="the default ε"),
    ),
    misconceptions=(
        mistake("detached", mean_term=0, spread_term=0),
        mistake("mean-detached", mean_term=0),
        mistake("var-detached", spread_term=0),
        mistake("mean-added", mean_term=-1),
        mistake("spread-added", spread_term=-1),
        mistake("n-instead-of-nhw", means=("nhw", "n")),
        mistake("hw-instead-of-nhw", means=("nhw", "hw")),
        mistake("sum-not-mean", means=("nhw", None)),
        mistake(
            "not-summed-over-space",
            {"params": "n"},
            {"params": "n", "means": ("n", "n")},
            {"params": "n", "means": ("n", "nhw")},
        ),
        mistake(
            "per-example-dgamma",
            {"params": "hw"},
            {"params": "hw", "means": ("hw", "hw")},
            {"params": "hw", "means": ("hw", "nhw")},
        ),
        mistake("dgamma-over-channels", {"params": "nhc"}, {"params": "c"}, {"params": "chw"}),
        mistake("means-per-position", {"means": ("n", "n")}, {"means": ("n", "nhw")}),
        mistake("means-per-instance", {"means": ("hw", "hw")}, {"means": ("hw", "nhw")}),
        mistake("per-position", {"axes": "n"}, {"axes": "n", "params": "n"}),
        mistake("per-instance", {"axes": "hw"}, {"axes": "hw", "params": "hw"}),
        mistake("global-statistics", axes="all"),
        mistake("wrong-axis", axes="chw"),
        mistake("reshaped-without-transpose", {"view": "columns"}, {"view": "rows"}),
        mistake("sample-variance", ddof=1),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        *(m for m in FORWARD_MISTAKES if m.key in ("eps-default", "eps-hard-coded")),
        mistake("inv-std-missing", scale="one"),
        mistake("divides-by-variance", scale="inv_var"),
        mistake("gamma-ignored", gamma_is="ignored"),
        mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        mistake("affine-wrong-axis", {"along": "w"}, {"along": "h"}, {"along": "n"}),
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
    properties=(
        Property("Σdx is 0 in each channel", _sum_of_dx_is_zero),
        Property("Σdx·x̂ is 0 in each channel, up to ε", _dx_does_not_stretch),
    ),
)
