"""Statistics of one image alone throw that image's contrast away."""

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when

from ._shared import NORMS, contrasts, every_norm, without_bias


def measure(seed, scale):
    small = scale == "small"
    data, steps, rates = contrasts(seed, small), 60 if small else 100, (0.1,) if small else (0.03, 0.1, 0.3)
    return {
        "bare": every_norm((16, 32), data, rates, steps, seed, without_bias),
        "with_bias": every_norm((16, 32), data, rates, steps, seed),
    }


def verdict(numbers):
    bare, biased = (numbers[name].mean(0) for name in ("bare", "with_bias"))
    own = [NORMS.index(norm) for norm in ("layer", "group", "instance")]
    if bare[NORMS.index("batch")] < 90 or bare[own].max() > 40:  # chance is 25
        return DOES_NOT_HOLD
    return (
        HOLDS
        if biased[own].max() < 40
        else holds_when("the convolutions have no bias; instance norm with one, too")
    )


EXPERIMENT = Experiment(
    claim="A norm that takes its statistics from one image throws away that image's contrast.",
    source="Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022, section 2, of instance norm, as its purpose",
    method="Images of noise whose class is their deviation, 0.5, 1, 2 or 4; CNN 16-32, 100 steps of SGD, each norm at its "
    "best of three rates; test accuracy, chance 25 %, thrown away under 40 %; once without biases in the convolutions, once with.",
    measure=measure,
    verdict=verdict,
    finding="Without biases: none {bare[0]:.0f} %, batch {bare[1]:.0f} %, layer {bare[2]:.0f} %, group {bare[3]:.0f} %, "
    "instance {bare[4]:.0f} %. With biases: {with_bias[0]:.0f}, {with_bias[1]:.0f}, {with_bias[2]:.0f}, "
    "{with_bias[3]:.0f} and {with_bias[4]:.0f} %",
)
