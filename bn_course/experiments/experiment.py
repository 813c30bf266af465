"""What an experiment is: a claim, where it comes from, how it is measured, and what the numbers say of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Scale = Literal["small", "full"]
Numbers = Mapping[str, "float | list"]  # what one seed gave: a number or a (nested) list of them a name
Seeds = Mapping[str, np.ndarray]  # the same of several seeds, which are the first axis

HOLDS = "holds"
DOES_NOT_HOLD = "does not hold"


def holds_when(condition: str) -> str:
    """The verdict on a claim that is true in part: `holds_when("the rates are equal")`."""
    return f"holds when {condition}"


@dataclass(frozen=True)
class Experiment:
    """One claim of the ledger.

    Attributes:
        claim: one sentence, as it is said; a popular statement in the words of those who say it.
        source: who says so: paper, year, section or table; or an article; or "this course".
        method: how it is measured, in a sentence or two: data, model, initialisation, optimiser, rates.
        measure: of a seed and a scale. "small" takes a few seconds and must lead to the same verdict as
            "full". The same seed gives the same numbers. Every number is finite: a run that never
            gets there counts with the steps it was given.
        verdict: of the numbers of all seeds; "holds", "holds when …" or "does not hold".
        finding: the numbers in a sentence: a template for `str.format` over their means, as in
            "95 % after {plain:.0f} steps without and {batch:.0f} with batch norm".
    """

    claim: str
    source: str
    method: str
    measure: Callable[[int, Scale], Numbers]
    verdict: Callable[[Seeds], str]
    finding: str


def stack(runs: list[Numbers]) -> dict[str, np.ndarray]:
    """The numbers of several seeds as arrays, seeds first.

    Raises ValueError where the seeds differ in names or lengths, or a number is not finite.
    """
    stacked = {}
    for name in runs[0]:
        if any(run.keys() != runs[0].keys() for run in runs):
            raise ValueError("the seeds have not measured the same things")
        stacked[name] = np.array([run[name] for run in runs], dtype=float)
        if not np.isfinite(stacked[name]).all():
            raise ValueError(f"{name} is not finite; count a run that failed with a number that says so")
    return stacked
