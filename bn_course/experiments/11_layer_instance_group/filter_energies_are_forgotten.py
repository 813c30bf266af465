"""Instance norm throws away which filter answers most strongly; group norm keeps it."""

from bn_course.experiments import Effect, Experiment

from ._shared import FORGOTTEN, SCOPE, every_norm, textures


def measure(seed, scale):
    small = scale == "small"
    data, steps, rates = textures(seed, small), 80 if small else 150, (0.1,) if small else (0.03, 0.1, 0.3)
    deep = ("instance",)
    return {
        "one_layer": every_norm((16,), data, rates, steps, seed),
        "two_layers": every_norm((16, 32), data, (0.1, 0.3), 2 * steps, seed, norms=deep)[0],
    }


KEPT = Effect(
    "per cent right, group norm", lambda n: n["one_layer"][:, 3], above=90, why="the task can be learnt"
)
LOST = Effect("per cent right, instance norm", lambda n: n["one_layer"][:, 4], below=40, why=FORGOTTEN)
DEEPER = Effect(
    "per cent right, instance norm in two layers", lambda n: n["two_layers"], below=40, why=FORGOTTEN
)

EXPERIMENT = Experiment(
    claim="Instance norm throws away which filter answers most strongly, which group norm keeps.",
    source="this course",
    scope=SCOPE.but(
        data="noise smoothed in four directions",
        model="CNN 16; CNN 16-32",
        horizon="150 and 300 steps",
        test=400,
    ),
    method="Noise smoothed along one of four directions, the class; each image has mean 0 and deviation 1. One 3×3 "
    "convolution of 16 filters, norm, ReLU, mean over positions, linear layer; 150 steps of SGD, each norm at its best "
    "of three rates; test accuracy, chance 25 %; thrown away means under 40 %. For instance norm also with two layers, 16-32, 300 steps.",
    measure=measure,
    holds=KEPT & LOST & DEEPER,
    when={"no convolution comes after it; a second one sees how neighbours go together": KEPT & LOST},
    finding="With one convolution: none {one_layer[0]:.0f} %, batch {one_layer[1]:.0f} %, layer {one_layer[2]:.0f} %, "
    "group {one_layer[3]:.0f} %, instance {one_layer[4]:.0f} %. Instance norm with two convolutions: {two_layers:.0f} %",
)
