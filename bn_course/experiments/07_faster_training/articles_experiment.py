"""The experiment that every article shows: one hidden layer, Adam, losses with and without batch norm."""

import numpy as np
from torch.nn import functional
from torch.optim import Adam

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, evaluate, mlp, seeded, train

EVERY = 7  # steps in an epoch: 1000 examples in batches of 128
RATES = [0.001, 0.01]


def measure(seed, scale):
    epochs = 30 if scale == "full" else 20
    numbers = {}
    for norm in ("none", "batch"):
        curves = [losses(norm, rate, epochs, seed) for rate in RATES]
        numbers[f"{norm}_training"] = [training for training, _ in curves]
        numbers[norm] = [validation for _, validation in curves]  # of the rates, after each epoch
    return numbers


def losses(norm, rate, epochs, seed):
    """Loss on training and on validation data, in evaluation mode, before each epoch."""
    with seeded(seed):
        model = mlp([64, 128, 10], norm)
    parts, found = (digits().train, digits().validation), ([], [])

    def watch(step, model):
        if step % EVERY == 0:
            for part, losses in zip(parts, found, strict=True):
                losses.append(functional.cross_entropy(evaluate(model, part), part.y).item())

    optimiser = Adam(model.parameters(), lr=rate)
    train(model, digits(), optimiser, EVERY * epochs + 1, every=EVERY * epochs, seed=seed, watch=watch)
    return found


def verdict(numbers):
    """Of both losses: a fifth lower after five epochs is faster; a tenth lower at its lowest, each at its best rate, is lower."""
    faster = lower = rate_does_more = True
    for what in ("_training", ""):
        none, batch = (numbers[f"{norm}{what}"].mean(0) for norm in ("none", "batch"))  # (rate, epoch)
        faster &= (batch[:, 5] < 0.8 * none[:, 5]).all()
        lower &= batch.min() < 0.9 * none.min()
        rate_does_more &= np.ptp(none[:, 5]) > none[0, 5] - batch[0, 5]
    if faster and lower:
        return HOLDS
    if lower and rate_does_more:
        return holds_when("a learning rate that is set too low is not the reason")
    return DOES_NOT_HOLD


EXPERIMENT = Experiment(
    claim="With batch norm, training and validation loss fall faster and end lower.",
    source="popular articles",
    method="Digits, 64–128–10 with ReLU, PyTorch's default initialisation, Adam at 0.001 and 0.01, batches of 128, 30 epochs of 7 steps; loss in evaluation mode after each epoch.",
    measure=measure,
    verdict=verdict,
    finding="Validation loss after 5 epochs at 0.001: {none[0][5]:.2f} without and {batch[0][5]:.2f} with batch norm; at 0.01: {none[1][5]:.2f} and {batch[1][5]:.2f}; after 30 epochs {none[0][30]:.2f} and {batch[0][30]:.2f}, {none[1][30]:.2f} and {batch[1][30]:.2f}. Training loss likewise: {none_training[0][5]:.2f} and {batch_training[0][5]:.2f}, {none_training[1][5]:.2f} and {batch_training[1][5]:.2f} after 5, {none_training[0][30]:.2f} and {batch_training[0][30]:.2f}, {none_training[1][30]:.4f} and {batch_training[1][30]:.4f} after 30",
)
