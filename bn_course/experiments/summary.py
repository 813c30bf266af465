"""What the numbers of several seeds come to: the means that a finding names, the rows of a verdict."""

from collections.abc import Iterable

import numpy as np

from bn_course.experiments.effects import Effect, Sample

DIGITS = 4  # significant ones of an interval


class Steps(float):
    """The mean steps until something happens in the runs where it did: '184', '184 (2 of 5 never)'."""

    never: int
    seeds: int

    def __new__(cls, steps: np.ndarray, limit: float):
        arrived = steps[steps < limit]
        self = super().__new__(cls, arrived.mean() if arrived.size else np.inf)
        self.never, self.seeds = len(steps) - len(arrived), len(steps)
        return self

    def __format__(self, spec: str) -> str:
        if self.never == self.seeds:
            return "never"
        arrived = super().__format__(spec)
        return f"{arrived} ({self.never} of {self.seeds} never)" if self.never else arrived


def students_t(seeds: int) -> float:
    """Half a 95 % interval of the mean of so many seeds, in standard errors; of one seed there is none: 0."""
    from scipy.stats import t

    return float(t.ppf(0.975, seeds - 1)) if seeds > 1 else 0.0


def means(sample: Sample) -> dict[str, np.ndarray]:
    """The mean of each number over the seeds; of those with a limit, one that says who did not arrive."""
    found = {name: value.mean(0) for name, value in sample.numbers.items()}
    for name, limit in sample.limits.items():
        seeds, *shape = (value := sample.numbers[name]).shape
        each = [Steps(steps, limit) for steps in value.reshape(seeds, -1).T]
        found[name] = np.array(each, dtype=object).reshape(shape) if shape else each[0]
    return found


def rows(effects: Iterable[Effect], sample: Sample) -> list[dict]:
    """Effects as a table shows them, an entry a row, none twice; where an interval has no end stands None.

    Raises ValueError where not every entry has a name.
    """
    found = {}
    for effect in effects:
        side = "above" if effect.below is None else "below"
        shown = effect.entries(sample)
        intervals = zip(effect.each or ("",), *effect.interval(sample), shown, strict=True)
        for entry, mean, low, high, passes in intervals:
            what = f"{effect.what}, {entry}" if entry else effect.what
            ends = {"mean": _rounded(mean), "low": _rounded(low), "high": _rounded(high)}
            row = {"what": what, **ends, side: effect.bound, "why": effect.why, "shown": passes}
            found[what, side, effect.bound] = row
    return list(found.values())


def _rounded(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
