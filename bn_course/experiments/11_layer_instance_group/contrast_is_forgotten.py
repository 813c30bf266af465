"""Statistics of one image alone throw that image's contrast away."""

from bn_course.experiments import Effect, Experiment

from ._shared import FORGOTTEN, SCOPE, contrasts, every_norm, without_bias


def measure(seed, scale):
    small = scale == "small"
    data, steps, rates = contrasts(seed, small), 60 if small else 100, (0.1,) if small else (0.03, 0.1, 0.3)
    return {
        "bare": every_norm((16, 32), data, rates, steps, seed, without_bias),
        "with_bias": every_norm((16, 32), data, rates, steps, seed),
    }


OWN = ("layer norm", "group norm", "instance norm")
SEEN = Effect(
    "per cent right, batch norm without biases",
    lambda n: n["bare"][:, 1],
    above=90,
    why="the task can be learnt",
)
BARE = Effect("per cent right without biases", lambda n: n["bare"][:, 2:], below=40, why=FORGOTTEN, each=OWN)
BIASED = Effect(
    "per cent right with biases", lambda n: n["with_bias"][:, 2:], below=40, why=FORGOTTEN, each=OWN
)

EXPERIMENT = Experiment(
    claim="A norm that takes its statistics from one image throws away that image's contrast.",
    source="Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022, section 2, of instance norm, as its purpose",
    scope=SCOPE.but(data="images of noise", horizon="100 steps, cosine schedule", test=400),
    method="Images of noise whose class is their deviation, 0.5, 1, 2 or 4; CNN 16-32, 100 steps of SGD, each norm at its "
    "best of three rates; test accuracy, chance 25 %, thrown away under 40 %; once without biases in the convolutions, once with.",
    measure=measure,
    holds=SEEN & BARE & BIASED,
    when={"the convolutions have no bias; instance norm with one, too": SEEN & BARE & BIASED.at(2)},
    finding="Without biases: none {bare[0]:.0f} %, batch {bare[1]:.0f} %, layer {bare[2]:.0f} %, group {bare[3]:.0f} %, "
    "instance {bare[4]:.0f} %. With biases: {with_bias[0]:.0f}, {with_bias[1]:.0f}, {with_bias[2]:.0f}, "
    "{with_bias[3]:.0f} and {with_bias[4]:.0f} %",
)
