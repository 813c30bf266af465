"""Batch norm instead of dropout, on clean labels and on labels of which 30 % are wrong."""

from functools import partial

import numpy as np

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, mnist_1d, with_label_noise

from ._shared import SCOPE, network, test_percent, tuned


def measure(seed, scale):
    full = scale == "full"
    rates, steps = ((0.03, 0.1, 0.3), 600) if full else ((0.1,), 250)
    arms = {"none": (None, 0.0), "batch": ("batch", 0.0), "dropout": (None, 0.3)}
    if full:
        arms |= {"both": ("batch", 0.3)}
    clean, noisy = mnist_1d(many=True), with_label_noise(digits(), 0.3, seed)
    numbers = {}
    for arm, (norm, share) in arms.items():
        weak = partial(network, [40, 128, 128, 128, 10], norm, share / 3)  # 0.3 is too much for MNIST-1D
        model = tuned(weak, clean, rates, steps, 128, seed)
        numbers[f"{arm}_clean"] = test_percent(model, clean)
        make = partial(network, [64, 128, 128, 128, 10], norm, share)
        model = tuned(make, noisy, rates, steps, 128, seed)
        numbers[f"{arm}_noisy"] = test_percent(model, noisy)
        numbers[f"{arm}_memorised"] = memorised(model, noisy)
    return numbers


def memorised(model, noisy):
    """Per cent of the wrong labels that the model gives back."""
    wrong = noisy.train[noisy.train.y != digits().train.y]
    return 100 * accuracy(model, wrong)


THREE = "twice the error of 500 test images"


def met(*data):
    """Batch norm gives what dropout gives."""
    return Effect(
        "points of batch norm above dropout",
        lambda n: np.stack([n[f"batch_{d}"] - n[f"dropout_{d}"] for d in data], 1),
        above=-3,
        why=THREE,
        each=tuple(f"{d} labels" for d in data),
    )


def needed(data):
    """Where dropout gains nothing, there is no need to be eliminated."""
    return Effect(
        f"points gained by dropout, {data} labels",
        lambda n: n[f"dropout_{data}"] - n[f"none_{data}"],
        above=3,
        why=THREE,
    )


NAMES = {"neither": "none", "batch norm": "batch", "dropout": "dropout", "both": "both"}

EXPERIMENT = Experiment(
    claim="Batch norm eliminates the need for dropout.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, abstract: “in some cases eliminating the need for Dropout”",
    scope=SCOPE.but(
        data="MNIST-1D (10 000 test examples) and digits (500), 30 % of the labels wrong",
        model="ReLU 3×128",
        horizon="600 steps",
    ),
    method="He initialisation, cosine schedule; best of three rates on (clean) validation data; test accuracy. Clean: MNIST-1D, dropout 0.1. Noisy: digits, dropout 0.3.",
    measure=measure,
    holds=met("clean", "noisy"),
    when={
        "the labels are clean": met("clean") & needed("clean"),
        "the labels are noisy": met("noisy") & needed("noisy"),
    },
    finding="Test accuracy with wrong labels: {none_noisy:.1f} % with neither, {batch_noisy:.1f} with batch norm, {dropout_noisy:.1f} with dropout; on clean ones {none_clean:.1f}, {batch_clean:.1f} and {dropout_clean:.1f}",
    table=Table(
        {
            arm: tuple(f"{key}_{what}" for what in ("clean", "noisy", "memorised"))
            for arm, key in NAMES.items()
        },
        ("clean labels", "noisy labels", "wrong labels memorised"),
        ".1f",
    ),
)
