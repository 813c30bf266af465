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
    rates, steps = ((0.01, 0.03, 0.1, 0.2), 150) if scale == "full" else ((0.03, 0.1), 120)
    given = {}
    for arm, make in MAKERS.items():
        runs = sweep(make, rates, digits(), steps, seed, every=steps)
        needed = [steps_to_loss(run.history, 0.3, steps) for run in runs]
        given[f"{arm}_by_rate"], given[arm] = needed, min(needed)
        given[f"{arm}_test"] = accuracy(best(runs).model, digits().test)
    return given


def quickest_of(n, arm):
    return at_the_others_rate(n[f"{arm}_by_rate"])


MUCH = Effect(
    "share of batch norm's gain in steps",
    lambda n: (
        (quickest_of(n, "none") - quickest_of(n, "weight"))
        / (quickest_of(n, "none") - quickest_of(n, "batch"))
    ),
    above=0.4,
    why="'much of': two fifths",
)
MORE = Effect(
    "steps gained over its initialisation alone",
    lambda n: quickest_of(n, "start_alone") - quickest_of(n, "weight"),
    above=3,
    why="one step in ten",
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
    holds=MUCH & MORE,
    when={"its initialisation from data is counted in, which alone does as much": MUCH},
    finding="At the quickest rate of each seed {none:.0f} steps without a norm, {weight:.0f} with weight norm, "
    "{start_alone:.0f} with its initialisation alone, {batch:.0f} with batch norm",
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
