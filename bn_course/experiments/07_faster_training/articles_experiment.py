"""The experiment that every article shows: one hidden layer, Adam, losses with and without batch norm."""

import numpy as np
from torch.nn import functional
from torch.optim import Adam

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, evaluate, mlp, seeded, train

from ._shared import SCOPE

EVERY = 7  # steps in an epoch: 1000 examples in batches of 128
RATES = [0.001, 0.01]
PARTS = (("none_training", "batch_training"), ("none", "batch"))


def measure(seed, scale):
    epochs = 30 if scale == "full" else 20
    numbers = {}
    for norm in ("none", "batch"):
        training, validation, test = zip(*[losses(norm, rate, epochs, seed) for rate in RATES], strict=True)
        numbers |= {f"{norm}_training": training, norm: validation}  # of the rates, after each epoch
        numbers[f"{norm}_lowest"] = np.ravel(test)[np.argmin(validation)]  # at the best rate, stopped in time
    return numbers


def losses(norm, rate, epochs, seed):
    """Loss on training, validation and test data, in evaluation mode, before each epoch."""
    with seeded(seed):
        model = mlp([64, 128, 10], norm)
    found = [], [], []

    def watch(step, model):
        if step % EVERY == 0:
            for part, losses in zip(digits().parts, found, strict=True):
                losses.append(functional.cross_entropy(evaluate(model, part), part.y).item())

    optimiser = Adam(model.parameters(), lr=rate)
    train(model, digits(), optimiser, EVERY * epochs + 1, every=EVERY * epochs, seed=seed, watch=watch)
    return found


def least(curves):
    """The lowest of each seed, over rates and epochs."""
    return curves.min((1, 2))


FASTER = Effect(
    "loss after five epochs, with over without",
    lambda n: np.hstack(
        [n[f"batch{part}"][:, :, 5] / n[f"none{part}"][:, :, 5] for part in ("_training", "")]
    ),
    below=0.8,
    ratio=True,
    why="a fifth lower is what one sees in a plot",
    each=("training, 0.001", "training, 0.01", "validation, 0.001", "validation, 0.01"),
)
LOWER = Effect(
    "lowest loss at either rate, with over without",
    lambda n: np.stack(
        [least(n["batch_training"]) / least(n["none_training"]), n["batch_lowest"] / n["none_lowest"]], 1
    ),
    below=0.9,
    ratio=True,
    why="a tenth is worth a norm",
    each=("training", "test"),
)
RATE_DOES_MORE = Effect(
    "loss after five epochs: what the rate saves, less what batch norm saves at 0.001",
    lambda n: np.stack(
        [np.ptp(n[none][:, :, 5], 1) - (n[none] - n[batch])[:, 0, 5] for none, batch in PARTS], 1
    ),
    above=0,
    why="then the rate could be the reason",
    each=("training", "validation"),
)

EXPERIMENT = Experiment(
    claim="With batch norm, training and validation loss fall faster and end lower.",
    source="popular articles",
    scope=SCOPE.but(
        model="64–128–10, ReLU", optimiser="Adam, batches of 128", horizon="30 epochs of 7 steps"
    ),
    method="PyTorch's default initialisation, Adam at 0.001 and 0.01; loss in evaluation mode after each epoch.",
    measure=measure,
    holds=FASTER & LOWER,
    when={"a learning rate that is set too low is not the reason": LOWER & RATE_DOES_MORE},
    finding="Validation loss after 5 epochs at 0.001: {none[0][5]:.2f} without and {batch[0][5]:.2f} with batch norm; at 0.01: {none[1][5]:.2f} and {batch[1][5]:.2f}. At the better rate, stopped where validation loss is lowest, test loss is {none_lowest:.2f} and {batch_lowest:.2f}",
)
