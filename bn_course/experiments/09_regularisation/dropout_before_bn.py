"""Dropout before batch norm: the variance that is remembered is not the one that is met."""

from functools import partial

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import evaluate, mnist_1d, seeded

from ._shared import SCOPE, fit, network, test_percent


def measure(seed, scale):
    shares, steps = ((0.1, 0.3, 0.5), 600) if scale == "full" else ((0.5,), 250)
    data = mnist_1d(many=True)
    numbers = {}
    for places in ("every", "last"):
        arms = []
        for share in shares:
            make = partial(network, [40, 128, 128, 128, 10], "batch", share, places)
            model = fit(make, data, 0.1, steps, 128, seed)
            by_norm = shifts(model, data)
            before = [test_percent(model, data), by_norm[-1]]
            recollect(model, data)
            arms.append([*before, test_percent(model, data)])
        for name, values in zip(("evaluated", "shift", "recollected"), zip(*arms, strict=True), strict=True):
            numbers[f"{places}_{name}"] = list(values)
        if places == "every":  # at the largest share, from the first batch norm to the last
            numbers["norms_trained"] = by_norm
            numbers["norms_untrained"] = untrained(make, data, seed)
    return {"shares": list(shares), **numbers}


def norms(model):
    return [layer for layer in model if isinstance(layer, nn.BatchNorm1d)]


def shifts(model, data):
    """The variance on test data over the running variance: the median unit of each batch norm."""
    seen = []
    hooks = [
        norm.register_forward_pre_hook(
            lambda layer, inputs: seen.append((inputs[0].var(0) / layer.running_var).median().item())
        )
        for norm in norms(model)
    ]
    evaluate(model, data.test)
    for hook in hooks:
        hook.remove()
    return seen


def untrained(make, data, seed):
    """The shifts at initialisation: statistics from all training data, with dropout on as in training."""
    with seeded(seed):
        model = make()
        recollect(model, data, dropout=True)
    return shifts(model, data)


def recollect(model, data, dropout=False):
    """The running statistics anew, from all training data, with dropout off (or on)."""
    model.train(dropout)
    for layer in norms(model):
        layer.reset_running_stats()
        layer.momentum = None
        layer.train()
    with torch.no_grad():
        model(data.train.x)
    model.eval()


FIFTH = "a fifth less is a tenth in what is divided by its root"
TWO = "fixed when 1000 examples were tested, as the error of a difference; not moved since"


def last(name):
    """Of the largest share of dropout."""
    return lambda n: n[name][:, -1]


def again(places):
    return lambda n: (n[f"{places}_recollected"] - n[f"{places}_evaluated"])[:, -1]


SHIFTED = Effect(
    "variance at test over remembered, dropout everywhere", last("every_shift"), below=0.8, why=FIFTH
) & Effect("the same, dropout after the last norm", last("last_shift"), above=0.8, why=FIFTH)
COSTS = Effect("points that new statistics give back, everywhere", again("every"), above=2, why=TWO)
SPARED = Effect("the same, after the last norm", again("last"), below=2, why=TWO)

EXPERIMENT = Experiment(
    claim="Dropout before batch norm shifts the variance between training and test, and that costs accuracy; after the last "
    "batch norm it does no such harm.",
    source="Li et al. 2019, arXiv:1801.05134",
    scope=SCOPE.but(data="MNIST-1D", model="ReLU 3×128", horizon="600 steps", test=10_000),
    method="He initialisation, rate 0.1, cosine schedule; dropout after every activation, or after the last alone. Shift: the variance at test over the running variance, last batch norm, or, at dropout 0.5, each of the three, untrained and trained. The cost: test accuracy before and after the statistics are collected anew with dropout off; the weights stay.",
    measure=measure,
    holds=SHIFTED & COSTS & SPARED,
    when={"the variance alone counts": SHIFTED},
    finding="Dropout 0.5 everywhere: the variance at test is {every_shift[2]:.2f} of the remembered one; test accuracy "
    "{every_evaluated[2]:.1f} %, and {every_recollected[2]:.1f} % with statistics collected anew. After the last batch norm "
    "alone: {last_shift[2]:.2f}, {last_evaluated[2]:.1f} and {last_recollected[2]:.1f} %",
)
