"""Instance norm throws away which filter answers most strongly; group norm keeps it."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

from ._shared import NORMS, every_norm, textures


def measure(seed, scale):
    small = scale == "small"
    data, steps, rates = textures(seed, small), 80 if small else 150, (0.1,) if small else (0.03, 0.1, 0.3)
    deep = ("instance",)
    return {
        "one_layer": every_norm((16,), data, rates, steps, seed),
        "two_layers": every_norm((16, 32), data, (0.1, 0.3), 2 * steps, seed, norms=deep)[0],
    }


def verdict(numbers):
    accuracy = dict(zip(NORMS, numbers["one_layer"].mean(0), strict=True))
    if accuracy["group"] < 90 or accuracy["instance"] > 40:  # chance is 25
        return DOES_NOT_HOLD
    if numbers["two_layers"].mean() > 90:
        return holds_when("no convolution comes after it; a second one sees how neighbours go together")
    return HOLDS


EXPERIMENT = Experiment(
    claim="Instance norm throws away which filter answers most strongly, which group norm keeps.",
    source="this course",
    method="Noise smoothed along one of four directions, the class; each image has mean 0 and deviation 1. One 3×3 "
    "convolution of 16 filters, norm, ReLU, mean over positions, linear layer; 150 steps of SGD, each norm at its best "
    "of three rates; test accuracy, chance 25 %; thrown away means under 40 %. For instance norm also with two layers, 16-32, 300 steps.",
    measure=measure,
    verdict=verdict,
    finding="With one convolution: none {one_layer[0]:.0f} %, batch {one_layer[1]:.0f} %, layer {one_layer[2]:.0f} %, "
    "group {one_layer[3]:.0f} %, instance {one_layer[4]:.0f} %. Instance norm with two convolutions: {two_layers:.0f} %",
)
