"""Lesson 05: batch normalisation of images, and of anything else with a channel axis."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._shared import known, own
from bn_course.grading.question import Prediction, Probe, Property, Question

# Which axes of (N, C, H, W) share a statistic, by the name of the choice.
_AXES = {
    "nhw": (0, 2, 3),
    "n": (0,),
    "hw": (2, 3),
    "all": (0, 1, 2, 3),
    "chw": (1, 2, 3),
    "c": (1,),
    "nhc": (0, 1, 2),
}


def _moments(x, axes, ddof=0, method="two-pass"):
    """Mean and variance over one of `_AXES`, kept; or one of the two mistakes in pooling images."""
    if axes in ("mean-of-vars", "var-of-means"):
        mean = x.mean(axis=(0, 2, 3), keepdims=True)
        if axes == "mean-of-vars":
            var = x.var(axis=(2, 3), keepdims=True, ddof=ddof).mean(axis=0, keepdims=True)
        else:
            var = x.mean(axis=(2, 3), keepdims=True).var(axis=0, keepdims=True, ddof=ddof)
        return mean, var
    axes = _AXES[axes]
    mean = x.mean(axis=axes, keepdims=True)
    if method == "one-pass":
        return mean, (x * x).mean(axis=axes, keepdims=True) - mean * mean
    squares = ((x - mean) ** 2).sum(axis=axes, keepdims=True)
    return mean, squares / (x.size // mean.size - ddof)


def _laid(values, along):
    """γ or β laid along an axis of (N, C, H, W)."""
    shape = {"c": (1, -1, 1, 1), "w": (-1,), "h": (-1, 1), "n": (-1, 1, 1, 1)}[along]
    return values.reshape(shape)


def _flattened(x, channels, view):
    """x as (M, C, 1, 1), cut up without a transpose: entries land in other channels' columns."""
    table = x.reshape(-1, channels) if view == "columns" else x.reshape(channels, -1).T
    return table[:, :, None, None]


def _restored(table, shape, view):
    return table[:, :, 0, 0].reshape(shape) if view == "columns" else table[:, :, 0, 0].T.reshape(shape)


def _left_flat(y, back):
    """y reshaped to its old shape from the order in which a transpose had put it."""
    order = {"nhwc": (0, 2, 3, 1), "cnhw": (1, 0, 2, 3)}[back]
    return y.transpose(order).reshape(y.shape)


# Mistakes that every forward pass with a channel axis shares, with the knobs that make them.
_FORWARD_MISTAKES = (
    known("eps-outside-sqrt", eps_place="outside"),
    known("no-eps", eps_place="none"),
    known(
        "eps-default",
        {"eps_default": 1e-3},
        {"eps_default": 1e-8},
        {"eps_default": 1e-6},
        {"eps_default": 1e-4},
    ),
    known(
        "eps-hard-coded",
        {"eps_fixed": 1e-5},
        {"eps_fixed": 1e-8},
        {"eps_fixed": 1e-3},
    ),
    known("divides-by-variance", root=False),
    known("mean-not-subtracted", centre=False),
    known("only-centred", scale=False),
    known("gamma-ignored", gamma_is="ignored"),
    known("beta-ignored", beta_is="ignored"),
    known(
        "affine-ignored",
        gamma_is="ignored",
        beta_is="ignored",
    ),
    known("gamma-after-shift", order="shift-first"),
    known("affine-before", order="before"),
    known(
        "scalar-gamma",
        {"gamma_is": "first"},
        {"gamma_is": "mean"},
        {"gamma_is": "first", "beta_is": "first"},
        {"gamma_is": "mean", "beta_is": "mean"},
    ),
    known(
        "gamma-beta-swapped",
        swapped=True,
    ),
)

_SAMPLE_VARIANCE = (
    "sample-variance",
    "You divide the sum of squares by one less than the number of values.",
    "Batch normalisation divides by the number of values of a channel, N·H·W for images: it standardises this "
    "batch. (The running variance, in lesson 04, is an estimate for other batches, and there N·H·W − 1 is "
    "right.) NumPy's `var` divides by the number unless `ddof=1` says otherwise.",
)
_GLOBAL = (
    "global-statistics",
    "You take one mean and one variance of all numbers together.",
    "Each channel has its own. A channel is one feature, measured at many places; different channels are "
    "different features, on scales of their own.",
)
_FLATTENED = (
    "reshaped-without-transpose",
    "You reshape to a table of C columns without moving the channels first.",
    "`reshape` never reorders numbers in memory: in (N, C, H, W) the numbers next to each other are "
    "neighbours along W, so they, and not the channels, fill a row of the table. Move the channels to the end, "
    "then reshape.",
)
_NOT_MOVED_BACK = (
    "not-transposed-back",
    "You transpose on the way in and only reshape on the way out.",
    "The shape comes out right and the numbers are in the wrong places. Undo the steps in reverse: reshape to "
    "the transposed shape, then transpose back.",
)


