"""What the experiments gave, as stored in `evidence/`: read by lessons, explorers and the ledger.

Nothing here loads torch.
"""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from bn_course import course
from bn_course.experiments import card
from bn_course.experiments.catalogue import LARGE, files, names
from bn_course.experiments.effects import half_width
from bn_course.experiments.experiment import Scope, stack


@dataclass(frozen=True)
class Evidence:
    """What one experiment gave, over several seeds.

    `values[name]` has the seeds as its first axis; `mean`, `low` and `high` (a 95 % interval of the mean,
    Student's t over the seeds) are without it.
    """

    name: str
    record: dict

    @property
    def claim(self) -> str:
        return self.record["claim"]

    @property
    def verdict(self) -> str:
        return self.record["verdict"]

    @property
    def shown(self) -> str:
        """What was shown at the scale measured: the verdict, unless the claim speaks of another scale."""
        return self.record.get("tried", self.verdict)

    @property
    def scope(self) -> Scope:
        """Where it was measured, and so where the verdict is known to be true."""
        return Scope(**self.record["scope"])

    @property
    def larger(self) -> str:
        """What was shown at the larger scale: "" where it is not to be tried there."""
        name = LARGE + self.name
        if name not in files():
            return ""
        if not path_of(name).is_file():
            return "With a ResNet-20 on CIFAR-10: not tested at its scale."
        found = evidence(name)
        return f"With a ResNet-20 on CIFAR-10: {found.verdict}. {card.sentence(found.finding)}"

    @property
    def finding(self) -> str:
        return self.record["finding"]

    @property
    def seeds(self) -> list[int]:
        return [run["seed"] for run in self.record["runs"]]

    @property
    def measured(self) -> str:
        """When and where its seeds were measured: '2026-11-21 on AMD EPYC, 2 cores, one thread'."""
        runs = self.record["runs"]
        dates = sorted({run["date"] for run in runs})
        machines = sorted({run["machine"] for run in runs})
        return f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {' and on '.join(machines)}"

    @cached_property
    def values(self) -> dict[str, np.ndarray]:
        return stack([run["numbers"] for run in self.record["runs"]])

    @cached_property
    def mean(self) -> dict[str, np.ndarray]:
        return {name: value.mean(0) for name, value in self.values.items()}

    @cached_property
    def low(self) -> dict[str, np.ndarray]:
        return {name: self.mean[name] - self._half(value) for name, value in self.values.items()}

    @cached_property
    def high(self) -> dict[str, np.ndarray]:
        return {name: self.mean[name] + self._half(value) for name, value in self.values.items()}

    def _half(self, value: np.ndarray) -> np.ndarray:
        """Half the width of the interval."""
        return half_width(value, self.record["t"])

    def _repr_html_(self) -> str:
        return card.as_html(self.record)

    def __repr__(self) -> str:
        return card.as_text(self.record)


def evidence(name: str) -> Evidence:
    """What the experiment `name` gave. Raises ValueError where it was not measured."""
    path = path_of(name)
    try:
        return Evidence(name, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        known = "it has not been measured" if name in names() else "there is no such experiment"
        raise ValueError(f"no evidence {name!r}: {known}") from None


def ledger(lesson: str = "") -> list[Evidence]:
    """The evidence of all experiments that were measured, or of one lesson's, in order."""
    return [evidence(name) for name in names(lesson) if path_of(name).is_file()]


def path_of(name: str) -> Path:
    """Where the evidence of an experiment is stored."""
    return course.folder("evidence") / f"{name}.json"
