"""An item: a question of a minute, in numbers that are drawn anew, whose answer is computed.

A lesson's items stand in `checks/NN_name/items.py`, a function each:

    @item("02-variance", idea="shares")
    def variance(draw):
        a, b, c = whole(draw, 3)
        return ask(f"A feature is {a}, {b}, {c} …", outcome=…, choices={RIGHT: …, "sample-variance": …})

`outcome` is what running the thing gives; each choice has the value that somebody expects who would choose
it, under the key of that belief. The right choice is the one whose value is the outcome, and no other may be.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import numpy as np

from bn_course.drivers.state import clean_state
from bn_course.grading.shuffle import shuffled
from bn_course.review.ideas import IDEAS

RIGHT = "right"
_TRIES = 200  # draws, before an item counts as broken


class Ambiguous(ValueError):  # noqa: N818 - says what is wrong with a draw
    """These numbers leave no choice, or more than one, that is right; or two that read alike."""


@dataclass(frozen=True)
class Asked:
    """An item in its numbers: the text, `code` shown as it is, each choice's text by its key, and why.

    `mistakes` says of a wrong choice's key what the mistake is, where that is known.
    """

    text: str
    choices: Mapping[str, str]
    why: str = ""
    code: str = ""
    name: str = ""
    idea: str = ""
    lesson: str = ""
    mistakes: Mapping[str, str] = field(default_factory=dict)

    def order(self, seed: int | str) -> list[str]:
        """The keys of the choices, as this learner sees them."""
        return shuffled(list(self.choices), self.name, seed)


def ask(
    text: str, outcome: Any, choices: Mapping[str, Any], why: str = "", code: str = "", digits: int = 3
) -> Asked:
    """An item whose right choice is found by comparison with the outcome.

    A choice is a value, shown in so many significant digits, or a pair (text, value).
    Raises Ambiguous where not exactly one choice has the outcome's value, that of the key `right`.
    """
    pairs = {k: v if isinstance(v, tuple) else (shown(v, digits), v) for k, v in choices.items()}
    found = [key for key, (_, value) in pairs.items() if same(value, outcome)]
    if found != [RIGHT]:
        raise Ambiguous(f"{found or 'no choice'} has the outcome {outcome!r}: {pairs}")
    texts = {key: said for key, (said, _) in pairs.items()}
    if len(set(texts.values())) < len(texts):
        raise Ambiguous(f"two choices read alike: {texts}")
    return Asked(text, texts, why, code)


def same(value: Any, outcome: Any) -> bool:
    """Are two values the same, numbers to one part in a million?"""
    if isinstance(value, str | bool) or isinstance(outcome, str | bool):
        return type(value) is type(outcome) and value == outcome
    value, outcome = np.asarray(value, float), np.asarray(outcome, float)
    return value.shape == outcome.shape and np.allclose(value, outcome, rtol=1e-6, atol=1e-9, equal_nan=True)


def shown(value: Any, digits: int = 3) -> str:
    """A number, or an array of them, as a choice shows it."""
    if isinstance(value, str):
        return value
    if np.ndim(value):
        return "[" + ", ".join(shown(entry, digits) for entry in value) + "]"
    text = f"{float(value) + 0.0:.{digits}g}" if abs(value) < 10**6 else f"{float(value):,.0f}"
    if "e" in text and abs(value) >= 1:
        text = f"{float(value):.0f}"
    return text.replace(",", " ").replace("-", "−")


@dataclass(frozen=True, eq=False)
class Item:
    """A question that can be asked again and again, each time in other numbers.

    `make(draw)` makes it of a random generator; `beliefs` prefers wrong choices with these keys where the
    item has more than it shows.
    """

    name: str
    idea: str
    make: Callable[..., Asked]
    lesson: str = ""
    wants_beliefs: bool = False
    keys: frozenset[str] = field(default=frozenset())  # misconceptions that it may offer, where it chooses

    def asked(self, seed: int | str, times: int | str = 0, beliefs: frozenset[str] = frozenset()) -> Asked:
        """The item in the numbers that a learner sees the `times`-th time."""
        for attempt in range(_TRIES):
            digest = sha256(f"{seed}/{self.name}/{times}/{attempt}".encode()).digest()
            draw = np.random.default_rng(int.from_bytes(digest[:8], "big"))
            try:
                with clean_state():  # the learner's session, random numbers and all, stays as it was
                    made = self.make(draw, beliefs) if self.wants_beliefs else self.make(draw)
            except Ambiguous as error:
                last = error
                continue
            return replace(made, name=self.name, idea=self.idea, lesson=self.lesson)
        raise Ambiguous(f"{self.name}: no draw of {_TRIES} leaves one right choice; the last: {last}")


def item(name: str, idea: str) -> Callable[[Callable[..., Asked]], Item]:
    """Make an item of a function of a random generator."""
    if idea not in IDEAS:
        raise ValueError(f"no idea is called {idea!r}: {', '.join(IDEAS)}")
    return lambda make: Item(name, idea, make)


def whole(draw: np.random.Generator, count: int, low: int = 0, high: int = 12) -> list[int]:
    """`count` different whole numbers from `low` to below `high`, in no order."""
    return [int(n) for n in draw.choice(np.arange(low, high), size=count, replace=False)]
