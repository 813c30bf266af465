"""How a room did in a test: the distribution, each item's difficulty and discrimination, the reliability."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Item:
    """An item in a room: the share that was right, and the correlation with the rest of the test.

    `discrimination` is None where everybody, or nobody, was right, or the rest does not vary.
    """

    name: str
    difficulty: float
    discrimination: float | None


@dataclass(frozen=True)
class Statistics:
    """A test's statistics in a room.

    `scores` are the numbers of right answers, sorted. `alpha` is Cronbach's, with a 95 % interval in
    `interval`; None where it cannot be had: fewer than two learners or items, or all scores alike.
    """

    scores: tuple[int, ...]
    items: tuple[Item, ...]
    alpha: float | None
    interval: tuple[float, float] | None


def statistics(sheets: Sequence[Mapping[str, bool]]) -> Statistics:
    """The statistics of answer sheets, each a mapping from the same items to whether they were right.

    Raises ValueError where a sheet has other items than the first.
    """
    names = list(sheets[0]) if sheets else []
    if any(set(sheet) != set(names) for sheet in sheets):
        raise ValueError("every sheet needs the same items")
    right = np.array([[sheet[name] for name in names] for sheet in sheets], float)
    right = right.reshape(len(sheets), len(names))
    total = right.sum(axis=1)
    items = tuple(
        Item(name, float(column.mean()), _correlation(column, total - column))
        for name, column in zip(names, right.T, strict=True)
    )
    alpha = cronbach(right)
    interval = None if alpha is None else _interval(alpha, *right.shape)
    return Statistics(tuple(sorted(int(score) for score in total)), items, alpha, interval)


def cronbach(right: np.ndarray) -> float | None:
    """k/(k − 1)·(1 − Σ var(item)/var(score)) of answers (learners, k items), variances ÷ (n − 1)."""
    learners, k = right.shape
    if learners < 2 or k < 2 or (spread := right.sum(axis=1).var(ddof=1)) == 0:
        return None
    return float(k / (k - 1) * (1 - right.var(axis=0, ddof=1).sum() / spread))


def _interval(alpha: float, learners: int, k: int) -> tuple[float, float]:
    """Feldt (1965, Psychometrika 30, 357): (1 − α)/(1 − α̂) is distributed as F(n − 1, (n − 1)(k − 1))."""
    from scipy.stats import f

    quantiles = f.ppf([0.975, 0.025], learners - 1, (learners - 1) * (k - 1))
    low, high = (float(1 - (1 - alpha) * quantile) for quantile in quantiles)
    return low, high


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])
