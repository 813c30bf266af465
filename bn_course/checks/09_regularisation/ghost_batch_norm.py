"""Lesson 09: Batch norm in ghost batches: consecutive parts of the batch, each normalised by itself."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import FORWARD, affine_knobs, epsilon, moments, standardised, with_affine
from bn_course.checks._mistake import mistake
from bn_course.checks._probes import (
    constant_at,
    far_from_zero,
    in_float32,
    more,
    no_eps,
    offset,
    parameters,
    small,
    to_ten_digits,
)
from bn_course.grading.question import Probe, Property, Question


# --- ghost_batch_norm -------------------------------------------------------------------------
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    """Batch norm of each ghost batch of `ghost_size` consecutive examples by itself; the last may be smaller."""
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("a ghost batch needs two examples")
    ghosts = (x[i : i + ghost_size] for i in range(0, len(x), ghost_size))
    return np.concatenate([norms.batch_norm(ghost, gamma, beta, eps) for ghost in ghosts])


def _variant(
    x,
    gamma,
    beta,
    ghost_size,
    eps=None,
    *,
    split="consecutive",
    last="alone",
    size_one="raises",
    last_of_one="raises",
    over="examples",
    **k,
):
    if size_one == "raises" and ghost_size < 2:
        raise ValueError("ghost_size")
    if last_of_one == "raises" and ghost_size > 1 and len(x) % ghost_size == 1:
        raise ValueError("last ghost batch")
    eps = epsilon(eps, **k)
    axes = {"examples": (0,), "features": (1,), "all": (0, 1)}[over]
    dropped = np.zeros(len(x), dtype=bool)

    def standardise(x):
        x_hat = np.empty(x.shape)
        for rows, taken in _ghosts(len(x), ghost_size, split, last):
            dropped[rows] = taken is None
            if taken is not None:
                mean, var = moments(x[taken], axes, **k) if len(taken) else (0.0, 0.0)
                x_hat[rows] = standardised(x[rows], mean, var, eps, **k)
        return x_hat

    y = with_affine(x, gamma, beta, 1, standardise, **affine_knobs(k))
    if last == "untouched":
        y[dropped] = x[dropped]
    return y[~dropped] if last == "left-out" else y


def _ghosts(n, size, split, last):
    """Pairs (rows to normalise, rows that give the statistics, or None where the rows are left out)."""
    every = np.arange(n)
    if split == "whole":
        return [(every, every)]
    if split in ("count", "chunks"):  # `size` ghosts, or torch.chunk's
        step = -(-n // size)
        groups = np.array_split(every, size) if split == "count" else np.split(every, range(step, n, step))
        return [(rows, rows) for rows in groups if len(rows)]
    if split == "even":
        return [(rows, rows) for rows in np.array_split(every, -(-n // size))]
    if split == "interleaved":
        step = -(-n // size)
        return [(every[i::step], every[i::step]) for i in range(step)]
    groups = [every[i : i + size] for i in range(0, n, size)]
    if split == "first":
        return [(rows, groups[0]) for rows in groups]
    if n % size and len(groups) > 1:
        short = groups[-1]
        if last == "joined":
            groups[-2:] = [np.concatenate(groups[-2:])]
        elif last == "borrows":
            return [*((rows, rows) for rows in groups[:-1]), (short, groups[-2])]
        elif last == "from-the-end":
            return [*((rows, rows) for rows in groups[:-1]), (short, every[-size:])]
        elif last in ("left-out", "untouched"):
            return [*((rows, rows) for rows in groups[:-1]), (short, None)]
    return [(rows, rows) for rows in groups]


def _probes(rng):
    def batch(n, d, spread=1.0):
        x = spread * rng.normal(rng.normal(size=d), rng.uniform(0.7, 2, d), (n, d))
        return x, *parameters(rng, d)

    return [
        Probe("eleven examples in ghost batches of four, ε = 0.1", (*batch(11, 3), 4, 0.1)),
        Probe("twelve examples in ghost batches of four", (*batch(12, 5), 4, 0.3)),
        Probe("small variances, ε left at its default", (*batch(8, 3, 5e-3), 3)),
        Probe("a ghost batch larger than the batch", (*batch(5, 5), 8, 0.1)),
        Probe("fourteen examples in ghost batches of six, ε = 2", (*batch(14, 4), 6, 2.0)),
        *more(*batch(9, 3), 3),
        constant_at(np.s_[:, 1], (*batch(9, 3), 3)),
        Probe("a last ghost batch of one", (*batch(9, 3), 4, 0.1)),
        Probe("ghost_size 1", (*batch(6, 3), 1, 0.1)),
        Probe(
            "float32 at mean 1000",
            (offset(rng, 9, 5), *in_float32(*parameters(rng, 5)), 5, 1e-5),
            rounding=True,
        ),
    ]


def _ghost_example(label, x, ghost_size, gamma=(1,), beta=(0,), eps=0.0):
    x = np.array(x)
    return small(
        x if x.ndim == 2 else x[:, None], np.array(gamma), np.array(beta), ghost_size, eps, label=label
    )


_GHOST_EXAMPLES = (
    _ghost_example("two ghost batches of two", [0, 2, 4, 10], 2),
    _ghost_example("the last one smaller", [0, 2, 4, 1, 5], 3),
    _ghost_example("three of two and a ghost size of three", [0, 2, 4, 1, 5, 3], 3),
    _ghost_example("seven examples, five in a ghost batch", [0, 3, 3, 1, 5, 3, 6], 5),
    _ghost_example("ε = 3", [0, 2, 4, 10], 2, eps=3.0),
    _ghost_example("γ and β", [0, 2, 4, 10], 2, (2,), (5,)),
    _ghost_example("two features", [[0, 1], [2, 5], [4, 0], [10, 2]], 2, (1, 3), (0, 10)),
    small([[0], [0.02], [0.01], [0.05]], [1], [0], 2, label="the default ε"),
    no_eps([[0], [0.002], [0.001], [0.005]], [1], [0], 2),
    to_ten_digits([[0], [1], [3]], [1], [0], 3, 1.0),
    _ghost_example("a last ghost batch of one", [0, 2, 7], 2),
    _ghost_example("a ghost size of one", [0, 2], 1, eps=1.0),
    far_from_zero([[4096], [4097], [4098.5]], [1], [0], 3, 0.0),
)


def _ghost_means_are_beta(args, y):
    x, _, beta, size, *_ = args
    means = [np.asarray(y)[i : i + size].mean(axis=0) for i in range(0, len(x), size)]
    worst = np.abs(np.array(means) - beta).max()
    return f"the mean of y over a ghost batch should be β; it is off by {worst:.2g}" if worst > 1e-5 else None


QUESTION = Question(
    name="ghost_batch_norm",
    version=2,
    points=3,
    level=2,
    reference=ghost_batch_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=_GHOST_EXAMPLES,
    properties=(Property("the mean of each ghost batch is β", _ghost_means_are_beta),),
    misconceptions=(
        mistake("ghosts-ignored", split="whole"),
        mistake("ghost-count", {"split": "count"}, {"split": "chunks"}),
        mistake("even-split", split="even"),
        mistake("interleaved", split="interleaved"),
        mistake("first-ghost-for-all", split="first"),
        mistake("last-joined", last="joined"),
        mistake("last-borrows", {"last": "borrows"}, {"last": "from-the-end"}),
        mistake("last-left-out", {"last": "left-out"}, {"last": "untouched"}),
        mistake("accepts-last-of-one", last_of_one="accepted"),
        mistake("accepts-size-one", size_one="accepted"),
        mistake("wrong-axis", over="features"),
        mistake("global-statistics", over="all"),
        *FORWARD,
        mistake("mutates-input"),
    ),
)
