"""Averaging weights: whose statistics does the average have?"""

import copy

import torch
from torch.nn import functional

from bn_course.experiments import Effect, Experiment
from bn_course.nets import batches, digits, initialise, mlp, seeded
from bn_course.nets.recalibrate import recalibrate

from ._shared import HIDDEN, POINT, SCOPE, percent


def measure(seed, scale):
    steps, data = 600 if scale == "full" else 300, digits()
    with seeded(seed):
        model = initialise(mlp([64, *HIDDEN, 64, 10]), "he")
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    averages = {"long": Average(model), "recent": Average(model)}
    drawn = batches(data.train, 32, seed)
    for step in range(steps):
        batch = next(drawn)
        loss = functional.cross_entropy(model.train()(batch.x), batch.y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        for name, first in (("long", 20), ("recent", steps - 50)):
            if step >= first and step % 10 == 0:
                averages[name].add(model)
    numbers = {"last": percent(model, data.test)}
    for name, average in averages.items():
        net = average.weights_into(model)  # and the buffers of the last model
        numbers[f"{name}_kept"] = percent(net, data.test)
        recalibrate(net, [data.train.x])
        numbers[f"{name}_again"] = percent(net, data.test)
    return numbers


class Average:
    """The mean of a model's parameters over several moments."""

    def __init__(self, model):
        self.count, self.total = 0, [torch.zeros_like(p) for p in model.parameters()]

    @torch.no_grad()
    def add(self, model):
        self.count += 1
        for total, parameter in zip(self.total, model.parameters(), strict=True):
            total += parameter

    @torch.no_grad()
    def weights_into(self, model):
        model = copy.deepcopy(model)
        for total, parameter in zip(self.total, model.parameters(), strict=True):
            parameter.copy_(total / self.count)
        return model


def gain(average):
    return lambda n: n[f"{average}_again"] - n[f"{average}_kept"]


FAR = Effect("points gained, averaged over the whole run", gain("long"), above=1.5, why=POINT)
NEAR = Effect("points gained, averaged over 50 steps", gain("recent"), above=1.5, why=POINT)

EXPERIMENT = Experiment(
    claim="After averaging weights, batch norm's statistics must be computed anew.",
    source="Izmailov et al. 2018, Averaging Weights Leads to Wider Optima, arXiv:1803.05407",
    scope=SCOPE.but(model="ReLU MLP 5×64", values="32", optimiser="Adam, batches of 32", horizon="600 steps"),
    method="Digits, ReLU MLP 5×64, He initialisation, Adam at rate 0.01, batches of 32, 600 steps; the mean of the weights at every tenth step, from step 20 on or over the last 50; with the running statistics of the last model, or measured anew on the training data.",
    measure=measure,
    holds=FAR & NEAR,
    when={"the weights that are averaged lie far apart": FAR},
    finding="Averaged over the whole run: {long_kept:.0f} % with the last model's statistics, {long_again:.0f} % with new ones; over the last 50 steps: {recent_kept:.0f} and {recent_again:.0f} %; the last model alone: {last:.0f} %",
)
