"""Predictions averaged over the statistics of many training batches, against those of evaluation mode."""

from functools import partial
from itertools import islice

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import batches, digits, evaluate, mnist_1d
from bn_course.nets.mc import mc_batch_norm_predict

from ._shared import SCOPE, fit, network

BATCH = 128


def measure(seed, scale):
    draws = 64 if scale == "full" else 24
    numbers = {}
    for name, data in (("digits", digits()), ("mnist_1d", mnist_1d(many=True))):
        model = fit(
            partial(network, [data.train.x.shape[1], 128, 128, 128, 10], "batch"), data, 0.1, 400, BATCH, seed
        )
        scale_by = temperature(evaluate(model, data.validation), data.validation.y)
        training = [batch.x for batch in islice(batches(data.train, BATCH, seed), draws)]
        logits = evaluate(model, data.test)
        arms = {
            "evaluated": logits.softmax(1),
            "monte_carlo": mc_batch_norm_predict(nn.Sequential(model, nn.Softmax(1)), data.test.x, training)[
                0
            ],
            "temperature": (logits / scale_by).softmax(1),
        }
        for arm, probabilities in arms.items():
            numbers[f"{name}_{arm}_nll"] = nll(probabilities, data.test.y)
            numbers[f"{name}_{arm}_ece"] = ece(probabilities, data.test.y)
    return numbers


def temperature(logits, labels):
    """The number by which to divide the logits, of those tried the best on these data."""
    tried = torch.linspace(0.5, 5, 91)
    return min(tried, key=lambda t: nn.functional.cross_entropy(logits / t, labels).item())


def nll(probabilities, labels):
    """Mean negative log-likelihood, in nats."""
    return -probabilities.clamp_min(1e-12).log()[range(len(labels)), labels].mean().item()


def ece(probabilities, labels, bins=15):
    """Expected calibration error: |accuracy − confidence| in bins of confidence, weighted by their share."""
    confidence, guess = probabilities.max(1)
    gap = (guess == labels).float() - confidence
    place = (confidence * bins).long().clamp_max(bins - 1)
    return torch.zeros(bins).index_add(0, place, gap).abs().sum().item() / len(labels)


GAIN = Effect(
    "calibration error saved",
    lambda n: np.stack(
        [n[f"{d}_evaluated_ece"] - n[f"{d}_monte_carlo_ece"] for d in ("digits", "mnist_1d")], 1
    ),
    above=0.01,
    why="one per cent of confidence is the least that matters",
    each=("digits", "MNIST-1D"),
)


def cells(arm):
    return tuple(f"{data}_{arm}_{what}" for data in ("digits", "mnist_1d") for what in ("ece", "nll"))


EXPERIMENT = Experiment(
    claim="Monte-Carlo batch norm makes predictions better calibrated.",
    source="Teye et al. 2018, arXiv:1802.06455",
    scope=SCOPE.but(
        data="digits (500 test images) and MNIST-1D (10 000)", model="ReLU 3×128", horizon="400 steps"
    ),
    method="He initialisation, rate 0.1, cosine schedule. The mean of 64 predictions, each with the statistics of another training batch of 128, on test data. Temperature: the logits of evaluation mode divided by one number, chosen on validation data.",
    measure=measure,
    holds=GAIN,
    when={"the network is overconfident": GAIN.at(1)},
    finding="Calibration error on MNIST-1D: {mnist_1d_evaluated_ece:.3f} in evaluation mode, {mnist_1d_monte_carlo_ece:.3f} averaged over statistics, {mnist_1d_temperature_ece:.3f} with one temperature; on digits {digits_evaluated_ece:.3f}, {digits_monte_carlo_ece:.3f} and {digits_temperature_ece:.3f}",
    table=Table(
        {
            "evaluation mode": cells("evaluated"),
            "Monte Carlo": cells("monte_carlo"),
            "one temperature": cells("temperature"),
        },
        ("digits, error", "digits, −log p", "MNIST-1D, error", "MNIST-1D, −log p"),
        ".3f",
    ),
)
