"""Is E[x²] − E[x]² good enough in float32?"""

import numpy as np

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

OFFSETS = (0, 10, 100, 1000, 10_000)


def measure(seed, scale):
    one_pass, two_passes = [], []
    for offset in OFFSETS:
        x = np.random.default_rng(seed).normal(offset, 1, size=(1000, 20)).astype(np.float32)
        true = x.astype(np.float64).var(0)
        naive = (x * x).mean(0) - x.mean(0) ** 2
        one_pass.append(np.log10(np.max(np.abs(naive - true) / true)))
        two_passes.append(np.log10(np.max(np.abs(x.var(0) - true) / true)))
    return {"one_pass": one_pass, "two_passes": two_passes}


def verdict(numbers):
    """Good enough is a relative error of one per cent."""
    enough = numbers["one_pass"].mean(0) < -2
    if enough.all():
        return HOLDS
    return holds_when("the mean is at most some ten deviations") if enough[:2].all() else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="The variance can be computed in one pass, as the mean of the squares minus the square of the mean.",
    source="the formula of many textbooks and articles",
    method="1000 normal numbers of deviation 1 and mean 0, 10, 100, 1000 and 10 000 in float32; the largest relative error of 20 columns.",
    measure=measure,
    verdict=verdict,
    finding="Relative error at mean 0, 100 and 10 000 deviations: 10^{one_pass[0]:.1f}, 10^{one_pass[2]:.1f} and 10^{one_pass[4]:.1f} in one pass; 10^{two_passes[0]:.1f}, 10^{two_passes[2]:.1f} and 10^{two_passes[4]:.1f} in two",
)
