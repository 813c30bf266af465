"""Is E[x²] − E[x]² good enough in float32?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope

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


ENOUGH = Effect(
    "log₁₀ of the relative error in one pass",
    lambda n: n["one_pass"],
    below=-2,
    why="a relative error of one per cent in a variance is half of one in what is divided by its root",
    each=tuple(f"mean {offset}" for offset in OFFSETS),
)

EXPERIMENT = Experiment(
    claim="The variance can be computed in one pass, as the mean of the squares minus the square of the mean.",
    source="the formula of many textbooks and articles",
    scope=Scope("normal numbers, float32", values="1000 × 1"),
    method="Deviation 1 and mean 0, 10, 100, 1000 and 10 000; the largest relative error of 20 columns.",
    measure=measure,
    holds=ENOUGH,
    when={"the mean is at most some ten deviations": ENOUGH.at(0, 1)},
    finding="Relative error at mean 0, 100 and 10 000 deviations: 10^{one_pass[0]:.1f}, 10^{one_pass[2]:.1f} and 10^{one_pass[4]:.1f} in one pass; 10^{two_passes[0]:.1f}, 10^{two_passes[2]:.1f} and 10^{two_passes[4]:.1f} in two",
)
