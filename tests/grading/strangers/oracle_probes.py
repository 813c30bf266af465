"""The questions that are functions of arrays, each with its definition and the inputs it is tried on."""

import math

import numpy as np
from oracle_truths import (
    affine,
    any_axis,
    batch,
    column_stats,
    deep,
    folded,
    ghosts,
    gradient,
    grouped,
    hat,
    inference,
    instance,
    last,
    masked,
    merged,
    norm,
    norm_backward,
    renormalised,
    restyled,
    rms,
    running,
    settled,
    slope,
    standardise_back,
    standardised,
    synchronised,
    tensors,
)

R = np.random.default_rng(20240229)


def normal(*shape):
    """Numbers whose mean and deviation differ from feature to feature and are neither 0 nor 1."""
    return R.normal(size=shape) * R.uniform(0.3, 3, size=shape[1:]) + R.uniform(-2, 2, size=shape[1:])


def norm_probes(shapes, channels, backward=False):
    """(x, γ, β[, ε]) for a norm, or (dy, x, γ[, ε]): any shape, three ε, small numbers, far from zero."""
    for shape in shapes:
        c = shape[channels]
        gamma, beta = R.normal(size=c) + 0.5, R.normal(size=c)

        def arguments(x, gamma=gamma, beta=beta):
            return (R.normal(size=x.shape), x, gamma) if backward else (x, gamma, beta)

        yield arguments(normal(*shape))
        yield (*arguments(normal(*shape)), {"eps": 0.3})
        yield arguments(0.01 * normal(*shape))
        yield (*arguments(normal(*shape)), {"eps": 0})
        if not backward:
            far = (R.normal(size=shape) + 1000).astype(np.float32)
            yield far, gamma.astype(np.float32), beta.astype(np.float32)


TABLES = [(6, 4), (4, 4), (3, 5), (9, 2)]
IMAGES = [(3, 4, 2, 5), (2, 3, 3, 3), (4, 4, 3, 4)]
SEQUENCES = [(5, 4), (4, 4), (2, 3, 5), (5, 5, 5)]


def vectors(c, count):
    return [R.normal(size=c) + 0.3 for _ in range(count)]


def fold_probes(*shapes):
    for shape in shapes:
        for bias in (R.normal(size=shape[0]), None):
            g, b, m = vectors(shape[0], 3)
            var = R.uniform(0.2, 4, size=shape[0])
            for more in ({}, {"eps": 0.3}):
                yield R.normal(size=shape), bias, g, b, m, var, more


