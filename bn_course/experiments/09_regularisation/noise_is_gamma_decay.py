"""Noise of the statistics, or a decay of γ without the noise: do they regularise alike?"""

from functools import partial

import torch

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, mnist_1d
from bn_course.nets.ghost import GhostBatchNorm1d

from ._shared import SCOPE, fit, ghosts, network, test_percent

DECAYS = (0.001, 0.01, 0.1)
QUIET, NOISY = 512, 16  # examples that share a statistic


def measure(seed, scale):
    """Test accuracy, and the mean of γ², with each way to regularise."""
    data, steps = mnist_1d(many=True), 200 if scale == "full" else 100
    ways = {"quiet": [(QUIET, 0.0)], "noisy": [(NOISY, 0.0)], "decay": [(QUIET, decay) for decay in DECAYS]}
    numbers = {}
    for way, settings in ways.items():
        models = [fit(partial(decayed, *setting), data, 0.3, steps, 512, seed) for setting in settings]
        model = max(models, key=lambda model: accuracy(model, data.validation))
        numbers |= {way: test_percent(model, data), f"{way}_gamma": mean_square(model)}
    return numbers


def decayed(together, decay):
    """A network whose γ decay; on γ alone, so that an optimiser without decay is what trains it."""
    model = network([40, 128, 128, 128, 10], ghosts(together))
    for gamma in gammas(model):
        gamma.register_hook(lambda gradient, gamma=gamma: gradient + decay * gamma.detach())
    return model


def gammas(model):
    return [layer.weight for layer in model if isinstance(layer, GhostBatchNorm1d)]


def mean_square(model):
    return torch.cat([gamma.detach() for gamma in gammas(model)]).square().mean().item()


NOISE = Effect(
    "points gained by noise",
    lambda n: n["noisy"] - n["quiet"],
    above=1,
    why="there must be something to explain; three times the error of 10 000 test examples",
)
HALF = Effect(
    "points gained by decay of γ, less half of those by noise",
    lambda n: n["decay"] - (n["quiet"] + n["noisy"]) / 2,
    above=0,
    why="what it comes to should bring half of it",
)

EXPERIMENT = Experiment(
    claim="What the noise of batch statistics does to a network comes to a decay of γ.",
    source="Luo et al. 2019, Towards Understanding Regularization in Batch Normalization, arXiv:1809.00846 (derived for one layer)",
    scope=SCOPE.but(
        data="MNIST-1D",
        model="ReLU 3×128",
        values="512 and 16 × 1",
        optimiser="SGD with momentum 0.9, batches of 512",
        horizon="200 steps",
        test=10_000,
    ),
    method="He initialisation, cosine from rate 0.3. Quiet: one statistic for all 512; noisy: ghost batches of 16; decay: quiet, and γ pulled to 0 by 0.001, 0.01 or 0.1; chosen on validation data.",
    measure=measure,
    holds=NOISE & HALF,
    finding="Test accuracy {quiet:.1f} % with quiet statistics, {noisy:.1f} with noisy ones, {decay:.1f} with decay of γ instead; mean γ² {quiet_gamma:.2f}, {noisy_gamma:.2f} and {decay_gamma:.2f}",
)
