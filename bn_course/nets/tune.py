"""Every arm of a comparison at its own best learning rate, chosen on validation data."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from torch import nn
from torch.optim import SGD, Optimizer

from bn_course.nets.data import Data
from bn_course.nets.speed import steps_to_target
from bn_course.nets.train import History, seeded, train


@dataclass(frozen=True)
class Run:
    """One model, trained at one learning rate."""

    rate: float
    model: nn.Module
    history: History


def sgd(model: nn.Module, rate: float) -> Optimizer:
    """Stochastic gradient descent with momentum 0.9, which is what `sweep` uses unless told otherwise."""
    return SGD(model.parameters(), lr=rate, momentum=0.9)


def sweep(
    make: Callable[[], nn.Module],
    rates: Iterable[float],
    data: Data,
    steps: int,
    seed: int = 0,
    optimiser: Callable[[nn.Module, float], Optimizer] = sgd,
    **options,
) -> list[Run]:
    """Train the same model, from the same random start, once at each learning rate.

    `make` builds and initialises it; `options` go to `train`.
    """
    runs = []
    for rate in rates:
        with seeded(seed):
            model = make()
        history = train(model, data, optimiser(model, rate), steps, seed=seed, **options)
        runs.append(Run(rate, model, history))
    return runs


def final_accuracy(run: Run) -> float:
    """The last look's accuracy on validation data; that of a run that diverged counts as 0."""
    return 0.0 if run.history.diverged else run.history.accuracy[-1]


def best(runs: Iterable[Run], score: Callable[[Run], float] = final_accuracy) -> Run:
    """The run with the highest score; of equal ones the first. The score must not look at test data."""
    return max(runs, key=score)


def arrival(run: Run, target: float, limit: int) -> int:
    """The updates after which the accuracy stays at `target` or above; `limit` if it never does."""
    look = None if run.history.diverged else steps_to_target(run.history.accuracy, target)
    return limit if look is None else run.history.steps[look]


def steps_at_best_rate(
    make: Callable[[], nn.Module],
    rates: Iterable[float],
    data: Data,
    limit: int,
    target: float,
    **options,
) -> int:
    """The updates, `limit` at most, after which the accuracy on test data stays at `target` or above.

    The rate is the one that gets there first on validation data; where none does, the one that ends best. The
    run at that rate is then made again, the same in everything but that it is looked at on test data.
    `options` go to `sweep`.
    """
    runs = sweep(make, rates, data, limit, **options)
    chosen = min(runs, key=lambda run: (arrival(run, target, limit), -final_accuracy(run)))
    tested = replace(data, validation=data.test)
    (again,) = sweep(make, [chosen.rate], tested, limit, **options)
    return arrival(again, target, limit)
