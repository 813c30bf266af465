"""Lesson 05: Batch normalisation of images: one mean and one variance for each channel."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._knobs import deviation, used_of
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import FORWARD_MISTAKES, TWO_IMAGES, _laid, flattened, moments, restored


def _left_flat(y, back):
    """y reshaped to its old shape from the order in which a transpose had put it."""
    order = {"nhwc": (0, 2, 3, 1), "cnhw": (1, 0, 2, 3)}[back]
    return y.transpose(order).reshape(y.shape)


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
    x = flattened(x, len(gamma), view) if view else x
    gamma, beta = _laid(gamma, along), _laid(beta, along)
    x = gamma * x + beta if order == "before" else x
    mean, var = moments(x, axes, ddof, method)
    y = (x - mean if centre else x) / (deviation(var, eps, eps_place, root) if scale else 1.0)
    if order != "before":
        y = gamma * (y + beta) if order == "shift-first" else gamma * y + beta
    y = restored(y, shape, view) if view else y
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


QUESTION = Question(
    name="batch_norm_2d",
    points=3,
    level=2,
    reference=batch_norm_2d,
    variant=_forward_variant,
    returns=("y",),
    probes=_forward_probes,
    examples=(
        _image([[[[1, 3]]], [[[5, 7]]]], [1], [0], 0.0),
        _image([[[[0, 2]]]], [1], [0], 3.0),
        _image([[[[0, 2]]]], [2], [5], 0.0),
        _image(TWO_IMAGES, [1, 2], [0, 10], 0.0),
        _image([[[[1], [3]], [[0], [4]]], [[[5], [7]], [[10], [2]]]], [1, 2], [0, 10], 0.0),
        _image([[[[0, 0.02]]]], [1], [0], label="the default ε"),
        _image(
            [[[[4096, 4097, 4098.5]]]], [1], [0], 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
    ),
    misconceptions=(
        mistake("per-position", axes="n"),
        mistake("per-instance", axes="hw"),
        mistake("global-statistics", axes="all"),
        mistake("wrong-axis", axes="chw"),
        mistake("over-channels", axes="c"),
        mistake("channels-last", {"axes": "nhc"}, {"axes": "nhc", "along": "w"}),
        mistake("averaged-variances", axes="mean-of-vars"),
        mistake("variance-of-means", axes="var-of-means"),
        mistake("reshaped-without-transpose", {"view": "columns"}, {"view": "rows"}),
        mistake("not-transposed-back", {"back": "nhwc"}, {"back": "cnhw"}),
        mistake("affine-wrong-axis", {"along": "w"}, {"along": "h"}, {"along": "n"}),
        mistake("sample-variance", ddof=1),
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        *FORWARD_MISTAKES,
        mistake("mutates-input"),
    ),
    properties=(
        Property("each channel of y has mean β", _channel_mean_is_beta),
        Property("each channel of y has deviation |γ|·σ/√(σ² + ε)", _channel_deviation_is_gamma),
    ),
)
