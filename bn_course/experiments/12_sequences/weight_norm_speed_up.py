"""Weight normalisation against batch norm, each at its best rate; and its initialisation by itself."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from bn_course.experiments import Effect, Experiment, Scope, Table
from bn_course.nets import accuracy, best, digits, initialise, mlp, sweep

from ._shared import at_the_others_rate, steps_to_loss

SIZES = [64] + [64] * 6 + [10]


def plain(norm):
    return lambda: initialise(mlp(SIZES, norm), "he")


def from_data(normalised):
    """Each hidden layer begins with outputs of mean 0 and deviation 1 on a batch of training data."""

    def make():
        model = plain("none")()
        hidden = [layer for layer in model[:-1] if isinstance(layer, nn.Linear)]
        with torch.no_grad():
            x = digits().train.x[:256]
            for layer in model[:-1]:
                if layer in hidden:
                    y = layer(x)
                    std = y.std(0) + 1e-6
                    layer.weight /= std[:, None]
                    layer.bias.copy_(-y.mean(0) / std)
                x = layer(x)
        if normalised:
            for layer in hidden:
                weight_norm(layer)
        return model

    return make


MAKERS = {
    "none": plain("none"),
    "batch": plain("batch"),
    "weight": from_data(True),
    "start_alone": from_data(False),
}


def measure(seed, scale):
    rates, steps = ((0.01, 0.03, 0.1, 0.2), 150) if scale == "full" else ((0.1,), 20)
    given = {}
    for arm, make in MAKERS.items():
        runs = sweep(make, rates, digits(), steps, seed, every=steps)
        given[f"{arm}_by_rate"] = [steps_to_loss(run.history, 0.3, steps) for run in runs]
        given[f"{arm}_test"] = accuracy(best(runs).model, digits().test)
    return given


def quickest_of(n, arm):
    return at_the_others_rate(n[f"{arm}_by_rate"])


def gained(n, arm="batch", over="none"):
    return quickest_of(n, over) - quickest_of(n, arm)


GAIN = Effect(
    "steps gained by batch norm",
    gained,
    above=10,
    why="the loss is a mean over ten steps; of less than one such window there is no share to speak of",
    blind=True,
)
MUCH = Effect(
    "share of batch norm's gain in steps",
    lambda n: gained(n, "weight") / gained(n),
    above=0.5,
    why="'much of' the speed-up is at least half of it",
    blind=True,
)
MORE = Effect(
    "the same over its initialisation alone",
    lambda n: gained(n, "weight", over="start_alone") / gained(n),
    above=0.25,
    why="under a quarter of the gain, the initialisation is the cause and not the norm",
    blind=True,
)

EXPERIMENT = Experiment(
    claim="Weight normalisation gives much of the speed-up of batch normalisation.",
    source="Salimans and Kingma 2016, Weight Normalization, arXiv:1602.07868, abstract",
    scope=Scope(
        "digits",
        "ReLU MLP 6×64",
        "128 in batch norm",
        "SGD, momentum 0.9, batches of 128",
        "150 steps",
        test=500,
    ),
    method="Steps until the mean of the last ten training losses is below 0.3; what decides is judged at the rate that "
    "is quickest on the other seeds. None and batch norm begin with He's initialisation; weight norm with the "
    "paper's, from one batch of data, which is also tried by itself.",
    measure=measure,
    holds=GAIN & MUCH & MORE,
    when={"its initialisation from data is counted in, which alone does as much": GAIN & MUCH},
    finding="Batch norm needs {effects[0][mean]:.0f} steps fewer than no norm; weight norm gains {effects[1][mean]:.0%} of that, "
    "and {effects[2][mean]:.0%} over its initialisation alone",
    limits={f"{arm}_by_rate": 150 for arm in MAKERS},
    table=Table(
        {
            "no norm": "none_by_rate",
            "weight norm": "weight_by_rate",
            "its initialisation alone": "start_alone_by_rate",
            "batch norm": "batch_by_rate",
        },
        ("rate 0.01, steps", "0.03", "0.1", "0.2"),
        ".0f",
    ),
)
