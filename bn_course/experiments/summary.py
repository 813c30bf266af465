"""What the numbers of several seeds come to: the means that a finding names, the rows of a verdict."""

from collections.abc import Iterable

import numpy as np

from bn_course.experiments.effects import Effect, Sample, half_width
from bn_course.experiments.experiment import Table

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
    for name in sample.limits:
        each = [Steps(*column) for column in _columns(sample, name)]
        found[name] = (
            np.array(each, dtype=object).reshape(found[name].shape) if found[name].shape else each[0]
        )
    return found


def table(shown: Table, sample: Sample) -> dict:
    """The cells of a table as text: a mean with its interval; or, of steps, how many never came."""
    rows = []
    for label, names in shown.rows.items():
        names = names if isinstance(names, tuple) else (names,)
        columns = [column for name in names for column in _columns(sample, name)]
        rows.append([label, *(_cell(*column, shown.digits, sample.t) for column in columns)])
    return {"columns": list(shown.columns), "rows": rows}


def _columns(sample: Sample, name: str) -> list[tuple[np.ndarray, float]]:
    """Each entry of a number: what the seeds gave, and the limit."""
    entries = np.reshape(sample.numbers[name], (len(sample.numbers[name]), -1)).T
    limits = np.broadcast_to(sample.limits.get(name, np.inf), len(entries))
    return list(zip(entries, limits, strict=True))


def _cell(values: np.ndarray, limit: float, digits: str, t: float) -> str:
    if (values >= limit).any():
        return f"{Steps(values, limit):{digits}}"
    mean, half = values.mean(), half_width(values, t)
    low, middle, high = (f"{value:{digits}}" for value in (mean - half, mean, mean + half))
    return middle if low == high else f"{middle} ({low} to {high})"


def rows(effects: Iterable[Effect], sample: Sample) -> list[dict]:
    """Effects as a table shows them, an entry a row, none twice; where an interval has no end stands None.

    Raises ValueError where not every entry has a name.
    """
    found = {}
    for effect in effects:
        side = "above" if effect.below is None else "below"
        shown = effect.entries(sample)
        named = effect.each or ("",)
        if len(named) != len(shown):
            raise ValueError(f"{effect.what}: {len(shown)} entries and {len(named)} names for them")
        for entry, mean, low, high, passes in zip(named, *effect.interval(sample), shown, strict=True):
            what = f"{effect.what}, {entry}" if entry else effect.what
            ends = {"mean": _rounded(mean), "low": _rounded(low), "high": _rounded(high)}
            row = {"what": what, **ends, side: effect.bound, "why": effect.reason, "shown": passes}
            found[what, side, effect.bound] = row
    return list(found.values())


def _rounded(value: float) -> float | None:
    return float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None