# ---- batch_norm_2d -----------------------------------------------------------------------------------


def batch_norm_2d(x, gamma, beta, eps=1e-5):
    return norms.batch_norm(x, gamma, beta, eps)


def _forward_variant(
    x,
    gamma,
    beta,
    eps=None,
    *,
    axes="nhw",
    ddof=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
    along="c",
    order="after",
    view=None,
    back=None,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma, beta = used_of(gamma, gamma_is, 1.0), used_of(beta, beta_is, 0.0)
    shape = x.shape
    x = _flattened(x, len(gamma), view) if view else x
    gamma, beta = _laid(gamma, along), _laid(beta, along)
    x = gamma * x + beta if order == "before" else x
    mean, var = _moments(x, axes, ddof, method)
    y = (x - mean if centre else x) / (deviation(var, eps, eps_place, root) if scale else 1.0)
    if order != "before":
        y = gamma * (y + beta) if order == "shift-first" else gamma * y + beta
    y = _restored(y, shape, view) if view else y
    return _left_flat(y, back) if back else y


def _forward_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[1])

    return [
        Probe("six images of four channels, 3 × 5, ε = 0.1", (*batch(6, 4, 3, 5), 0.1)),
        Probe("small variances, ε left at its default", batch(5, 3, 2, 4, spread=3e-3)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 3, 4, 3), 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 3, 3, 4), 0.1)),
        Probe("as many images as channels (N = C)", (*batch(3, 3, 2, 5), 0.1)),
        Probe("one image of two channels, ε = 2", (*batch(1, 2, 5, 4), 2.0)),
        Probe("images of one pixel", (*batch(6, 3, 1, 1), 0.1)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 4, 3, 2, 5), *(p.astype(np.float32) for p in parameters(rng, 3)), 1e-5),
            rounding=True,
        ),
    ]


def _channel_mean_is_beta(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(0, 2, 3)) - args[2]).max()
    if worst > 1e-5:
        return f"the mean of each channel of y should be its β; it is off by {worst:.2g}"
    return None


def _channel_deviation_is_gamma(args, y):
    x, gamma, _, *rest = args
    var = x.var(axis=(0, 2, 3))
    wanted = np.abs(gamma) * np.sqrt(var / (var + (rest[0] if rest else 1e-5)))
    worst = np.abs(np.asarray(y).std(axis=(0, 2, 3)) - wanted).max()
    if worst > 1e-5:
        return f"the deviation of each channel of y should be |γ|·σ/√(σ² + ε); it is off by {worst:.2g}"
    return None


def _image(x, gamma, beta, *eps, dtype=float, label="a small batch", rounding=False):
    arrays = (np.array(a, dtype=dtype) for a in (x, gamma, beta))
    return Probe(label, (*arrays, *eps), rounding=rounding)


_TWO_IMAGES = [[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]]  # (2, 2, 1, 2)

