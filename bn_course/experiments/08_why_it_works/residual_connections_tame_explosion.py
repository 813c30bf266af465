"""Residual connections turn exponential growth of the gradient into slow growth."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment
from bn_course.nets import digits, initialise, mlp, residual_mlp, seeded

from ._shared import weight_gradients

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


def verdict(numbers):
    plain, residual = numbers["plain"].mean(0)[-1], numbers["residual"].mean(0)[-1]
    return HOLDS if residual < 20 and plain > 50 * residual else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Residual connections keep the gradients of a deep net with batch norm from exploding.",
    source="Yang et al. 2019, arXiv:1902.08129; He et al. 2016, arXiv:1603.05027, for the order norm, ReLU, weights",
    method="Digits, ReLU, 10 to 100 layers of 128 with batch norm, He initialisation, one batch of 256; ‖∂L/∂W‖ of the lowest over that of the highest of the equal layers.",
    measure=measure,
    verdict=verdict,
    finding="Lowest over highest layer at 100 layers: {plain[3]:.1e} plain, {residual[3]:.1f} with residual connections",
)
