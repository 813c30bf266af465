"""How hard each item was, and how well it goes with the rest, where not everybody answered everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Interval = tuple[float, float]


@dataclass(frozen=True)
class Analysis:
    """An item: how many answered, the share that was right, and the correlation with the rest of a sheet.

    `discrimination` is None where it cannot be had: fewer than two sheets with other items, or no spread.
    Intervals are of 95 %: Wilson's (1927) for the share, Fisher's (1915) for the correlation, which wants
    four sheets.
    """

    name: str
    answered: int
    difficulty: float
    difficulty_interval: Interval
    discrimination: float | None
    discrimination_interval: Interval | None


def analyse(sheets: Sequence[Mapping[str, bool]]) -> list[Analysis]:
    """Every item of the sheets, in the order in which they first come; a sheet has what was answered."""
    names = dict.fromkeys(name for sheet in sheets for name in sheet)
    return [_analysis(name, [sheet for sheet in sheets if name in sheet]) for name in names]


def share(right: int, of: int) -> Interval:
    """Wilson's 95 % interval of a share; of no answers, all of 0 to 1."""
    from scipy.stats import binomtest

    if not of:
        return 0.0, 1.0
    found = binomtest(right, of).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


def _analysis(name: str, sheets: Sequence[Mapping[str, bool]]) -> Analysis:
    right = sum(sheet[name] for sheet in sheets)
    found = _discrimination(name, [sheet for sheet in sheets if len(sheet) > 1])
    return Analysis(name, len(sheets), right / len(sheets), share(right, len(sheets)), *found)


def _discrimination(name: str, sheets: Sequence[Mapping[str, bool]]) -> tuple[float | None, Interval | None]:
    """The correlation of an item with the share that is right of the others on its sheet."""
    from scipy.stats import pearsonr

    own = np.array([sheet[name] for sheet in sheets], float)
    rest = np.array([(sum(sheet.values()) - sheet[name]) / (len(sheet) - 1) for sheet in sheets])
    if len(sheets) < 2 or np.ptp(own) == 0 or np.ptp(rest) == 0:
        return None, None
    found = pearsonr(own, rest)
    if len(sheets) < 4:
        return float(found.statistic), None
    low, high = found.confidence_interval(0.95)
    return float(found.statistic), (float(low), float(high))
