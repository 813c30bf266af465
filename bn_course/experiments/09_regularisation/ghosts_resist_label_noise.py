"""Wrong labels memorised against the size of the ghost batches."""

from functools import partial

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, digits, with_label_noise

from ._shared import SCOPE, fit, ghosts, network, test_percent


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


LESS = Effect(
    "wrong labels memorised, ghost batches of 4 over one of 128",
    lambda n: n["memorised_4"] / n["memorised_128"],
    below=0.5,
    ratio=True,
    why="'keeps from memorising' should be half of it",
)
BETTER = Effect(
    "points gained by ghost batches of 4",
    lambda n: n["test_4"] - n["test_128"],
    above=3,
    why="twice the error of 500 test images",
)

EXPERIMENT = Experiment(
    claim="The noise of small ghost batches keeps a network from memorising wrong labels.",
    source="this course",
    scope=SCOPE.but(
        data="digits, 30 % of the labels wrong",
        model="ReLU 3×128",
        values="4 to 128 × 1",
        horizon="600 steps",
        test=500,
    ),
    method="He initialisation, rate 0.1, cosine schedule. Memorised: the share of the wrong labels that the network gives back.",
    measure=measure,
    holds=LESS & BETTER,
    when={"memorising is all that counts": LESS},
    finding="Memorised: {memorised_128:.0f} % with one statistic for all 128, {memorised_16:.0f} with ghost batches of 16, "
    "{memorised_8:.0f} with 8, {memorised_4:.0f} with 4. Test accuracy: {test_128:.1f}, {test_16:.1f}, {test_8:.1f}, "
    "{test_4:.1f} %",
)
