"""Residual connections turn exponential growth of the gradient into slow growth."""

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, residual_mlp, seeded

from ._shared import SCOPE, weight_gradients

WIDTH = 128


def measure(seed, scale):
    depths = (10, 20, 50, 100) if scale == "full" else (10, 40)
    plain = [ratio(mlp, ([64] + [WIDTH] * (depth + 1) + [10], "batch"), seed) for depth in depths]
    residual = [ratio(residual_mlp, (64, WIDTH, depth, 10, "batch"), seed) for depth in depths]
    return {"depths": depths, "plain": plain, "residual": residual}


def ratio(make, arguments, seed):
    """The gradient's norm in the first of the equal layers over that in the last of them."""
    with seeded(seed):
        model = initialise(make(*arguments), "he")
    inner = weight_gradients(model, digits().train[:256])[1:-1]
    return float(inner[0].norm() / inner[-1].norm())


KEPT = Effect(
    "lowest over highest layer, residual, deepest",
    lambda n: n["residual"][:, -1],
    below=20,
    ratio=True,
    why="less than a growth of 1.03 a layer over 100 layers",
)
PLAIN = Effect(
    "the same of the plain net, over that",
    lambda n: n["plain"][:, -1] / n["residual"][:, -1],
    above=50,
    ratio=True,
    why="else there was little to tame",
)

EXPERIMENT = Experiment(
    claim="Residual connections keep the gradients of a deep net with batch norm from exploding.",
    source="Yang et al. 2019, arXiv:1902.08129; He et al. 2016, arXiv:1603.05027, for the order norm, ReLU, weights",
    scope=SCOPE.but(
        model="ReLU, 10 to 100 layers of 128", values="256 × 1", optimiser="", horizon="at initialisation"
    ),
    method="Batch norm, He initialisation, one batch; ‖∂L/∂W‖ of the lowest over that of the highest of the equal layers.",
    measure=measure,
    holds=KEPT & PLAIN,
    finding="Lowest over highest layer at 100 layers: {plain[3]:.1e} plain, {residual[3]:.1f} with residual connections",
)
