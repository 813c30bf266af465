"""What a question is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np


@dataclass(frozen=True)
class Misconception:
    """A mistake that people really make, and the knob settings of the question's variant that make it.

    `settings` lists the ways in which it is met, e.g. `{"axis": 1}` and `{"axis": 1, "keepdims": False}`.
    None at all means that the engine sees it without a variant (`mutates-input`).
    `rounding` marks a mistake of rounding alone: right in float64, wrong in float32 at a large offset, and
    never twice the same to the bit, so that it is recognised by where it fails instead of by its values.
    """

    key: str
    did: str = ""
    why: str = ""
    settings: tuple[Mapping[str, Any], ...] = ()
    rounding: bool = False


SEED = 20150211  # of the probes that are the same at every check


@dataclass(frozen=True, eq=False)
class Probe:
    """One use of an answer: `driver(answer, *args)`.

    A probe with `rounding` is in float32 at a large offset and is judged with that in mind. Where an error is
    asked for, it is of the type that the reference raises, or with `any_error` of any.
    """

    label: str
    args: tuple
    driver: str = "call"
    rounding: bool = False
    rtol: float = 1e-5
    atol: float = 1e-6
    returns: tuple[str, ...] | None = None
    shown: str | None = None
    any_error: bool = False

    def __post_init__(self):
        if self.rounding and self.rtol == 1e-5 and self.atol == 1e-6:
            object.__setattr__(self, "rtol", 3e-3)
            object.__setattr__(self, "atol", 3e-3)


@dataclass(frozen=True)
class Property:
    """What must hold of every right answer. `fault(args, value)` says what is wrong, or returns None."""

    name: str
    fault: Callable[[tuple, Any], str | None]


class Prediction(NamedTuple):
    """The outcome that a lesson's prediction is about: a choice, or a number right within a factor.

    `texts` are the choices a, b, c … in words. Answers are kept by letter, in whatever order they are shown.
    """

    answer: str | float
    factor: float = 1.5
    texts: tuple[str, ...] = ()

    def said(self, letter: str) -> str:
        """The choice of this letter, in words where it has them."""
        place = ord(letter) - ord("a")
        return self.texts[place] if place < len(self.texts) else letter


@dataclass(frozen=True, eq=False)
class Question:
    """One graded question.

    `reference` is the right answer; `variant` is the same once more with a keyword knob for each known
    mistake (a class takes its knobs in the constructor; where `partial` cannot carry them, `variant_factory`
    is set and `variant(**knobs)` returns the answer).
    `probes(rng)` draws the probes; the first is general enough to be drawn afresh at every check.
    `examples` are small enough to redo by hand, the smallest first.
    `ask` is for whoever teaches: a question by which a learner finds the mistake, and a good answer to it.
    `in_place` questions change what they are given and return None.
    `version` is raised when an answer that was right may no longer be: those who passed are told so.
    """

    name: str
    points: int
    level: int
    reference: Callable
    variant: Callable
    returns: tuple[str, ...]
    probes: Callable[[np.random.Generator], list[Probe]]
    examples: tuple[Probe, ...]
    misconceptions: tuple[Misconception, ...]
    properties: tuple[Property, ...] = ()
    variant_factory: bool = False
    call: str | None = None
    in_place: bool = False
    task: str = ""
    ask: tuple[str, str] = ("", "")
    hints: tuple[str, ...] = ()
    version: int = 1
    lesson: str = ""

    def with_knobs(self, knobs: Mapping[str, Any]) -> Callable:
        """An answer that makes the mistakes that `knobs` stand for."""
        return self.variant(**knobs) if self.variant_factory else partial(self.variant, **knobs)

    @cached_property
    def fixed_probes(self) -> tuple[Probe, ...]:
        """The probes that are the same at every check."""
        return tuple(self.probes(np.random.default_rng(SEED)))

    @property
    def diagnosable(self) -> list[tuple[Misconception, Mapping[str, Any]]]:
        """Every misconception that the variant can make, once for each way of making it."""
        return [(m, setting) for m in self.misconceptions for setting in m.settings]

    @property
    def pairs(self) -> list[tuple[tuple[Misconception, Misconception], dict[str, Any]]]:
        """Every two mistakes that one answer can make at once: they turn different knobs."""
        return [
            ((first, second), {**one, **two})
            for (first, one), (second, two) in combinations(self.diagnosable, 2)
            if first.key != second.key and not one.keys() & two.keys()
        ]


@dataclass(frozen=True)
class QuestionInfo:
    """What `questions()` tells about a question."""

    name: str
    lesson: str
    points: int
    level: int
    hints: int
    misconceptions: tuple[str, ...]