def functions():
    """For each question that is a function of arrays: its truth and its probes."""
    constant = normal(6, 3)
    constant[:, 1] = 0.75
    tables = [(normal(*s),) for s in TABLES]
    v = R.uniform(0.1, 3, size=5)
    quartic = lambda z: float(np.sum(z**3) + np.sum(np.sin(z)) * z.size)  # noqa: E731
    yield "double", lambda x: np.asarray(x) * 2, [(normal(3, 4),), (np.array([1, -3]),), (np.array([[0.5]]),)]
    yield "standardize", standardised, [*tables, (constant,), (normal(7, 3) * 0.01,)]
    yield (
        "max_stable_learning_rate",
        lambda x: 2 / max(np.linalg.eigvals(x.T @ x / len(x)).real),
        [*tables, (normal(12, 3),)],
    )
    yield (
        "layer_stds",
        deep,
        [
            (normal(5, 4), [R.normal(size=s) for s in ((4, 4), (4, 4), (4, 3))], a)
            for a in (np.tanh, lambda h: np.maximum(h, 0))
        ],
    )
    far = (R.normal(size=(7, 3)) + 1000).astype(np.float32)
    yield "batch_stats", column_stats, [*tables, (far,)]
    yield (
        "stable_variance",
        lambda x: column_stats(x)[1],
        [
            *((x[0].astype(np.float32),) for x in tables),
            ((R.normal(size=(1500, 3)) + 1e4).astype(np.float32),),
            ((R.normal(size=(3, 4)) + 1e4).astype(np.float32),),
        ],
    )
    yield "batch_norm_forward", norm(batch, 1), [*norm_probes(TABLES, 1)]
    yield (
        "identity_affine",
        lambda m, s, e: (np.sqrt(s + e), m),
        [(*vectors(5, 1), v, e) for e in (1e-5, 0.5)],
    )
    yield "affine_backward", affine, [(normal(*s), normal(*s), R.normal(size=s[1])) for s in TABLES]
    yield (
        "standardize_backward",
        standardise_back,
        [p[:2] + p[3:] for p in norm_probes(TABLES, 1, backward=True)],
    )
    yield "batch_norm_backward", norm_backward(batch, 1), [*norm_probes(TABLES, 1, backward=True)]
    yield (
        "numerical_gradient",
        gradient,
        [
            (quartic, x, *m)
            for x in (normal(3, 2), np.array([1, 2, 3]), normal(2, 2, 2)[..., 0].T, np.array(0.7))
            for m in ((), ({"h": 1e-3},))
        ],
    )
    yield (
        "update_running_stats",
        running,
        [
            (*vectors(s[1], 1), R.uniform(0.2, 3, s[1]), normal(*s), *m)
            for s in TABLES
            for m in ((), ({"momentum": 0.4},), ({"momentum": 0.0},))
        ],
    )
    yield (
        "batch_norm_inference",
        inference,
        [
            (normal(*s), *vectors(s[1], 3), R.uniform(0.01, 3, s[1]), *m)
            for s in [*TABLES, (1, 3)]
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "keras_to_torch",
        lambda m, s, n: (1 - m, s * n / (n - 1)),
        [(m, v, n) for m in (0.99, 0.8, 0.999) for n in (2, 5, 128)],
    )
    yield "fold_into_linear", folded, [*fold_probes((3, 4), (4, 4))]
    yield "batch_norm_2d", norm(batch, 1), [*norm_probes(IMAGES, 1)]
    yield "batch_norm_2d_backward", norm_backward(batch, 1), [*norm_probes(IMAGES, 1, backward=True)]
    yield (
        "batch_norm_nd",
        any_axis,
        [
            (normal(*s), *vectors(s[a], 2), {"channel_axis": a, "eps": e})
            for s, a in (((6, 3), 1), ((3, 4, 2, 5), -1), ((2, 3, 4), -2), ((2, 3, 2, 2, 2), 1), ((4, 3), 0))
            for e in (1e-5, 0.3)
        ],
    )
    yield "fold_into_conv", folded, [*fold_probes((3, 4, 2, 2), (4, 4, 3, 1))]
    yield (
        "steps_to_target",
        settled,
        [
            (np.array(a), 0.8)
            for a in (
                [0.1, 0.9, 0.5, 0.8, 0.9],
                [0.9, 0.8],
                [0.9, 0.1],
                [0.1, 0.2],
                [0.2, 0.85, 0.79, 0.95, 0.99],
            )
        ],
    )
    yield (
        "effective_learning_rate",
        lambda lr, w: lr / math.fsum(w.ravel() ** 2),
        [(0.1, normal(*s)) for s in ((3, 4), (5, 5), (2, 3, 2, 2))],
    )
    yield (
        "loss_range_along_gradient",
        lambda f, w, g, s: (min(t := [f(w - k * g) for k in s]), max(t)),
        [
            (lambda z, c=c: float(np.sum(z**2)) - c, *vectors(4, 2), np.array(s))
            for c in (0, 50)
            for s in ([0.1, 0.5, 0.2], [1.0, 3.0], [0.3, 1.2, 0.9])
        ],
    )
    yield "gradient_growth_per_layer", slope, [([1.0, 3, 2, 9],), ([0.5, 0.2],), ([2.0, 5, 4, 30, 21],)]
    yield (
        "ghost_batch_norm",
        ghosts,
        [
            (normal(n, 3), *vectors(3, 2), g, *m)
            for n, g in ((8, 4), (7, 4), (11, 3), (10, 4), (4, 6))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "merge_stats",
        merged,
        [(normal(k, 3), R.uniform(0.2, 2, (k, 3)), R.integers(2, 9, k)) for k in (2, 3, 5)]
        + [
            (
                (R.normal(size=(3, 2)) + 1000).astype(np.float32),
                R.uniform(0.5, 2, (3, 2)).astype(np.float32),
                np.array([4, 1, 7]),
            )
        ],
    )
    yield (
        "sync_batch_norm",
        synchronised,
        [
            ([normal(n, 3) for n in sizes], *vectors(3, 2), *m)
            for sizes in ((4, 4), (3, 5, 1), (2, 7))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "batch_renorm_forward",
        renormalised,
        [
            (scale * normal(6, 4), *vectors(4, 3), R.uniform(0.3, 3, 4), r, d, *m)
            for scale in (0.1, 1, 5)
            for r, d in ((1, 0), (3, 5), (1.5, 0.3), (50, 50))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "normalize",
        lambda x, axes, eps=1e-5: hat(
            *tensors(x), tuple(a % x.ndim for a in np.atleast_1d(axes)), eps
        ).numpy(),
        [
            (normal(*s), a, *m)
            for s, a in (((4, 5), 0), ((3, 4, 5), (1, -1)), ((2, 3, 4, 5), (0, 2, 3)), ((3, 3), -1))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield "layer_norm", norm(last, -1), [*norm_probes(SEQUENCES, -1)]
    yield "layer_norm_backward", norm_backward(last, -1), [*norm_probes(SEQUENCES, -1, backward=True)]
    yield "instance_norm", norm(instance, 1), [*norm_probes(IMAGES, 1)]
    yield (
        "group_norm",
        grouped,
        [
            (normal(2, c, 3, 2), *vectors(c, 2), g, *m)
            for c, g in ((6, 2), (6, 3), (4, 4), (4, 1), (8, 2))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "adain",
        restyled,
        [(normal(2, 3, 3, 4), normal(2, 3, *s), *m) for s in ((3, 4), (2, 5)) for m in ((), ({"eps": 0.3},))],
    )
    yield (
        "weight_standardize",
        lambda w, eps=1e-5: hat(*tensors(w), (1, 2, 3), eps).numpy(),
        [(normal(*s), *m) for s in ((4, 3, 2, 2), (3, 3, 3, 3)) for m in ((), ({"eps": 0.3},))],
    )
    yield (
        "masked_batch_norm",
        masked,
        [
            (normal(*s), np.array(k), *vectors(s[2], 2), *m)
            for s, k in (((3, 5, 2), (5, 2, 3)), ((2, 4, 4), (1, 3)))
            for m in ((), ({"eps": 0.3},))
        ],
    )
    yield (
        "rms_norm",
        rms,
        [
            (normal(*s), *vectors(s[-1], 1), *m)
            for s in ((4,), (3, 5), (2, 3, 4), (3, 3))
            for m in ((), ({"eps": 0.3},))
        ]
        + [(0.001 * normal(3, 4), *vectors(4, 1))],
    )
    yield (
        "weight_norm",
        lambda v, g: np.array([k * r / math.sqrt(math.fsum(r * r)) for r, k in zip(v, g, strict=True)]),
        [(normal(*s), np.append(-0.7, R.normal(size=s[0] - 1))) for s in ((3, 4), (4, 4))],
    )
    yield (
        "dynamic_tanh",
        lambda x, a, g, b: g * np.tanh(a * x) + b,
        [(normal(*s), a, *vectors(s[-1], 2)) for s in ((3, 4), (2, 3, 4), (4, 4)) for a in (0.5, -2.0, 0.0)]
        + [(900.0 * normal(3, 4), 1.0, *vectors(4, 2))],
    )
