"""What an experiment is: a claim, where it comes from, how it is measured, and what decides about it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

import numpy as np

from bn_course.experiments.effects import Effect, Sample, Seeds, Statement

Scale = Literal["small", "full"]
Numbers = Mapping[str, "float | list"]  # what one seed gave: a number or a (nested) list of them a name

HOLDS = "holds"
DOES_NOT_HOLD = "does not hold"
UNDECIDED = "undecided"
NOT_TESTED = "not tested at its scale"


def holds_when(condition: str) -> str:
    """The verdict on a claim that is true in part: `holds_when("the rates are equal")`."""
    return f"holds when {condition}"


@dataclass(frozen=True)
class Scope:
    """Where something was measured, and so where a verdict is known to be true.

    Attributes:
        data: what was learnt from, or "random numbers".
        model: kind and size.
        values: how many values share a statistic, N·H·W: "128", "32 × 8 × 8".
        optimiser: with its momentum or betas and the size of a batch.
        horizon: how long: steps or epochs.
        test: the examples on which an accuracy is measured; 0 where none is. Intervals over seeds do not
            contain the error of a test set that all of them share.
    """

    data: str
    model: str = ""
    values: str = ""
    optimiser: str = ""
    horizon: str = ""
    test: int = 0

    def but(self, **changes) -> "Scope":
        """The same scope with some fields changed."""
        return replace(self, **changes)

    def fields(self) -> dict[str, str | int]:
        """Those that say something, by name."""
        return {name: value for name, value in asdict(self).items() if value}

    def __str__(self) -> str:
        shared = self.values and f"N·H·W = {self.values}"
        test, point = f"{self.test:,}".replace(",", " "), self.test / 100
        tested = self.test and f"tested on the same {test} for every seed: a point is {point:g} of them"
        said = (self.data, self.model, shared, self.optimiser, self.horizon, tested)
        return " · ".join(part for part in said if part)


@dataclass(frozen=True)
class Table:
    """Many numbers, which would make a long sentence: means with their intervals.

    Attributes:
        rows: of each row its name and the number that it shows, with an entry a column; or one a column.
        columns: what they are called.
        digits: how a number is written, as in a format string.
    """

    rows: Mapping[str, str | tuple[str, ...]]
    columns: tuple[str, ...]
    digits: str = ".3g"


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """One claim of the ledger.

    Attributes:
        claim: one sentence, as it is said; a popular statement in the words of those who say it.
        source: who says so: paper, year, section or table; or an article; or "this course".
        scope: where it was measured.
        method: how it is measured, in a sentence or two: initialisation, rates, what is compared.
        measure: of a seed and a scale. "small" takes a few seconds and must lead to the same verdict as
            "full". The same seed gives the same numbers. Every number is finite: a run that never
            gets there counts with the steps it was given, and `limits` names them.
        holds: what must be shown for "holds".
        when: conditions in words, each with what must be shown for "holds when …"; the first counts.
        limits: for each number that counts steps until something, those that a run was given at full scale,
            the same for all its entries or one for each.
        beyond: the scale of which the claim speaks, where that is not the one measured: then the
            verdict is "not tested at its scale", and what was shown is shown of the mechanism.
        finding: the numbers in a sentence: a template for `str.format` over their means, as in
            "95 % after {plain:.0f} steps without and {batch:.0f} with batch norm"; `effects` are the rows of
            what decides, as in "{effects[0][mean]:.1f} times".
        table: the numbers that are too many for a sentence.
    """

    claim: str
    source: str
    method: str
    measure: Callable[[int, Scale], Numbers]
    finding: str
    scope: Scope
    holds: Statement
    when: Mapping[str, Statement] = field(default_factory=dict)
    limits: Mapping[str, float | tuple[float, ...]] = field(default_factory=dict)
    beyond: str = ""
    table: Table | None = None

    def sample(self, numbers: Seeds, t: float = 0.0) -> Sample:
        """The numbers of several seeds with intervals of t standard errors to each side."""
        return Sample(numbers, self.limits, t)

    def judge(self, sample: Sample) -> str:
        """What is shown at the scale measured: "holds", "holds when …", "does not hold" or "undecided".

        Undecided is whatever hangs on an interval that includes its bound: "holds" is not said before it is
        shown, nor "holds when …" before it is shown that more does not hold.
        """
        cases = {HOLDS: self.holds} | {holds_when(words): case for words, case in self.when.items()}
        for verdict, statement in cases.items():
            shown = statement.shown(sample)
            if shown is not False:
                return verdict if shown else UNDECIDED
        return DOES_NOT_HOLD

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Everything that its verdict is made of."""
        statements = [self.holds, *self.when.values()]
        return tuple(effect for statement in statements for effect in statement.effects)


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
