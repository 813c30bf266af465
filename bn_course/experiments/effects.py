"""What a verdict is made of: quantities with a value a seed, their intervals, and the bounds they must pass.

    FEWER = Effect("steps without over with", lambda n: n["none"] / n["batch"], above=3, ratio=True,
                   why="'many times fewer' is at least three")
    FEWER.shown(sample)         True, False, or None: the interval includes the bound

`&`, `|` and `~` combine what is shown as Kleene's logic does: what hangs on something open is open.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

Seeds = Mapping[str, np.ndarray]  # what was measured: a name, and an array whose first axis is the seeds


@dataclass(frozen=True)
class Sample:
    """What was measured of several seeds, and how wide the intervals of it are.

    Attributes:
        numbers: the arrays, seeds first.
        limits: for what counts steps until something happens, by name, the steps that a run was given. A run
            that reaches its limit may have needed any number from there on.
        t: half an interval's width in standard errors of the mean: Student's quantile; 0 judges by means.
    """

    numbers: Seeds
    limits: Mapping[str, float | tuple[float, ...]] = field(default_factory=dict)
    t: float = 0.0

    @property
    def never(self) -> Seeds:
        """The numbers, with infinity for each run that did not arrive."""
        late = {name: self.numbers[name] >= limit for name, limit in self.limits.items()}
        return {**self.numbers, **{name: np.where(late[name], np.inf, self.numbers[name]) for name in late}}


def half_width(values: np.ndarray, t: float) -> np.ndarray | float:
    """t·s/√n over the seeds, the first axis: half an interval of the mean. 0 where t is, as for one seed."""
    return t * values.std(0, ddof=1) / np.sqrt(len(values)) if t else 0.0


class Statement:
    """Something that the numbers show (True), refute (False) or leave open (None)."""

    def __and__(self, other: "Statement") -> "Statement":
        return Both(self, other)

    def __or__(self, other: "Statement") -> "Statement":
        return ~(~self & ~other)

    def __invert__(self) -> "Statement":
        return Not(self)


@dataclass(frozen=True)
class Effect(Statement):
    """A quantity that is compared within each seed, and the bound on one side of which its mean must be.

    Attributes:
        what: the quantity in words, as a table names it.
        of: of the numbers of all seeds; its value for each seed, or a row of them. All of a row must pass.
        above, below: the bound, one of the two: the smallest effect worth speaking of, or the largest that
            is none.
        why: the reason of the bound.
        ratio: a factor: its logarithm is averaged.
        each: what the entries of a row are called.
        blind: the bound was fixed by somebody who had seen none of the numbers.

    Raises ValueError where there is not one bound, or no reason for it.
    """

    what: str
    of: Callable[[Seeds], np.ndarray]
    why: str
    above: float | None = None
    below: float | None = None
    ratio: bool = False
    each: tuple[str, ...] = ()
    blind: bool = False

    def __post_init__(self):
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.what}: give either `above` or `below`")
        if not self.why:
            raise ValueError(f"{self.what}: say why the bound is {self.bound}")

    @property
    def bound(self) -> float:
        return self.below if self.above is None else self.above

    @property
    def reason(self) -> str:
        """The reason of the bound, and whether somebody fixed it who had seen no number."""
        return f"{self.why} (fixed by one who had seen no number)" if self.blind else self.why

    @property
    def effects(self) -> tuple["Effect", ...]:
        return (self,)

    def interval(self, sample: Sample) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, lower and upper end of the 95 % interval of the mean over the seeds, for each entry of a row.

        Where a run did not arrive, the ends hold whether it would have arrived at once or never, and the mean
        is that of the limits.
        """
        mean, low, high = self._student(sample.numbers, sample.t)
        if sample.limits:
            _, low_never, high_never = self._student(sample.never, sample.t)
            low, high = np.minimum(low, low_never), np.maximum(high, high_never)
        return (np.exp(mean), np.exp(low), np.exp(high)) if self.ratio else (mean, low, high)

    def _student(self, numbers: Seeds, t: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Student's interval; of values that are infinite, the infinities that the mean may be."""
        with np.errstate(all="ignore"):
            values = _rows(self.of(numbers))
            values = np.log(values) if self.ratio else values
            mean = values.mean(0)
            half = half_width(values, t)
        finite = np.isfinite(values).all(0)
        low = np.where(finite, mean - half, np.where((values > -np.inf).all(0), np.inf, -np.inf))
        high = np.where(finite, mean + half, np.where((values < np.inf).all(0), -np.inf, np.inf))
        return mean, low, high

    def at(self, *entries: int) -> "Effect":
        """The same of these entries of its rows alone."""
        each = tuple(self.each[entry] for entry in entries) if self.each else ()
        return replace(self, of=lambda n: _rows(self.of(n))[:, entries], each=each)

    def entries(self, sample: Sample) -> list[bool | None]:
        """What is shown of each entry of a row."""
        _, low, high = self.interval(sample)
        passed = low > self.bound if self.below is None else high < self.bound
        failed = high < self.bound if self.below is None else low > self.bound
        return [True if p else False if f else None for p, f in zip(passed, failed, strict=True)]

    def shown(self, sample: Sample) -> bool | None:
        return _all(self.entries(sample))


@dataclass(frozen=True)
class Both(Statement):
    """One and the other."""

    one: Statement
    other: Statement

    @property
    def effects(self) -> tuple[Effect, ...]:
        return (*self.one.effects, *self.other.effects)

    def shown(self, sample: Sample) -> bool | None:
        return _all([self.one.shown(sample), self.other.shown(sample)])


@dataclass(frozen=True)
class Not(Statement):
    """The contrary."""

    one: Statement

    @property
    def effects(self) -> tuple[Effect, ...]:
        return self.one.effects

    def shown(self, sample: Sample) -> bool | None:
        shown = self.one.shown(sample)
        return None if shown is None else not shown


def _rows(values: np.ndarray) -> np.ndarray:
    """(seeds, …) as (seeds, entries)."""
    return np.reshape(np.asarray(values, dtype=float), (len(values), -1))


def _all(shown: list[bool | None]) -> bool | None:
    if False in shown:
        return False
    return None if None in shown else True
