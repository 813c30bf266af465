"""Weight decay against memorising wrong labels, with and without batch norm behind the weights."""

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import accuracy, digits, initialise, mlp, seeded, train, with_label_noise

from ._shared import SCOPE

RATE, DECAY = 0.1, 0.03


def measure(seed, scale):
    """For each norm and decay: the wrong labels memorised, test accuracy, the length of the first weights."""
    steps = 1200 if scale == "full" else 500
    noisy = with_label_noise(digits(), 0.3, seed)
    wrong = noisy.train[noisy.train.y != digits().train.y]
    numbers = {}
    for arm, norm, decay in (
        ("none", "none", 0.0),
        ("none_decay", "none", DECAY),
        ("batch", "batch", 0.0),
        ("batch_decay", "batch", DECAY),
    ):
        model = trained(norm, decay, noisy, steps, seed)
        numbers[f"{arm}_memorised"] = 100 * accuracy(model, wrong)
        numbers[f"{arm}_test"] = 100 * accuracy(model, noisy.test)
        numbers[f"{arm}_length"] = model[0].weight.norm().item()
    return numbers


def trained(norm, decay, data, steps, seed):
    """Plain SGD, with `decay` on the hidden layers' weights alone."""
    with seeded(seed):
        model = initialise(mlp([64, 128, 128, 10], norm), "he")
    *layers, _ = (layer for layer in model if isinstance(layer, nn.Linear))
    hidden = [layer.weight for layer in layers]
    others = [p for p in model.parameters() if all(p is not weight for weight in hidden)]
    groups = [{"params": hidden, "weight_decay": decay}, {"params": others}]
    train(model, data, torch.optim.SGD(groups, lr=RATE), steps, 128, every=steps, seed=seed)
    return model


def spared(n, arm):
    """Points fewer of the wrong labels memorised, by decay."""
    return n[f"{arm}_memorised"] - n[f"{arm}_decay_memorised"]


SPARED = Effect(
    "points that decay saves from being memorised, with batch norm",
    lambda n: spared(n, "batch"),
    above=20,
    why="a fifth of the wrong labels",
)
LIKE = Effect(
    "the same, less half of that without",
    lambda n: spared(n, "batch") - spared(n, "none") / 2,
    above=0,
    why="'as it does one without' is half of it at least",
)

NAMES = {
    "none": "without",
    "none_decay": "without, decay",
    "batch": "batch norm",
    "batch_decay": "batch norm, decay",
}

EXPERIMENT = Experiment(
    claim="Weight decay regularises a network with batch norm as it does one without.",
    source="The usual argument for L2; van Laarhoven 2017, arXiv:1706.05350, argues against it",
    scope=SCOPE.but(
        data="digits, 30 % of the labels wrong",
        model="ReLU 2×128",
        optimiser="plain SGD, batches of 128",
        horizon="1200 steps",
        test=500,
    ),
    method="He initialisation, rate 0.1; decay 0 or 0.03 on the hidden layers' weights. Memorised: the share of the wrong labels given back.",
    measure=measure,
    holds=SPARED & LIKE,
    finding="Memorised: {none_memorised:.0f} → {none_decay_memorised:.0f} % without batch norm and {batch_memorised:.0f} → {batch_decay_memorised:.0f} % with it, though decay shortens the first weights from {batch_length:.0f} to {batch_decay_length:.1f} there too",
    table=Table(
        {
            label: tuple(f"{arm}_{what}" for what in ("memorised", "test", "length"))
            for arm, label in NAMES.items()
        },
        ("memorised, %", "test, %", "length of the first weights"),
        ".3g",
    ),
)