FORWARD = Question(
    name="batch_norm_2d",
    points=3,
    level=2,
    task="Batch normalisation of images: one mean and one variance for each channel.",
    ask=(
        "For (N, C, H, W) = (2, 3, 4, 5), how many means do you compute, and of how many numbers is each?",
        "3 of 40. 60 of 2 are statistics of each position, 6 of 20 of each image, 1 of 120 of everything.",
    ),
    reference=batch_norm_2d,
    variant=_forward_variant,
    returns=("y",),
    probes=_forward_probes,
    examples=(
        _image([[[[1, 3]]], [[[5, 7]]]], [1], [0], 0.0),
        _image([[[[0, 2]]]], [1], [0], 3.0),
        _image([[[[0, 2]]]], [2], [5], 0.0),
        _image(_TWO_IMAGES, [1, 2], [0, 10], 0.0),
        _image([[[[1], [3]], [[0], [4]]], [[[5], [7]], [[10], [2]]]], [1, 2], [0, 10], 0.0),
        _image([[[[0, 0.02]]]], [1], [0], label="the default ε"),
        _image(
            [[[[4096, 4097, 4098.5]]]], [1], [0], 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
    ),
    misconceptions=(
        own(
            "per-position",
            "You take the statistics over the batch axis alone, separately at each position of the image.",
            "A convolution uses the same weights everywhere, so a channel means the same thing everywhere, and "
            "its statistics run over N, H and W. (γ and β are shared by all positions too.)",
            axes="n",
        ),
        known("per-instance", axes="hw"),
        own(*_GLOBAL, axes="all"),
        own(
            "wrong-axis",
            "You take the statistics of each image, over its channels and positions.",
            "That is layer normalisation. Batch normalisation has one mean and one variance for each channel, "
            "over all images and positions: axes 0, 2 and 3.",
            axes="chw",
        ),
        own(
            "over-channels",
            "You take the mean over the channel axis.",
            "The channel axis is the one that is kept: the mean runs over the other three.",
            axes="c",
        ),
        own(
            "channels-last",
            "You treat the last axis as the channels.",
            "That is TensorFlow's layout, (N, H, W, C). Here the channels are axis 1.",
            {"axes": "nhc"},
            {"axes": "nhc", "along": "w"},
        ),
        own(
            "averaged-variances",
            "You take the variance of each image and average these.",
            "The average leaves out how far the images' means lie apart. The variance of a channel is taken "
            "once, over N, H and W together, around the channel's one mean.",
            axes="mean-of-vars",
        ),
        own(
            "variance-of-means",
            "You average over the positions first, then take the variance over the batch.",
            "The variance within an image is lost. Take it over N, H and W together.",
            axes="var-of-means",
        ),
        own(*_FLATTENED, {"view": "columns"}, {"view": "rows"}),
        own(*_NOT_MOVED_BACK, {"back": "nhwc"}, {"back": "cnhw"}),
        known("affine-wrong-axis", {"along": "w"}, {"along": "h"}, {"along": "n"}),
        own(*_SAMPLE_VARIANCE, ddof=1),
        known("one-pass-variance", rounding=True, method="one-pass"),
        *_FORWARD_MISTAKES,
        known("mutates-input"),
    ),
    properties=(
        Property("each channel of y has mean β", _channel_mean_is_beta),
        Property("each channel of y has deviation |γ|·σ/√(σ² + ε)", _channel_deviation_is_gamma),
    ),
    hints=(
        "How many means are there? One for each channel. So which of the four axes are averaged away?",
        "`mean` and `var` take a tuple of axes, and `keepdims=True` makes the result broadcast against x: "
        "shape (1, C, 1, 1).",
        "γ and β of shape (C,) would line up with the last axis, W. Reshape them: `gamma.reshape(1, -1, 1, 1)`.",
        "`x_hat = (x - x.mean((0, 2, 3), keepdims=True)) / np.sqrt(x.var((0, 2, 3), keepdims=True) + eps)`, "
        "then scale and shift with the reshaped γ and β.",
    ),
)


# ---- batch_norm_2d_backward --------------------------------------------------------------------------


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
        x, dy = _flattened(x, len(gamma), view), _flattened(dy, len(gamma), view)
    gamma = _laid(used_of(gamma, gamma_is, 1.0), along)
    mean, var = _moments(x, axes, ddof)
    divisor = deviation(var, eps, eps_place, root=True)
    x_hat = (x - mean) / divisor
    dx_hat = dy * gamma

    def average(values):
        """The mean in dx: which axes it adds up over, and what it divides by."""
        over, by = means or (axes, axes)
        total = values.sum(axis=_AXES[over], keepdims=True)
        return total / (np.prod([x.shape[i] for i in _AXES[by]]) if by else 1)

    dx = dx_hat - mean_term * average(dx_hat) - spread_term * x_hat * average(dx_hat * x_hat)
    dx = dx * {"inv_std": 1 / divisor, "inv_var": 1 / divisor**2, "one": 1.0}[scale]
    factor = {"x_hat": x_hat, "x": x, "centred": x - mean}[dgamma_of]
    dgamma = (dy * factor * (gamma if dgamma_factor == "gamma" else 1.0)).sum(axis=_AXES[params])
    dbeta = (dx_hat if dbeta_of == "dx_hat" else dy).sum(axis=_AXES[params])
    dx = _restored(dx, shape, view) if view else dx
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


BACKWARD = Question(
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
        _backward_example([[[[1, 0]], [[2, 1]]], [[[0, 3]], [[1, 5]]]], _TWO_IMAGES, [1, 2], 0.0),
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
        own(*_GLOBAL, axes="all"),
        own(
            "wrong-axis",
            "You take the statistics of each image, over its channels and positions.",
            "That is the backward pass of layer normalisation. Here each channel has its own, over N, H and W.",
            axes="chw",
        ),
        own(*_FLATTENED, {"view": "columns"}, {"view": "rows"}),
        own(*_SAMPLE_VARIANCE, ddof=1),
        known("eps-outside-sqrt", eps_place="outside"),
        known("no-eps", eps_place="none"),
        *(m for m in _FORWARD_MISTAKES if m.key in ("eps-default", "eps-hard-coded")),
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


# ---- batch_norm_nd -----------------------------------------------------------------------------------


def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    return norms.batch_norm(x, gamma, beta, eps, channel_axis)


def _nd_variant(
    x,
    gamma,
    beta,
    eps=None,
    channel_axis=1,
    *,
    axes="rest",
    negative="counted",
    believed=None,
    ddof=0,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
    along=None,
    order="after",
    back="moved",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    channel = (channel_axis if believed is None else believed) % x.ndim
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma, beta = used_of(gamma, gamma_is, 1.0), used_of(beta, beta_is, 0.0)
    place = channel if along is None else along % x.ndim
    shape = [-1 if i == place else 1 for i in range(x.ndim)]
    gamma, beta = gamma.reshape(shape), beta.reshape(shape)
    rest = tuple(i for i in range(x.ndim) if i != channel)
    if axes == "rest" and negative == "overlooked" and channel_axis < 0:
        axes = "all"  # no axis equals a negative number
    over = {
        "rest": rest,
        "all": tuple(range(x.ndim)),
        "first": (0,),
        "channel": (channel,),
        "positions": rest[1:],
        "two": rest[:2],
        "images": rest[:3],
    }[axes]
    x = gamma * x + beta if order == "before" else x
    mean = x.mean(axis=over, keepdims=True)
    var = ((x - mean) ** 2).sum(axis=over, keepdims=True) / (x.size // mean.size - ddof)
    y = (x - mean if centre else x) / (deviation(var, eps, eps_place, root) if scale else 1.0)
    if order != "before":
        y = gamma * (y + beta) if order == "shift-first" else gamma * y + beta
    if back == "moved":
        return y
    last = np.moveaxis(y, channel, -1)
    return last if back == "left" else last.reshape(x.shape)


def _nd_probes(rng):
    def batch(*shape, channels, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, channels)

    return [
        Probe("(N, H, W, C), channel axis 3", (*batch(6, 3, 5, 4, channels=4), 0.1, 3)),
        Probe("(N, H, W, C), channel axis −1", (*batch(6, 3, 5, 4, channels=4), 0.1, -1)),
        Probe("(N, C, H, W), channel axis −3", (*batch(5, 4, 2, 3, channels=4), 0.1, -3)),
        Probe("(N, C), channel axis left at its default", batch(6, 4, channels=4, spread=3e-3)),
        Probe("(N, C, T), channel axis 1", (*batch(6, 4, 5, channels=4), 0.1, 1)),
        Probe("(N, C, D, H, W), channel axis 1", (*batch(3, 4, 2, 5, 3, channels=4), 0.1, 1)),
        Probe("(C, N, T), channel axis 0", (*batch(4, 6, 5, channels=4), 0.1, 0)),
        Probe("(N, C, H, W) with W = C, channel axis 1", (*batch(5, 3, 4, 3, channels=3), 0.1, 1)),
        Probe("(N, H, W, C) with H = C, channel axis −1", (*batch(5, 3, 4, 3, channels=3), 0.1, -1)),
    ]


def _nd_mean_is_beta(args, y):
    x, _, beta, *rest = args
    channel = (rest[1] if len(rest) > 1 else 1) % x.ndim
    others = tuple(i for i in range(x.ndim) if i != channel)
    worst = np.abs(np.asarray(y).mean(axis=others) - beta).max()
    if worst > 1e-5:
        return f"the mean of each channel of y should be its β; it is off by {worst:.2g}"
    return None


_CHANNEL_0, _CHANNEL_1 = [[1.0, 3.0], [5.0, 7.0]], [[0.0, 4.0], [10.0, 2.0]]


def _nd_example(axis, *rest, eps=0.0, gamma=(1, 2), beta=(0, 10)):
    """Two channels of two rows and two columns, the channels put on `axis`."""
    x = np.stack([_CHANNEL_0, _CHANNEL_1], axis=axis)
    return Probe("a small batch", (x, np.array(gamma, float), np.array(beta, float), eps, axis, *rest))


ND = Question(
    name="batch_norm_nd",
    points=3,
    level=2,
    task="Batch normalisation of an array of any rank, with the channels on any axis.",
    ask=(
        "For a shape of (2, 4, 5, 3) and channel_axis = −1, write the axes down that you average over. Which shape must γ have to line up?",
        "0, 1 and 2: −1 is axis 3 of 4. γ becomes (1, 1, 1, 3); with the channels on axis 1 it would be (1, 4, 1, 1).",
    ),
    reference=batch_norm_nd,
    variant=_nd_variant,
    returns=("y",),
    probes=_nd_probes,
    examples=(
        Probe(
            "two examples, two features",
            (np.array([[0.0, 1.0], [2.0, 5.0]]), np.array([1.0, 2.0]), np.array([0.0, 10.0]), 0.0),
        ),
        Probe(
            "two examples, ε = 3",
            (np.array([[0.0], [2.0]]), np.array([2.0]), np.array([5.0]), 3.0),
        ),
        _nd_example(1),
        _nd_example(-1),
        _nd_example(0),
        Probe("the default ε", (np.array([[0.0], [0.02]]), np.array([1.0]), np.array([0.0]))),
        Probe(
            "a volume",
            (np.arange(16.0).reshape(2, 1, 2, 2, 2), np.array([1.0]), np.array([0.0]), 0.0, 1),
        ),
    ),
    misconceptions=(
        own(
            "channel-axis-ignored",
            "You normalise along axis 1 whatever `channel_axis` says.",
            "In (N, H, W, C) axis 1 is the height. The channels are where `channel_axis` says.",
            {"believed": 1},
            {"believed": 1, "along": -1},
        ),
        own(
            "negative-axes",
            "A negative `channel_axis` is not recognised, and every axis is averaged away.",
            "`i != channel_axis` is true for every i from 0 up when channel_axis is −1. Count it from the front "
            "first: `channel_axis % x.ndim`.",
            negative="overlooked",
        ),
        own(
            "reduces-channel-axis",
            "You take the mean over the channel axis.",
            "That axis is the one that is kept: the mean runs over all the others. (Keras calls the argument "
            "`axis`, and there too it is the axis that is kept.)",
            axes="channel",
        ),
        own(
            "per-position",
            "You take the statistics over axis 0 alone.",
            "They run over every axis but the channels', whatever the rank.",
            axes="first",
        ),
        own(
            "per-instance",
            "You take the statistics over the positions alone, separately in each example.",
            "That is instance normalisation. In batch normalisation a channel's statistics run over N as well.",
            axes="positions",
        ),
        own(
            "rank-hard-coded",
            "You average over a fixed number of axes.",
            "A volume (N, C, D, H, W) has four axes beside the channels, a sequence (N, C, T) two. Take every "
            "axis but the channels', however many there are.",
            {"axes": "images"},
            {"axes": "two"},
        ),
        own(*_GLOBAL, axes="all"),
        own(*_NOT_MOVED_BACK, back="reshaped"),
        own(
            "left-channels-last",
            "You return the result with the channels last.",
            "The caller's layout comes back: move the channels to where they were.",
            back="left",
        ),
        own(
            "affine-wrong-axis",
            "Your γ and β run along the wrong axis.",
            "NumPy lines up the last axes. Reshape them to have C at `channel_axis` and 1 elsewhere.",
            {"along": -1},
            {"along": 1},
        ),
        own(*_SAMPLE_VARIANCE, ddof=1),
        *_FORWARD_MISTAKES,
        known("mutates-input"),
    ),
    properties=(Property("each channel of y has mean β", _nd_mean_is_beta),),
    hints=(
        "Everything is as for images, except which axes are averaged away and where γ and β lie. Both follow "
        "from `x.ndim` and `channel_axis`.",
        "A negative axis first: `channel_axis % x.ndim` counts it from the front. Then the axes to average over "
        "are all the others, a tuple.",
        "The shape for γ and β is a list of ones, as long as x has axes, with −1 at the channel axis.",
        "`axes = tuple(i for i in range(x.ndim) if i != axis)` and "
        "`shape = [-1 if i == axis else 1 for i in range(x.ndim)]`; the rest is `batch_norm_2d`.",
    ),
)


# ---- fold_into_conv ----------------------------------------------------------------------------------


def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    return norms.fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps)


def _fold_variant(
    weight,
    bias,
    gamma,
    beta,
    running_mean,
    running_var,
    eps=None,
    *,
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    gamma_is="vector",
    inverse=False,
    along="out",
    bias_is="scaled",
    mean_is="scaled",
    beta_is="plain",
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    bias = np.zeros_like(beta) if bias is None else bias
    divisor = deviation(running_var, eps, eps_place, root)
    scale = used_of(gamma, gamma_is, 1.0) * (divisor if inverse else 1 / divisor)
    shape = {"out": (-1, 1, 1, 1), "in": (1, -1, 1, 1), "kh": (-1, 1), "kw": (-1,), "none": None}[along]
    folded = weight.copy() if shape is None else weight * scale.reshape(shape)
    parts = {"scaled": scale, "plain": 1.0, "added": -scale, "forgotten": 0.0, "divided": 1 / divisor}
    shift = bias * parts[bias_is] - running_mean * parts[mean_is] + beta * parts[beta_is]
    return folded, shift


def _fold_probes(rng):
    def case(out, inputs, kh, kw, bias=True, var=(0.5, 3.0)):
        return (
            rng.normal(size=(out, inputs, kh, kw)),
            rng.normal(size=out) + 0.5 if bias else None,
            *parameters(rng, out),
            rng.normal(size=out) + 0.7,
            rng.uniform(*var, size=out),
        )

    return [
        Probe("six outputs, four inputs, 3 × 5, ε = 0.1", (*case(6, 4, 3, 5), 0.1)),
        Probe("a convolution without a bias", (*case(6, 4, 3, 5, bias=False), 0.1)),
        Probe("small variances, ε left at its default", case(5, 3, 1, 2, var=(1e-5, 5e-5))),
        Probe("as many inputs as outputs", (*case(4, 4, 3, 2), 0.1)),
        Probe("a kernel as high as there are outputs", (*case(3, 2, 3, 5), 0.1)),
        Probe("a kernel as wide as there are outputs", (*case(3, 2, 5, 3), 0.1)),
        Probe("depthwise: one input a group, ε = 2", (*case(6, 1, 3, 2), 2.0)),
    ]


def _folded_does_both(args, value):
    """On one patch of an image a convolution is a dot product: fold and original must agree there."""
    weight, bias, gamma, beta, mean, var, *rest = args
    patch = np.cos(np.arange(weight[0].size)).reshape(weight[0].shape)
    z = (weight * patch).sum(axis=(1, 2, 3)) + (0.0 if bias is None else bias)
    wanted = gamma * (z - mean) / np.sqrt(var + (rest[0] if rest else 1e-5)) + beta
    found = (np.asarray(value[0]) * patch).sum(axis=(1, 2, 3)) + np.asarray(value[1])
    worst = np.abs(found - wanted).max() / max(1.0, np.abs(wanted).max())
    if worst > 1e-5:
        return f"on an image the folded convolution differs from convolution, then batch norm, by {worst:.2g}"
    return None


def _fold_example(weight, bias, gamma, beta, mean, var, *eps, label="one pixel in, one out"):
    vectors = (None if v is None else np.array(v, float) for v in (bias, gamma, beta, mean, var))
    return Probe(label, (np.array(weight, float), *vectors, *eps))


FOLD = Question(
    name="fold_into_conv",
    points=2,
    level=2,
    task="Fold a batch norm at inference into the convolution before it.",
    ask=(
        "Weight (3, 3, 3, 3), γ of 3: along which of the four axes does your γ run, and would NumPy complain of another?",
        "Along axis 0, the outputs: (3, 1, 1, 1). NumPy would not: a bare γ lines up with the kernel's width. Test with sizes that all differ.",
    ),
    reference=fold_into_conv,
    variant=_fold_variant,
    returns=("weight", "bias"),
    probes=_fold_probes,
    examples=(
        _fold_example([[[[3]]]], [1], [1], [0], [0], [4], 0.0),
        _fold_example([[[[3]]]], [5], [2], [7], [1], [4], 0.0),
        _fold_example([[[[3]]]], None, [2], [7], [1], [1], 3.0),
        _fold_example([[[[3]]]], [5], [2], [7], [1], [1e-5], label="the default ε"),
        _fold_example([[[[1]], [[2]]], [[[3]], [[4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        _fold_example([[[[1], [2]]], [[[3], [4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
        _fold_example([[[[1, 2]]], [[[3, 4]]]], [1, 2], [1, 3], [0, 1], [1, 0], [4, 9], 0.0),
    ),
    misconceptions=(
        known("bias-not-folded", bias_is="forgotten"),
        known("bias-not-scaled", bias_is="plain"),
        own(
            "bias-without-gamma",
            "You divide the bias by the deviation and do not multiply it by γ.",
            "Everything that batch norm sees is multiplied by γ/√(running variance + ε).",
            {"bias_is": "divided"},
            {"bias_is": "divided", "mean_is": "divided"},
        ),
        own(
            "mean-not-folded",
            "The running mean is forgotten.",
            "Batch norm subtracts it: the folded bias is β + (b − running mean)·γ/√(running variance + ε).",
            mean_is="forgotten",
        ),
        own(
            "mean-not-scaled",
            "You subtract the running mean unscaled.",
            "It is subtracted before the division, so it is multiplied by γ/√(running variance + ε) too.",
            mean_is="plain",
        ),
        own(
            "mean-added",
            "You add the running mean.",
            "Batch norm subtracts it.",
            mean_is="added",
        ),
        known("beta-ignored", beta_is="forgotten"),
        own(
            "beta-scaled",
            "You scale β as well.",
            "β is added after the division: it enters the folded bias as it is.",
            beta_is="scaled",
        ),
        own(
            "gamma-ignored",
            "γ has no effect in your answer.",
            "The scale is γ/√(running variance + ε).",
            gamma_is="ignored",
        ),
        known("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        own(
            "fold-scales-rows-wrong",
            "You scale along the wrong axis of the weight.",
            "γ/√(running variance + ε) has an entry for each output channel, and these are axis 0 of (out, in, kh, "
            "kw): reshape the scale to (out, 1, 1, 1).",
            {"along": "in"},
            {"along": "kh"},
            {"along": "kw"},
        ),
        own(
            "weight-not-scaled",
            "You fold into the bias alone and leave the weight as it is.",
            "What the convolution computes is divided by the deviation too.",
            along="none",
        ),
        own(
            "multiplies-by-deviation",
            "You multiply by the deviation.",
            "Batch norm divides by √(running variance + ε).",
            inverse=True,
        ),
        known("divides-by-variance", root=False),
        known("eps-outside-sqrt", eps_place="outside"),
        own(
            "no-eps",
            "You leave ε out.",
            "The layer that is folded divides by √(running variance + ε). Without ε the fold is close and not equal.",
            eps_place="none",
        ),
        *(m for m in _FORWARD_MISTAKES if m.key in ("eps-default", "eps-hard-coded")),
        known("mutates-input"),
    ),
    properties=(Property("it does what convolution, then batch norm, did", _folded_does_both),),
    hints=(
        "Write z = W∗x + b, then y = γ·(z − running mean)/√(running variance + ε) + β, and collect what multiplies x.",
        "With s = γ/√(running variance + ε) for each output channel: y = (s·W)∗x + s·(b − running mean) + β.",
        "s has shape (out,), weight (out, in, kh, kw): `s.reshape(-1, 1, 1, 1)`. Where bias is None, b is 0.",
    ),
)


QUESTIONS = (FORWARD, BACKWARD, ND, FOLD)

PREDICTIONS = {
    "05-shift": Prediction("b"),
    "05-parameters": Prediction(128.0, factor=1.05),
    "05-effective": Prediction("c"),
    "05-reshape": Prediction("c"),
    "05-sequence": Prediction("c"),
    "05-count": Prediction("b"),
    "05-fold-border": Prediction("b"),
}
