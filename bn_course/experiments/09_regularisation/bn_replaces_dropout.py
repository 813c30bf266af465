"""Batch norm instead of dropout, on clean labels and on labels of which 30 % are wrong."""

from functools import partial

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, mnist_1d, with_label_noise

from ._shared import network, test_percent, tuned

TIE = 3.0  # points of MNIST-1D's thousand test examples


def measure(seed, scale):
    full = scale == "full"
    rates, steps = ((0.03, 0.1, 0.3), 600) if full else ((0.1,), 250)
    arms = {"none": (None, 0.0), "batch": ("batch", 0.0), "dropout": (None, 0.3)}
    if full:
        arms |= {"both": ("batch", 0.3)}
    noisy = with_label_noise(digits(), 0.3, seed)
    numbers = {}
    for arm, (norm, share) in arms.items():
        weak = partial(network, [40, 128, 128, 128, 10], norm, share / 3)  # 0.3 is too much for MNIST-1D
        model = tuned(weak, mnist_1d(), rates, steps, 128, seed)
        numbers[f"{arm}_clean"] = test_percent(model, mnist_1d())
        make = partial(network, [64, 128, 128, 128, 10], norm, share)
        model = tuned(make, noisy, rates, steps, 128, seed)
        numbers[f"{arm}_noisy"] = test_percent(model, noisy)
        numbers[f"{arm}_memorised"] = memorised(model, noisy)
    return numbers


def memorised(model, noisy):
    """Per cent of the wrong labels that the model gives back."""
    wrong = noisy.train[noisy.train.y != digits().train.y]
    return 100 * accuracy(model, wrong)


def verdict(numbers):
    mean = {name: values.mean() for name, values in numbers.items()}
    needed = [data for data in ("clean", "noisy") if mean[f"dropout_{data}"] > mean[f"none_{data}"] + TIE]
    met = [data for data in needed if mean[f"batch_{data}"] > mean[f"dropout_{data}"] - TIE]
    if not met:  # nowhere did it do what dropout does; where dropout does nothing, there was no need
        return DOES_NOT_HOLD
    return HOLDS if met == needed else holds_when(f"the labels are {met[0]}")


EXPERIMENT = Experiment(
    claim="Batch norm eliminates the need for dropout.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, abstract: “in some cases eliminating the need for Dropout”",
    method="ReLU 3×128, He initialisation, SGD with momentum 0.9, batches of 128, 600 steps, cosine; best of three rates on "
    "(clean) validation data; test accuracy. Clean: MNIST-1D, dropout 0.1. Noisy: digits with 30 % of the training labels "
    "wrong, dropout 0.3.",
    measure=measure,
    verdict=verdict,
    finding="Clean: {none_clean:.1f} % with neither, {batch_clean:.1f} with batch norm, {dropout_clean:.1f} with dropout, "
    "{both_clean:.1f} with both. Noisy: {none_noisy:.1f}, {batch_noisy:.1f}, {dropout_noisy:.1f} and {both_noisy:.1f} %, with "
    "{none_memorised:.0f}, {batch_memorised:.0f}, {dropout_memorised:.0f} and {both_memorised:.0f} % of the wrong labels "
    "memorised",
)
