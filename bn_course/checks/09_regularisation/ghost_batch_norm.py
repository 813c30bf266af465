"""Lesson 09: Batch norm in ghost batches: consecutive parts of the batch, each normalised by itself."""

import numpy as np

from bn_course import norms
from bn_course.checks._mistake import mistake
from bn_course.grading.question import Probe, Property, Question


# --- ghost_batch_norm -------------------------------------------------------------------------
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    """Batch norm of each ghost batch of `ghost_size` consecutive examples by itself; the last may be smaller."""
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("a ghost batch needs two examples")
    ghosts = (x[i : i + ghost_size] for i in range(0, len(x), ghost_size))
    return np.concatenate([norms.batch_norm(ghost, gamma, beta, eps) for ghost in ghosts])


def _ghost_variant(
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
    ddof=0,
    axis=0,
    method="two-pass",
    eps_place="inside",
    eps_default=1e-5,
    eps_fixed=None,
    root=True,
    centre=True,
    scale=True,
    affine="after",
    gamma_is="vector",
    beta_is="vector",
    swapped=False,
):
    eps = eps_default if eps is None else eps
    eps = eps if eps_fixed is None else eps_fixed
    n = len(x)
    if size_one == "raises" and ghost_size < 2:
        raise ValueError("ghost_size")
    if last_of_one == "raises" and ghost_size > 1 and n % ghost_size == 1:
        raise ValueError("last ghost batch")
    gamma, beta = (beta, gamma) if swapped else (gamma, beta)
    gamma = {"vector": gamma, "first": gamma[0], "mean": gamma.mean(), "ignored": 1.0}[gamma_is]
    beta = {"vector": beta, "ignored": 0.0}[beta_is]
    x = gamma * x + beta if affine == "before" else x
    x_hat = np.empty(x.shape)
    dropped = np.zeros(n, dtype=bool)
    for rows, taken in _ghosts(n, ghost_size, split, last):
        dropped[rows] = taken is None
        if taken is None:
            continue
        part = x[taken]
        mean = part.mean(axis=axis, keepdims=True) if len(taken) else 0.0
        if method == "one-pass":
            var = (part * part).mean(axis=axis, keepdims=True) - mean * mean
        else:
            var = ((part - mean) ** 2).sum(axis=axis, keepdims=True) / (part.size // mean.size - ddof)
        inside = {"inside": eps, "outside": 0.0, "none": 0.0}[eps_place]
        divisor = np.sqrt(var + inside) if root else var + inside
        divisor = divisor + eps if eps_place == "outside" else divisor
        x_hat[rows] = (x[rows] - mean if centre else x[rows]) / (divisor if scale else 1.0)
    y = (
        x_hat
        if affine == "before"
        else gamma * (x_hat + beta)
        if affine == "shift-first"
        else gamma * x_hat + beta
    )
    if last == "untouched":
        y[dropped] = x[dropped]
    return y[~dropped] if last == "left-out" else y


def _ghosts(n, size, split, last):
    """Pairs (rows to normalise, rows that give the statistics, or None where the rows are left out)."""
    every = np.arange(n)
    if split == "whole":
        return [(every, every)]
    if split == "count":
        groups = np.array_split(every, size)
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


def _ghost_probes(rng):
    def batch(n, d, spread=1.0):
        x = spread * rng.normal(rng.normal(size=d), rng.uniform(0.7, 2, d), (n, d))
        gamma = rng.uniform(1.3, 2.5, d) * np.where(np.arange(d) % 2, -1, 1)
        return x, gamma, rng.uniform(0.3, 1.5, d) * np.where(np.arange(d) % 3, 1, -1)

    offset = tuple(a.astype(np.float32) for a in batch(9, 5))
    return [
        Probe("eleven examples in ghost batches of four, ε = 0.1", (*batch(11, 3), 4, 0.1)),
        Probe("twelve examples in ghost batches of four", (*batch(12, 5), 4, 0.3)),
        Probe("small variances, ε left at its default", (*batch(8, 3, 5e-3), 3)),
        Probe("a ghost batch larger than the batch", (*batch(5, 5), 8, 0.1)),
        Probe("fourteen examples in ghost batches of six, ε = 2", (*batch(14, 4), 6, 2.0)),
        Probe("a last ghost batch of one", (*batch(9, 3), 4, 0.1)),
        Probe("ghost_size 1", (*batch(6, 3), 1, 0.1)),
        Probe("float32 at mean 1000", (offset[0] + np.float32(1e3), *offset[1:], 5, 1e-5), rounding=True),
    ]


def _ghost_example(label, x, ghost_size, gamma=(1,), beta=(0,), eps=0.0):
    x, gamma, beta = (np.array(a, dtype=float) for a in (x, gamma, beta))
    return Probe(label, (x if x.ndim == 2 else x[:, None], gamma, beta, ghost_size, eps))


_GHOST_EXAMPLES = (
    _ghost_example("two ghost batches of two", [0, 2, 4, 10], 2),
    _ghost_example("the last one smaller", [0, 2, 4, 1, 5], 3),
    _ghost_example("three of two and a ghost size of three", [0, 2, 4, 1, 5, 3], 3),
    _ghost_example("seven examples, five in a ghost batch", [0, 3, 3, 1, 5, 3, 6], 5),
    _ghost_example("ε = 3", [0, 2, 4, 10], 2, eps=3.0),
    _ghost_example("γ and β", [0, 2, 4, 10], 2, (2,), (5,)),
    _ghost_example("two features", [[0, 1], [2, 5], [4, 0], [10, 2]], 2, (1, 3), (0, 10)),
    Probe("the default ε", (np.array([[0.0], [0.02], [0.01], [0.05]]), np.ones(1), np.zeros(1), 2)),
    _ghost_example("a last ghost batch of one", [0, 2, 7], 2),
    _ghost_example("a ghost size of one", [0, 2], 1, eps=1.0),
    Probe(
        "float32 far from zero",
        (np.float32([[4096], [4097], [4098.5]]), np.ones(1, np.float32), np.zeros(1, np.float32), 3, 0.0),
        rounding=True,
    ),
)


def _ghost_means_are_beta(args, y):
    x, _, beta, size, *_ = args
    means = [np.asarray(y)[i : i + size].mean(axis=0) for i in range(0, len(x), size)]
    worst = np.abs(np.array(means) - beta).max()
    return f"the mean of y over a ghost batch should be β; it is off by {worst:.2g}" if worst > 1e-5 else None


QUESTION = Question(
    name="ghost_batch_norm",
    points=3,
    level=2,
    reference=ghost_batch_norm,
    variant=_ghost_variant,
    returns=("y",),
    probes=_ghost_probes,
    examples=_GHOST_EXAMPLES,
    properties=(Property("the mean of each ghost batch is β", _ghost_means_are_beta),),
    misconceptions=(
        mistake("ghosts-ignored", split="whole"),
        mistake("ghost-count", split="count"),
        mistake("even-split", split="even"),
        mistake("interleaved", split="interleaved"),
        mistake("first-ghost-for-all", split="first"),
        mistake("last-joined", last="joined"),
        mistake("last-borrows", {"last": "borrows"}, {"last": "from-the-end"}),
        mistake("last-left-out", {"last": "left-out"}, {"last": "untouched"}),
        mistake("accepts-last-of-one", last_of_one="accepted"),
        mistake("accepts-size-one", size_one="accepted"),
        mistake("sample-variance", ddof=1),
        mistake("wrong-axis", axis=1),
        mistake("global-statistics", axis=None),
        mistake("one-pass-variance", rounding=True, method="one-pass"),
        mistake("eps-outside-sqrt", eps_place="outside"),
        mistake("no-eps", eps_place="none"),
        mistake("eps-default", {"eps_default": 1e-3}, {"eps_default": 1e-8}),
        mistake("eps-hard-coded", {"eps_fixed": 1e-5}, {"eps_fixed": 1e-3}),
        mistake("divides-by-variance", root=False),
        mistake("mean-not-subtracted", centre=False),
        mistake("only-centred", scale=False),
        mistake("gamma-ignored", gamma_is="ignored"),
        mistake("beta-ignored", beta_is="ignored"),
        mistake("affine-ignored", gamma_is="ignored", beta_is="ignored"),
        mistake("gamma-after-shift", affine="shift-first"),
        mistake("affine-before", affine="before"),
        mistake("scalar-gamma", {"gamma_is": "first"}, {"gamma_is": "mean"}),
        mistake("gamma-beta-swapped", swapped=True),
        mistake("mutates-input"),
    ),
)
