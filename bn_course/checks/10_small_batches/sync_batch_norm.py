"""Lesson 10: Batch norm of a batch that is spread over several workers, as if it were in one place."""

import numpy as np

from bn_course import norms
from bn_course.checks._forward import (
    AFFINE,
    EPSILON,
    OTHER_DEFAULT_EPS,
    affine_knobs,
    epsilon,
    standardised,
    with_affine,
)
from bn_course.checks._mistake import but, mistake
from bn_course.checks._probes import signs
from bn_course.grading.question import Probe, Property, Question


def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    """Batch norm of all shards together, given back shard by shard."""
    y = norms.batch_norm(np.concatenate(shards), gamma, beta, eps)
    return np.split(y, np.cumsum([len(shard) for shard in shards])[:-1])


def _variant(
    shards,
    gamma,
    beta,
    eps=None,
    *,
    mean_of="all",
    var_of="all",
    weights="counts",
    between=True,
    one_pass=False,
    **k,
):
    eps = epsilon(eps, **k)
    n = np.array([len(shard) for shard in shards], float)
    w = (n / n.sum() if weights == "counts" else np.full(len(n), 1 / len(n)))[:, None]
    means = np.stack([shard.mean(axis=0) for shard in shards])
    variances = np.stack([shard.var(axis=0) for shard in shards])
    mean = (w * means).sum(axis=0)
    var = (w * (variances + between * (means - mean) ** 2)).sum(axis=0)
    if one_pass:
        var = sum((s * s).sum(axis=0) for s in shards) / n.sum() - mean * mean
    var = var * n.sum() / (n.sum() - k.get("ddof", 0))
    if weights == "first":  # as many in every shard as in the first
        total = n[0] * len(n)
        mean = sum(shard.sum(axis=0) for shard in shards) / total
        var = sum(((shard - mean) ** 2).sum(axis=0) for shard in shards) / total

    def normalised(index, shard):
        m = {"all": mean, "local": means[index], "first": means[0]}[mean_of]
        v = {"all": var, "local": variances[index], "first": variances[0]}[var_of]
        return with_affine(
            shard, gamma, beta, 1, lambda x: standardised(x, m, v, eps, **k), **affine_knobs(k)
        )

    return [normalised(index, shard) for index, shard in enumerate(shards)]


def _sync_probe(label, shards, gamma, beta, *eps, **options):
    names = tuple(f"shard {k}" for k in range(len(shards)))
    return Probe(label, (list(shards), gamma, beta, *eps), returns=names, **options)


def _probes(rng):
    def shards(sizes, d, scale=1.0):
        """Shards that differ in mean and spread, as shards of unlike data do."""
        return [scale * (rng.normal(0, 2, d) + rng.uniform(0.5, 3) * rng.normal(size=(n, d))) for n in sizes]

    def vectors(d):
        return signs(rng, d), rng.normal(size=d)

    offset = [(1e3 + shard).astype(np.float32) for shard in shards([5, 12, 3], 6)]
    at_offset = [v.astype(np.float32) for v in vectors(6)]
    return [
        _sync_probe("3 shards of 3, 6 and 2 examples, ε = 0.1", shards([3, 6, 2], 4), *vectors(4), 0.1),
        _sync_probe("a shard of one example", shards([1, 5], 3), *vectors(3), 0.01),
        _sync_probe("equal shards", shards([4, 4, 4], 5), *vectors(5), 0.3),
        _sync_probe("small variances, ε left at its default", shards([2, 5], 3, 3e-3), *vectors(3)),
        _sync_probe(
            "values that hardly vary, ε = 0", shards([2, 5], 3, 1e-6), *vectors(3), 0.0, driver="with_zero"
        ),
        _sync_probe("float64, to ten digits", shards([2, 5], 3), *vectors(3), 0.1, rtol=1e-9, atol=1e-10),
        _sync_probe("float32 at a mean of 1000", offset, *at_offset, rounding=True),
    ]


def _sync_example(label, shards, gamma, beta, *eps, dtype=float, **options):
    shards = [np.array(shard, dtype) for shard in shards]
    return _sync_probe(label, shards, np.array(gamma, dtype), np.array(beta, dtype), *eps, **options)


_SYNC_EXAMPLES = (
    _sync_example("two shards of one feature", [[[0.0]], [[4.0], [5.0]]], [1], [0], 0.0),
    _sync_example("equal shards", [[[0.0], [2.0]], [[4.0], [6.0]]], [1], [0], 0.0),
    _sync_example("with γ, β and ε", [[[0.0]], [[4.0], [5.0]]], [2], [1], 4.0),
    _sync_example("two features", [[[0.0, 1]], [[4, 1], [5, 4]]], [2, -3], [1, 5], 1.0),
    _sync_example("ε = 0", [[[0.0]], [[4e-6], [2e-6]]], [1], [0], 0.0, driver="with_zero"),
    _sync_example("to ten digits", [[[0.0]], [[4], [2]]], [1], [0], 1.0, rtol=1e-9, atol=1e-10),
    _sync_example("ε left at its default", [[[0.0]], [[0.004], [0.002]]], [1], [0]),
    _sync_example(
        "float32 far from zero", [[[8192]], [[8193], [8194]]], [1], [0], dtype=np.float32, rounding=True
    ),
)


def _mean_of_all_is_beta(args, value):
    beta, y = np.asarray(args[2], float), np.concatenate([np.asarray(v, float) for v in value])
    if not np.allclose(y.mean(axis=0), beta, atol=1e-6 * max(1.0, abs(y).max())):
        return "the outputs of all shards together do not have mean β"
    return None


QUESTION = Question(
    name="sync_batch_norm",
    points=3,
    version=2,
    level=2,
    reference=sync_batch_norm,
    variant=_variant,
    returns=("y",),
    probes=_probes,
    examples=_SYNC_EXAMPLES,
    properties=(Property("mean β over all shards", _mean_of_all_is_beta),),
    misconceptions=(
        mistake(
            "local-statistics",
            {"mean_of": "local", "var_of": "local"},
            {"mean_of": "local"},
            {"var_of": "local"},
        ),
        mistake("first-shard-statistics", mean_of="first", var_of="first"),
        mistake("counts-ignored", weights="equal"),
        mistake("count-of-the-first", weights="first"),
        mistake("spread-of-means-forgotten", between=False),
        mistake("sample-variance", ddof=1),
        OTHER_DEFAULT_EPS,
        *but(EPSILON, "eps-default", "eps-as-floor", "zero-guarded"),
        mistake("eps-after-quotient", eps_place="quotient"),
        mistake("divides-by-variance", root=False),
        mistake("multiplies-by-deviation", scale="multiply"),
        mistake("mean-not-subtracted", centre=False),
        mistake("only-centred", scale="none"),
        *AFFINE,
        mistake("one-pass-variance", one_pass=True, rounding=True),
        mistake("mutates-input"),
    ),
)
