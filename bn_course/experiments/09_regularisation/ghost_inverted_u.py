"""Accuracy against the number of examples that share a statistic."""

from functools import partial

from bn_course.experiments import Effect, Experiment
from bn_course.nets import mnist_1d

from ._shared import SCOPE, ghosts, network, test_percent, tuned


def measure(seed, scale):
    width, rates, sizes = (256, (0.1, 0.3, 0.9), (512, 64, 16, 8, 4))
    if scale == "small":
        width, rates, sizes = (32, (0.3,), (512, 16, 4))
    layers = [40, width, width, width, 10]
    arms = {f"ghost_{size}": ghosts(size) for size in sizes} | ({"none": None} if scale == "full" else {})
    data = mnist_1d()
    models = {
        arm: tuned(partial(network, layers, norm), data, rates, 200, 512, seed) for arm, norm in arms.items()
    }
    return {arm: test_percent(model, data) for arm, model in models.items()}


TIE = "less is within the error of 1000 test examples"
BETTER = Effect(
    "points of ghost batches of 16 above one of 512",
    lambda n: n["ghost_16"] - n["ghost_512"],
    above=1.5,
    why=TIE,
)
WORSE = Effect(
    "points of ghost batches of 16 above those of 4",
    lambda n: n["ghost_16"] - n["ghost_4"],
    above=1.5,
    why=TIE,
)

EXPERIMENT = Experiment(
    claim="Smaller normalisation batches generalise better, down to a size where they become too noisy.",
    source="Hoffer et al. 2017, arXiv:1705.08741; Summers and Dinneen 2020, arXiv:1906.03548",
    scope=SCOPE.but(
        data="MNIST-1D",
        model="ReLU 3×256",
        values="4 to 512 × 1",
        optimiser="SGD with momentum 0.9, batches of 512",
        horizon="200 steps",
        test=1000,
    ),
    method="He initialisation, cosine schedule; each arm at the best of three rates on validation data; test accuracy. The optimiser sees the same batches in all arms.",
    measure=measure,
    holds=BETTER & WORSE,
    when={"the ghost batches stay above four": WORSE},
    finding="Test accuracy {ghost_512:.1f} % with one statistic for all 512, {ghost_64:.1f} with ghost batches of 64, "
    "{ghost_16:.1f} with 16, {ghost_8:.1f} with 8, {ghost_4:.1f} with 4; {none:.1f} without norm",
)
