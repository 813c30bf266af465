"""What the experiments of lesson 09 share: a network with dropout, a recipe of training, two scores."""

from itertools import pairwise

import torch
from torch import nn

from bn_course.experiments import Scope
from bn_course.nets import accuracy, initialise, norm_layer, seeded, train
from bn_course.nets.ghost import GhostBatchNorm1d

SCOPE = Scope("digits", values="128 × 1", optimiser="SGD with momentum 0.9, batches of 128")


def ghosts(size):
    """A norm for `network`: ghost batches of this size."""
    return lambda features: GhostBatchNorm1d(features, size)


def network(sizes, norm=None, dropout=0.0, places="every"):
    """Linear, norm, ReLU, dropout for each hidden layer, He initialisation; dropout "every" time or "last"."""
    layers = []
    hidden = list(pairwise(sizes[:-1]))
    for number, (inputs, outputs) in enumerate(hidden, 1):
        layers += [nn.Linear(inputs, outputs), norm_layer(norm, outputs), nn.ReLU()]
        if dropout and (places == "every" or number == len(hidden)):
            layers.append(nn.Dropout(dropout))
    return initialise(nn.Sequential(*layers, nn.Linear(sizes[-2], sizes[-1])), "he")


def fit(make, data, rate, steps, batch_size, seed):
    """A model that `make` made, trained by SGD with momentum 0.9, the rate falling to 0 as a cosine."""
    with seeded(seed):
        model = make()
    optimiser = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    train(model, data, optimiser, steps, batch_size, cosine, every=steps, seed=seed)
    return model


def tuned(make, data, rates, steps, batch_size, seed):
    """The best on validation data of the models trained at these rates."""
    models = [fit(make, data, rate, steps, batch_size, seed) for rate in rates]
    return max(models, key=lambda model: accuracy(model, data.validation))


def test_percent(model, data):
    """The accuracy on test data, in per cent."""
    return 100 * accuracy(model, data.test)
