"""At initialisation batch norm flattens a shallow net's loss and steepens a deep one's."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, residual_mlp, seeded

from ._landscape import curvature
from ._shared import SCOPE


def measure(seed, scale):
    depths = (2, 4, 10, 20, 30, 40) if scale == "full" else (2, 4, 40)
    draws = 5  # one net's curvature is a matter of luck
    numbers = {"depths": depths}
    for norm in ("none", "batch"):
        numbers[norm] = [at(plain, norm, depth, draws, seed) for depth in depths]
        numbers[f"residual_{norm}"] = [at(residual, norm, depth, draws, seed) for depth in depths]
    return numbers


def plain(depth, norm):
    return mlp([64] + [64] * depth + [10], norm)


def residual(depth, norm):
    return residual_mlp(64, 64, depth, 10, norm)


def at(make, norm, depth, draws, seed):
    """The median of |gᵀHg| / gᵀg over a few initialisations."""
    found = []
    for draw in range(draws):
        with seeded(1000 * seed + draw):
            model = initialise(make(depth, norm), "he")
        found.append(abs(curvature(model, digits().train[:256])))
    return float(np.median(found))


FLATTER = Effect(
    "curvature along the gradient, with over without",
    lambda n: n["batch"] / n["none"],
    below=0.5,
    ratio=True,
    why="half as steep is what one would call smoother",
    each=tuple(f"{depth} layers" for depth in (2, 4, 10, 20, 30, 40)),
)

EXPERIMENT = Experiment(
    claim="Batch norm makes the landscape smoother at any depth.",
    source="The popular summary of Santurkar et al. 2018, arXiv:1805.11604; against it Yang et al. 2019, arXiv:1902.08129",
    scope=SCOPE.but(
        model="ReLU, 2 to 40 layers of 64", values="256 × 1", optimiser="", horizon="at initialisation"
    ),
    method="He initialisation, one batch; curvature of the loss along its gradient, |gᵀHg| / gᵀg, median of 5 draws. Then the same depths as blocks of norm, ReLU, linear with residual connections.",
    measure=measure,
    holds=FLATTER,
    when={"the net is not deep": FLATTER.at(0, 1) & ~FLATTER.at(-1)},
    finding="Curvature along the gradient without and with batch norm: {none[0]:.0f} and {batch[0]:.1f} at 2 layers, {none[2]:.0f} and {batch[2]:.0f} at 10, {none[5]:.0f} and {batch[5]:.0e} at 40; with residual connections {residual_none[5]:.0e} and {residual_batch[5]:.1f} at 40",
)
