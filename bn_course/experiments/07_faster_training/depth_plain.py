"""Do very deep networks train with batch norm, without residual connections?"""

from functools import partial

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, initialise, mlp, residual_mlp, sweep
from bn_course.nets.tune import best

WIDTH = 32
ARMS = {  # what is built, its norm, and the rates around its best
    "plain": (mlp, "batch", [0.03, 0.1]),
    "residual": (residual_mlp, "batch", [0.03, 0.1]),
    "plain_none": (mlp, "none", [0.003, 0.01]),
}


def measure(seed, scale):
    depths, steps = ([10, 20, 50, 100], 100) if scale == "full" else ([50], 60)
    numbers = {"depths": depths}
    for arm, (_, _, rates) in ARMS.items():
        tried = rates if scale == "full" else rates[:1]
        chosen = [best(sweep(partial(network, arm, depth), tried, digits(), steps, seed)) for depth in depths]
        numbers[arm] = [accuracy(run.model, digits().test) for run in chosen]
    longer, depths, tried = (1000, [20, 50, 100], [0.03, 0.1]) if scale == "full" else (150, [50], [0.03])
    chosen = [
        best(sweep(partial(network, "plain", depth), tried, digits(), longer, seed, every=longer))
        for depth in depths
    ]
    numbers["plain_longer"] = [accuracy(run.model, digits().test) for run in chosen]
    return numbers


def network(arm, depth):
    build, norm, _ = ARMS[arm]
    if build is mlp:
        return initialise(mlp([64, *[WIDTH] * depth, 10], norm), "he")
    return initialise(residual_mlp(64, WIDTH, depth, 10, norm), "he")


def verdict(numbers):
    """The deepest: above 85 % trains; under 50 %, with ten times the steps too, does not."""
    plain, longer, residual = (numbers[arm].mean(0)[-1] for arm in ("plain", "plain_longer", "residual"))
    plain = max(plain, longer)
    if min(plain, residual) >= 0.85:
        return HOLDS
    return (
        holds_when("the network has residual connections")
        if plain < 0.5 and residual >= 0.85
        else DOES_NOT_HOLD
    )


EXPERIMENT = Experiment(
    claim="With batch norm, networks of over 100 layers can be trained.",
    source="popular articles",
    method="Digits, ReLU, width 32, He initialisation, SGD with momentum 0.9, batches of 128, 100 steps, the best of two rates for each; plain networks and residual ones (norm, ReLU, linear in each block) of 10 to 100 layers or blocks; the plain ones with batch norm once more with 1000 steps; test accuracy.",
    measure=measure,
    verdict=verdict,
    finding="Plain with batch norm: {plain[0]:.0%}, {plain[1]:.0%}, {plain[2]:.0%} and {plain[3]:.0%} at 10, 20, 50 and 100 layers; residual: {residual[0]:.0%}, {residual[1]:.0%}, {residual[2]:.0%} and {residual[3]:.0%}; plain without norm: {plain_none[0]:.0%}, {plain_none[1]:.0%}, {plain_none[2]:.0%} and {plain_none[3]:.0%}. With 1000 steps, plain with batch norm: {plain_longer[0]:.0%}, {plain_longer[1]:.0%} and {plain_longer[2]:.0%} at 20, 50 and 100",
)
