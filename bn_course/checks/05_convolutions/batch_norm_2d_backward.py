"""Lesson 05: The gradients of batch normalisation of images, for x, γ and β."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._shared import known, own
from bn_course.grading.question import Probe, Property, Question

from ._shared import (
    AXES,
    FLATTENED,
    FORWARD_MISTAKES,
    GLOBAL,
    SAMPLE_VARIANCE,
    TWO_IMAGES,
    _laid,
    flattened,
    moments,
    restored,
)


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
    task="The gradients of batch normalisation of images, for x, γ and β.",
    ask=(
        "For (2, 3, 4, 5), what do you divide by in the mean of dx̂, and which axes are gone from dγ?",
        "By 40 = N·H·W, and 0, 2 and 3 are gone. Who divides by N = 2 takes away twenty times too much.",
    ),
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
        known("detached", mean_term=0, spread_term=0),
        known("mean-detached", mean_term=0),
        known("var-detached", spread_term=0),
        known(
            "mean-added",
            mean_term=-1,
        ),
        known(
            "spread-added",
            spread_term=-1,
        ),
        known("n-instead-of-nhw", means=("nhw", "n")),
        own(
            "hw-instead-of-nhw",
            "You divide by H·W where the number of values is N·H·W.",
            "The mean of a channel runs over all images too, and each value carries a share 1/(N·H·W).",
            means=("nhw", "hw"),
        ),
        known("sum-not-mean", means=("nhw", None)),
        known(
            "not-summed-over-space",
            {"params": "n"},
            {"params": "n", "means": ("n", "n")},
            {"params": "n", "means": ("n", "nhw")},
        ),
        own(
            "per-example-dgamma",
            "You add dγ and dβ up over the positions and not over the batch.",
            "One γ serves a whole channel: all examples and all positions.",
            {"params": "hw"},
            {"params": "hw", "means": ("hw", "hw")},
            {"params": "hw", "means": ("hw", "nhw")},
        ),
        own(
            "dgamma-over-channels",
            "You add dγ and dβ up over the channels.",
            "Each channel has its own γ, so the channel axis is the one that stays.",
            {"params": "nhc"},
            {"params": "c"},
            {"params": "chw"},
        ),
        own(
            "means-per-position",
            "In dx you take the means over the batch alone, at each position.",
            "μ and σ² were taken over N, H and W, so the same three axes come back in the gradient.",
            {"means": ("n", "n")},
            {"means": ("n", "nhw")},
        ),
        own(
            "means-per-instance",
            "In dx you take the means over the positions of each image alone.",
            "μ and σ² were taken over N, H and W, so the same three axes come back in the gradient.",
            {"means": ("hw", "hw")},
            {"means": ("hw", "nhw")},
        ),
        own(
            "per-position",
            "You take the statistics over the batch axis alone, separately at each position of the image.",
            "A channel means the same thing everywhere in the image, so its statistics run over N, H and W, in "
            "the backward pass as in the forward pass.",
            {"axes": "n"},
            {"axes": "n", "params": "n"},
        ),
        own(
            "per-instance",
            "You take the statistics over the spatial axes alone, separately in each image.",
            "That is the backward pass of instance normalisation. Here a channel's statistics run over N as well.",
            {"axes": "hw"},
            {"axes": "hw", "params": "hw"},
        ),
        own(*GLOBAL, axes="all"),
        own(
            "wrong-axis",
            "You take the statistics of each image, over its channels and positions.",
            "That is the backward pass of layer normalisation. Here each channel has its own, over N, H and W.",
            axes="chw",
        ),
        own(*FLATTENED, {"view": "columns"}, {"view": "rows"}),
        own(*SAMPLE_VARIANCE, ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        *(m for m in FORWARD_MISTAKES if m.key in ("eps-default", "eps-hard-coded")),
        own(
            "inv-std-missing",
            "You do not divide dx by the deviation.",
            "y = γ(x − μ)/√(σ² + ε) + β: what reaches x is divided by √(σ² + ε) too.",
            scale="one",
        ),
        own(
            "divides-by-variance",
            "You divide dx by the variance.",
            "dx carries one factor 1/√(σ² + ε).",
            scale="inv_var",
        ),
        own(
            "gamma-ignored", "γ is missing from dx.", "dx̂ = γ·dy, and dx follows from dx̂.", gamma_is="ignored"
        ),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        known("affine-wrong-axis", {"along": "w"}, {"along": "h"}, {"along": "n"}),
        known("dgamma-uses-x", dgamma_of="x"),
        known(
            "dgamma-uses-centred",
            dgamma_of="centred",
        ),
        own(
            "gamma-in-dgamma",
            "Your dγ or dβ carries a factor γ.",
            "y = γ·x̂ + β, so ∂y/∂γ = x̂ and ∂y/∂β = 1: γ enters dx alone.",
            {"dgamma_factor": "gamma"},
            {"dgamma_factor": "gamma", "dbeta_of": "dx_hat"},
            {"dbeta_of": "dx_hat"},
        ),
        known(
            "swapped-outputs",
            {"order": (0, 2, 1)},
            {"order": (1, 2, 0)},
            {"order": (2, 1, 0)},
        ),
        known("mutates-input"),
    ),
    properties=(
        Property("Σdx is 0 in each channel", _sum_of_dx_is_zero),
        Property("Σdx·x̂ is 0 in each channel, up to ε", _dx_does_not_stretch),
    ),
    hints=(
        "It is the backward pass of lesson 03. Every mean and every sum there ran over the values that share a "
        "statistic: which are they now?",
        "Recompute x̂ and 1/√(σ² + ε) with `keepdims=True`. dγ and dβ are sums over axes 0, 2 and 3: shape (C,).",
        "With m = N·H·W values a channel: dx = γ/√(σ² + ε) · (dy − Σdy/m − x̂·Σ(dy·x̂)/m), sums over axes (0, 2, 3).",
        "`dx = scale * (dy - dy.mean(axes, keepdims=True) - x_hat * (dy * x_hat).mean(axes, keepdims=True))`, with "
        "`axes = (0, 2, 3)` and `scale = gamma.reshape(1, -1, 1, 1) / np.sqrt(var + eps)`.",
    ),
)
