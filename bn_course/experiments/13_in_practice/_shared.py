"""What the experiments of lesson 13 share: a trained network, and a sweep over residual networks."""

from functools import partial

from torch import nn

from bn_course.experiments import Scope
from bn_course.nets import (
    Data,
    Split,
    accuracy,
    best,
    digits,
    initialise,
    mlp,
    residual_mlp,
    seeded,
    sweep,
    train,
)
from bn_course.nets.dyt import DynamicTanh, scaled_residual_mlp
from bn_course.nets.tune import sgd

SCOPE = Scope(
    data="digits",
    model="ReLU MLP 4×64",
    values="128",
    optimiser="SGD, momentum 0.9, batches of 128",
    horizon="300 steps",
    test=500,
)
POINT = "1.5 points are seven or eight of the 500 test images"

HIDDEN = [64, 64, 64, 64]
LOST = 5  # points below an arm's own best: a learning rate is usable till there


def trained(
    seed: int, norm="batch", steps: int = 300, hidden=tuple(HIDDEN), data: Data | None = None
) -> nn.Sequential:
    """An MLP on the digits, He initialisation, SGD with momentum 0.9 at rate 0.1, batches of 128."""
    data = data or digits()
    with seeded(seed):
        model = initialise(mlp([64, *hidden, 10], norm), "he")
    train(model, data, sgd(model, 0.1), steps, seed=seed, every=steps)
    return model


def percent(model: nn.Module, split: Split, training: bool = False) -> float:
    """The share right, in per cent."""
    return 100 * accuracy(model, split, training)


def residual(arm: str, width: int, depth: int) -> nn.Sequential:
    """The residual MLP of that arm, He initialisation."""
    if arm == "scaled":
        return initialise(scaled_residual_mlp(64, width, depth, 10), "he")
    norm = {"dyt": DynamicTanh, "rms": nn.RMSNorm}.get(arm, arm)
    return initialise(residual_mlp(64, width, depth, 10, norm), "he")


def over_rates(arm: str, rates: list[float], seed: int, scale: str) -> tuple[list[float], list[float], float]:
    """Validation and test accuracy at each rate, in per cent (0 where it diverged), and the best's on test."""
    width, depth, steps = (64, 10, 200) if scale == "full" else (48, 10, 200)
    runs = sweep(partial(residual, arm, width, depth), rates, digits(), steps, seed, every=steps)
    fine = [not run.history.diverged for run in runs]
    chosen = [100 * run.history.accuracy[-1] * ok for run, ok in zip(runs, fine, strict=True)]
    test = [percent(run.model, digits().test) * ok for run, ok in zip(runs, fine, strict=True)]
    return chosen, test, percent(best(runs).model, digits().test)
