"""Wrong labels memorised against the size of the ghost batches."""

from functools import partial

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import accuracy, digits, with_label_noise

from ._shared import fit, ghosts, network, test_percent


def measure(seed, scale):
    sizes, steps = ((128, 32, 16, 8, 4), 600) if scale == "full" else ((128, 4), 250)
    noisy = with_label_noise(digits(), 0.3, seed)
    wrong = noisy.train[noisy.train.y != digits().train.y]
    numbers = {}
    for size in sizes:
        make = partial(network, [64, 128, 128, 128, 10], ghosts(size))
        model = fit(make, noisy, 0.1, steps, 128, seed)
        numbers[f"memorised_{size}"] = 100 * accuracy(model, wrong)
        numbers[f"test_{size}"] = test_percent(model, noisy)
    return numbers


def verdict(numbers):
    mean = {name: values.mean() for name, values in numbers.items()}
    less = mean["memorised_4"] < mean["memorised_128"] / 2
    better = mean["test_4"] > mean["test_128"] + 3
    if less and better:
        return HOLDS
    return holds_when("memorising is all that counts") if less else DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="The noise of small ghost batches keeps a network from memorising wrong labels.",
    source="this course",
    method="Digits with 30 % of the training labels wrong, ReLU 3×128, He initialisation, SGD with momentum 0.9, rate 0.1, "
    "batches of 128, 600 steps, cosine. Memorised: the share of the wrong labels that the network gives back.",
    measure=measure,
    verdict=verdict,
    finding="Memorised: {memorised_128:.0f} % with one statistic for all 128, {memorised_16:.0f} with ghost batches of 16, "
    "{memorised_8:.0f} with 8, {memorised_4:.0f} with 4. Test accuracy: {test_128:.1f}, {test_16:.1f}, {test_8:.1f}, "
    "{test_4:.1f} %",
)
