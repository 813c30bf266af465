"""Lesson 11: Instance normalisation of images, (N, C, H, W): every channel of every image by itself."""

import numpy as np

from bn_course import norms
from bn_course.checks._draw import offset, parameters, uneven
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question

from ._shared import AFFINE, AXES, STANDARDISING, _eps, _x_hat, vectors, with_affine

_PER_POSITION = (
    "per-position",
    "You take the statistics over the batch axis alone.",
    "Nothing here is normalised over the batch, although it is said so in places: every example is normalised by "
    "itself.",
)


def instance_norm(x, gamma, beta, eps=1e-5):
    return norms.instance_norm(x, gamma, beta, eps)


def _instance_variant(x, gamma, beta, eps=None, **k):
    eps = _eps(eps, k.get("eps_default", 1e-5), k.get("eps_fixed"))
    axes = AXES[k.get("axes", "hw")]
    return with_affine(x, gamma, beta, 1, k, lambda x: _x_hat(x, axes, eps, k))


def _instance_probes(rng):
    def batch(*shape, spread=1.0):
        return uneven(rng, *shape, spread=spread), *parameters(rng, shape[1])

    return [
        Probe("six images of four channels, 3 × 5, ε = 0.1", (*batch(6, 4, 3, 5), 0.1)),
        Probe("small variances, ε left at its default", batch(5, 3, 2, 4, spread=3e-3)),
        Probe("images as wide as they have channels (W = C)", (*batch(5, 3, 4, 3), 0.1)),
        Probe("images as high as they have channels (H = C)", (*batch(5, 3, 3, 4), 0.1)),
        Probe("as many images as channels (N = C)", (*batch(3, 3, 2, 5), 0.1)),
        Probe("a single image, ε = 2", (*batch(1, 2, 5, 4), 2.0)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 2, 3, 4, 8), *(p.astype(np.float32) for p in parameters(rng, 3)), 1e-5),
            rounding=True,
        ),
    ]


def _every_image_has_mean_beta(args, y):
    worst = np.abs(np.asarray(y).mean(axis=(2, 3)) - args[2]).max()
    if worst > 1e-5:
        return f"the mean of each channel of each image should be its β; it is off by {worst:.2g}"
    return None


_TWO_IMAGES = [[[[1, 3]], [[0, 4]]], [[[5, 7]], [[10, 2]]]]  # (2, 2, 1, 2)


_TWO_BY_TWO = [[[[1, 3], [8, 2]], [[0, 4], [1, 6]]]]  # (1, 2, 2, 2)


QUESTION = Question(
    name="instance_norm",
    points=2,
    level=1,
    reference=instance_norm,
    variant=_instance_variant,
    returns=("y",),
    probes=_instance_probes,
    examples=(
        vectors([[[[1, 3]]], [[[5, 9]]]], [1], [0], 0.0),
        vectors([[[[0, 2]]]], [1], [0], 3.0),
        vectors([[[[0, 2]]]], [2], [5], 0.0),
        vectors(_TWO_IMAGES, [2, 3], [5, 10], 0.0),
        vectors(_TWO_BY_TWO, [2, 3], [5, 10], 0.0),
        vectors([[[[0, 0.02]]]], [1], [0], label="the default ε"),
        vectors(
            [[[[4096, 4097, 4098.5]]]], [1], [0], 0.0, dtype=np.float32, label="far from zero", rounding=True
        ),
    ),
    misconceptions=(
        mistake("per-position", axes="n"),
        mistake("batch-statistics", axes="nhw"),
        mistake("wrong-axis", axes="chw"),
        mistake("over-channels", axes="c"),
        mistake("one-spatial-axis", {"axes": "w"}, {"axes": "h"}),
        mistake("global-statistics", axes="all"),
        *STANDARDISING,
        *AFFINE,
        mistake("affine-wrong-axis", {"along": 3}, {"along": 2}, {"along": 0}),
        mistake("mutates-input"),
    ),
    properties=(Property("each channel of each image has mean β", _every_image_has_mean_beta),),
)
