"""What the experiments on small batches share: a network of four hidden layers on digits, and its training."""

import copy

import torch
from torch.nn import functional

from bn_course.experiments import Scope
from bn_course.nets import accuracy, batches, digits, initialise, mlp, seeded
from bn_course.nets.recalibrate import recalibrate
from bn_course.nets.renorm import BatchRenorm1d

SCOPE = Scope(
    data="digits",
    model="ReLU MLP 4×64",
    values="the batch",
    optimiser="SGD, momentum 0.9",
    horizon="5 epochs, cosine schedule",
    test=500,
)
POINT = "1.5 points are seven or eight of the 500 test images"

RATE = 0.05  # for a batch of 32; in proportion for others, which is the linear scaling rule


def network(norm, seed):
    """ReLU 4×64, He initialisation."""
    with seeded(seed):
        model = mlp([64] * 5 + [10], norm=BatchRenorm1d if norm == "renorm" else norm)
        return initialise(model, "he")


def descend(model, drawn, updates, rate, micro=1):
    """SGD, momentum 0.9, cosine schedule; each update takes the mean gradient of `micro` batches."""
    optimiser = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, updates)
    model.train()
    for _ in range(updates):
        optimiser.zero_grad()
        for _ in range(micro):
            batch = next(drawn)
            (functional.cross_entropy(model(batch.x), batch.y) / micro).backward()
        optimiser.step()
        schedule.step()
    return model


def trained(norm, batch_size, seed, rate=RATE, epochs=5, micro=1):
    """The network after so many epochs of digits in batches of `batch_size`."""
    data = digits()
    updates = epochs * (len(data.train) // (batch_size * micro))
    drawn = batches(data.train, batch_size, seed)
    return descend(network(norm, seed), drawn, updates, rate * batch_size * micro / 32, micro)


def error(model, split=None, training=False):
    """Per cent wrong, of the test part unless told otherwise."""
    return 100 * (1 - accuracy(model, digits().test if split is None else split, training))


def recalibrated(model, batch_size):
    """A copy with the statistics of all training data, in batches of that size."""
    model = copy.deepcopy(model)
    recalibrate(model, digits().train.x.split(batch_size))
    return model


def own_best(norm, batch_size, seed, rates, epochs):
    """Test error at each rate, and that of the rate with the lowest error on validation data."""
    data = digits()
    models = [trained(norm, batch_size, seed, rate, epochs) for rate in rates]
    chosen = min(range(len(rates)), key=lambda i: error(models[i], data.validation))
    return [error(model) for model in models], error(models[chosen])
