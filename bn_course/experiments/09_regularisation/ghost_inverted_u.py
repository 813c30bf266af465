"""Accuracy against the number of examples that share a statistic."""

from functools import partial

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import mnist_1d

from ._shared import ghosts, network, test_percent, tuned

MARGIN = 1.5  # points


def measure(seed, scale):
    width, rates, sizes = (256, (0.1, 0.3, 0.9), (512, 64, 16, 8, 4))
    if scale == "small":
        width, rates, sizes = (128, (0.3,), (512, 16, 4))
    layers = [40, width, width, width, 10]
    arms = {f"ghost_{size}": ghosts(size) for size in sizes} | ({"none": None} if scale == "full" else {})
    data = mnist_1d()
    models = {
        arm: tuned(partial(network, layers, norm), data, rates, 200, 512, seed) for arm, norm in arms.items()
    }
    return {arm: test_percent(model, data) for arm, model in models.items()}


def verdict(numbers):
    mean = {name: values.mean() for name, values in numbers.items()}
    middle = max(mean.get(f"ghost_{size}", 0) for size in (64, 16, 8))
    better, worse = middle - mean["ghost_512"] > MARGIN, middle - mean["ghost_4"] > MARGIN
    if better and worse:
        return HOLDS
    return holds_when("the ghost batches stay above four") if worse else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="Smaller normalisation batches generalise better, down to a size where they become too noisy.",
    source="Hoffer et al. 2017, arXiv:1705.08741; Summers and Dinneen 2020, arXiv:1906.03548",
    method="MNIST-1D, ReLU 3×256, He initialisation, SGD with momentum 0.9, 200 steps with batches of 512, cosine; each arm "
    "at the best of three rates on validation data; test accuracy. The optimiser sees the same batches in all arms.",
    measure=measure,
    verdict=verdict,
    finding="Test accuracy {ghost_512:.1f} % with one statistic for all 512, {ghost_64:.1f} with ghost batches of 64, "
    "{ghost_16:.1f} with 16, {ghost_8:.1f} with 8, {ghost_4:.1f} with 4; {none:.1f} without norm",
)
