"""How the noise in a batch's mean and variance depends on the batch size."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits

from ._shared import SCOPE

POPULATION = 1000
SIZES = (2, 4, 8, 16, 32, 64, 128, 256, 512)


def measure(seed, scale):
    """Medians over 32 units of the first layer: noise of μ in σ, noise of σ² in σ²."""
    draws = 2000 if scale == "full" else 400
    rng = np.random.default_rng(seed)
    x = digits().train.x.numpy().astype(float)
    a = x @ rng.normal(size=(64, 32)) / 8  # (POPULATION, 32)
    a = (a - a.mean(0)) / a.std(0)
    noise = np.array([one_size(a, size, draws, rng) for size in SIZES])  # (sizes, 2, units)
    return {
        "sizes": list(SIZES),
        "mean": np.median(noise[:, 0], axis=1).tolist(),
        "var": np.median(noise[:, 1], axis=1).tolist(),
        "one_over_root": [1 / np.sqrt(size) for size in SIZES],
        "corrected": [np.sqrt((POPULATION - n) / (POPULATION - 1) / n) for n in SIZES],
    }


def one_size(a, size, draws, rng):
    """Deviations over batches, drawn without replacement, of each unit's mean and variance."""
    rows = np.array([rng.permutation(len(a))[:size] for _ in range(draws)])
    means, variances = zip(*((a[r].mean(0), a[r].var(0)) for r in rows), strict=True)
    return np.std(means, axis=0), np.std(variances, axis=0)


FIFTH = "the same to a fifth, over sizes that differ a hundredfold"


def uneven(what, least, most):
    """How far noise times √N is from constant: largest over smallest, between two sizes."""

    def spread(n):
        chosen = [least <= size <= most for size in SIZES]
        steady = (n[what] / n["one_over_root"])[:, chosen]
        return steady.max(1) / steady.min(1)

    return Effect(
        f"largest over smallest noise · √N, {what}, batches of {least} to {most}",
        spread,
        below=1.2,
        ratio=True,
        why=FIFTH,
    )


PART = uneven("mean", 2, POPULATION // 10) & uneven("var", 8, POPULATION // 10)

EXPERIMENT = Experiment(
    claim="The noise in a batch's mean and variance falls as 1/√N.",
    source="Statistics; in Luo et al. 2019, Towards Understanding Regularization in Batch Normalization, arXiv:1809.00846",
    scope=SCOPE.but(
        model="32 random linear units", values="2 to 512 × 1", optimiser="", horizon="no training"
    ),
    method="The 1000 training examples, units of deviation 1, 2000 batches of each size drawn without replacement; medians over units.",
    measure=measure,
    holds=PART & uneven("mean", 2, 512),
    when={"the batch is a small part of the training set": PART},
    finding="The mean's noise is {mean[3]:.3f} σ for batches of 16 (1/√16 = 0.250) and {mean[8]:.3f} for 512 of 1000 "
    "(1/√512 = {one_over_root[8]:.3f}; times √((1000 − 512)/999): {corrected[8]:.3f}). The variance's is {var[3]:.2f} and "
    "{var[8]:.3f} σ²",
)
