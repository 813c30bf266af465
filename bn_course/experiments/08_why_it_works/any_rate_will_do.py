"""Batch norm lets the weights' learning rate be wrong by orders of magnitude."""

import numpy as np

from bn_course.experiments import Effect, Experiment
from bn_course.nets import accuracy, digits, train

from ._shared import SCOPE, build, hidden, rate_for_hidden

GOOD = 0.95  # accuracy on test data: well above what γ, β and the last layer reach alone


def measure(seed, scale):
    rates, steps = (np.logspace(-3, 4, 15), 300) if scale == "full" else (np.logspace(-1, 3, 5), 200)
    numbers = {"rates": rates.tolist()}
    for norm in ("none", "batch"):
        runs = [outcome(norm, rate, steps, seed) for rate in rates]
        for name in runs[0]:
            numbers[f"{norm}_{name}"] = [run[name] for run in runs]
        numbers[f"{norm}_frozen"] = outcome(norm, 0.0, steps, seed)["test"]
        usable = rates[np.array(numbers[f"{norm}_test"]) >= GOOD]
        numbers[f"{norm}_decades"] = float(np.log10(usable.max() / usable.min())) if len(usable) else 0.0
    return numbers


def outcome(norm, rate, steps, seed):
    model = build("relu", norm, seed)
    history = train(model, digits(), rate_for_hidden(model, rate), steps, every=steps, seed=seed)
    squares = sum(weight.double().square().sum().item() for weight in hidden(model))
    grown = np.sqrt(squares) if np.isfinite(squares) else 1e30
    return {
        "test": 0.0 if history.diverged else accuracy(model, digits().test),
        "length": float(min(grown, 1e30)),
    }


LEARNED = Effect(
    "accuracy with hidden weights that are never trained",
    lambda n: n["batch_frozen"],
    below=GOOD - 0.05,
    why="γ, β and the last layer alone must not get there",
)
WIDE = Effect(
    "decades of usable rates with batch norm", lambda n: n["batch_decades"], above=2.5, why="'hardly matters'"
)
WIDER = Effect(
    "decades of usable rates, batch norm less none",
    lambda n: n["batch_decades"] - n["none_decades"],
    above=1,
    why="a factor of ten is worth speaking of",
)

EXPERIMENT = Experiment(
    claim="With batch norm the learning rate of the weights hardly matters: a rate that is far too large makes the weights long, and that divides it again.",
    source="Arora, Li and Lyu 2018, Theoretical analysis of auto rate-tuning by batch normalization, arXiv:1812.03981",
    scope=SCOPE.but(model="ReLU 4×64", horizon="300 steps", test=500),
    method="Digits, ReLU 4×64, He initialisation, plain SGD, 300 steps; rates 0.001 to 10 000, two a decade, for the hidden layers' weights, 0.1 for γ, β and the last layer; a rate is usable where test accuracy reaches 95 %. Frozen: rate 0.",
    measure=measure,
    holds=LEARNED & WIDE & WIDER,
    finding="Usable rates span {batch_decades:.1f} decades with batch norm and {none_decades:.1f} without; test accuracy with batch norm {batch_test[4]:.3f} at 0.1, {batch_test[12]:.3f} at 1000, {batch_test[14]:.3f} at 10 000, and {batch_frozen:.3f} with hidden weights that are never trained",
)
