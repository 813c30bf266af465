"""Do γ = √σ² and β = μ give the input back?"""

import numpy as np

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.norms import batch_norm

EPS = 1e-5


def measure(seed, scale):
    rng = np.random.default_rng(seed)
    x, other = rng.normal(5, 3, size=(2, 64, 8))
    tiny = rng.normal(5, 1e-3, size=(64, 8))
    exact = np.sqrt(x.var(0) + EPS)
    return {
        "same_batch": error(x, x, x.std(0)),
        "same_batch_with_eps": error(x, x, exact),
        "another_batch": error(other, x, x.std(0)),
        "deviation_1e_3": error(tiny, tiny, tiny.std(0)),
    }


def error(x, source, gamma):
    """How far `batch_norm` is from giving x back, in deviations of x, with β and γ taken from `source`."""
    y = batch_norm(x, gamma, source.mean(0), EPS)
    return float(np.max(np.abs(y - x) / x.std(0)))


ROUNDING = "a thousandth of a deviation is nothing that a network would notice"
SAME = Effect("off on the same batch, in deviations", lambda n: n["same_batch"], below=1e-3, why=ROUNDING)
ELSEWHERE = Effect(
    "off in deviations",
    lambda n: np.stack([n["another_batch"], n["deviation_1e_3"]], 1),
    below=1e-3,
    why=ROUNDING,
    each=("another batch", "a deviation of 0.001"),
)

EXPERIMENT = Experiment(
    claim="γ = √σ² and β = μ undo the normalisation.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3 (γ = √Var[x], β = E[x] 'recover the original activations')",
    scope=Scope("normal numbers, mean 5, deviation 3", values="64 × 1"),
    method="64×8 numbers, float64, ε = 1e-5; the largest difference in deviations of the input.",
    measure=measure,
    holds=SAME & ELSEWHERE,
    when={"it is that very batch and its variance is far above ε": SAME},
    finding="Off by {same_batch:.0e} deviations on the same batch ({same_batch_with_eps:.0e} with γ = √(σ² + ε)), by {another_batch:.2f} on another batch, by {deviation_1e_3:.2f} where the deviation is 0.001",
)
