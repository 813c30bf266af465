"""Weight normalisation against batch norm, each at its best rate; and its initialisation by itself."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import accuracy, best, digits, initialise, mlp, sweep

from ._shared import quickest, steps_to_loss

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
        runs = sweep(make, rates, digits(), steps, seed, every=10)
        needed = [steps_to_loss(run.history, 0.3, steps) for run in runs]
        given[f"{arm}_by_rate"], given[arm] = needed, needed[runs.index(quickest(runs))]
        given[f"{arm}_test"] = accuracy(best(runs).model, digits().test)
    return given


MUCH = Effect(
    "share of batch norm's gain in steps",
    lambda n: (n["none"] - n["weight"]) / (n["none"] - n["batch"]),
    above=0.4,
    why="'much of': two fifths",
)
MORE = Effect(
    "gain by its initialisation alone, as a share of its own",
    lambda n: (n["none"] - n["start_alone"]) / (n["none"] - n["weight"]),
    below=0.8,
    why="what is left to the norm itself: a fifth or more",
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
    method="Digits, ReLU 6×64, SGD with momentum 0.9, batches of 128; steps until the mean of the last ten training "
    "losses is below 0.3, at the rate of 0.01, 0.03, 0.1 and 0.2 whose accuracy on "
    "validation data is highest on average over the run. None and batch norm begin with He's "
    "initialisation; weight norm with the paper's, from one batch of data, which is also tried by itself.",
    measure=measure,
    holds=MUCH & MORE,
    when={"its initialisation from data is counted in, which alone does as much": MUCH},
    finding="{none:.0f} steps without a norm, {weight:.0f} with weight norm, {start_alone:.0f} with its initialisation "
    "alone, {batch:.0f} with batch norm; test accuracy {none_test:.1%}, {weight_test:.1%}, {start_alone_test:.1%}, "
    "{batch_test:.1%}",
)
