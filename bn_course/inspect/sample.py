"""Moments of what one layer is fed, a number a channel, and what chance may have done to them."""

import numpy as np
from scipy.stats import t as student

SURE = 0.995  # how often, where all is well, chance alone stays within the bounds below, a channel


class Mean:
    """Mean and sum of squared deviations, merged by the rule of Chan, Golub and LeVeque (1979)."""

    def __init__(self):
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, rows: np.ndarray) -> None:
        """Merge in rows of shape (C, N)."""
        n, mean = rows.shape[1], rows.mean(1)
        gap, total = mean - self.mean, self.count + n
        self.squares = self.squares + ((rows - mean[:, None]) ** 2).sum(1) + gap**2 * self.count * n / total
        self.mean = self.mean + gap * n / total
        self.count = total

    @property
    def error(self) -> np.ndarray:
        """The standard error of the mean; infinite for one value."""
        n = self.count
        return np.sqrt(self.squares / (n - 1) / n) if n > 1 else np.full_like(np.asarray(self.mean), np.inf)


class Sample:
    """All that a layer was fed. What belongs to one example is not independent, so examples are counted.

    A layer that is called again in a pass may be shown the same examples: they are counted once.
    """

    def __init__(self):
        self.rows = Mean()  # of the examples' own means
        self.within = Mean()  # of their variances over H and W, ÷ number of places
        self.spread = Mean()  # of the squared distance from a fixed point, averaged over an example's places
        self.point: np.ndarray | None = None
        self.values = self.examples = 0

    def add(self, means: np.ndarray, variances: np.ndarray, places: int, again: bool = False) -> None:
        """Merge a batch in: of each example its mean and variance, (C, N) both; `again`, in the same pass."""
        if self.point is None:
            self.point = means.mean(1, keepdims=True)
        self.rows.add(means)
        self.within.add(variances)
        self.spread.add(variances + (means - self.point) ** 2)
        self.values += means.shape[1] * places
        self.examples += 0 if again else means.shape[1]

    @property
    def mean(self) -> np.ndarray:
        return self.rows.mean

    @property
    def var(self) -> np.ndarray:
        """The variance of all values together, ÷ (their number − 1)."""
        population = self.within.mean + self.rows.squares / self.rows.count
        return population * self.values / max(self.values - 1, 1)

    def chance(self) -> float:
        """The multiple of a standard error over the rows that chance stays within."""
        if self.examples < 2:
            return np.inf
        sure = float(student.ppf((1 + SURE) / 2, self.examples - 1))
        return sure * np.sqrt(self.rows.count / self.examples)

    def mean_error(self) -> np.ndarray:
        """How far chance may have put the mean, in σ, a channel."""
        return self.chance() * self.rows.error

    def log_var_error(self, var: np.ndarray) -> np.ndarray:
        """How far chance may have put the logarithm of the variance, a channel."""
        least = np.sqrt(2 / max(self.values - 1, 1))
        return self.chance() * np.maximum(self.spread.error / var, least)
