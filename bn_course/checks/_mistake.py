"""How a question names the mistakes that it knows; what is said of them stands in `words.toml`."""

from collections.abc import Iterable
from typing import Any

from bn_course.grading.question import Misconception


def mistake(key: str, *settings: dict[str, Any], rounding: bool = False, **knobs: Any) -> Misconception:
    """A misconception, with the settings of this question's variant that make it.

    `mistake("sample-variance", ddof=1)`; several ways of making the same one are given as dictionaries:
    `mistake("wrong-axis", {...}, {...})`.
    """
    return Misconception(key, settings=(*settings, *([knobs] if knobs else [])), rounding=rounding)


def but(mistakes: Iterable[Misconception], *keys: str) -> tuple[Misconception, ...]:
    """`mistakes` without those that cannot be made here, or cannot be told apart."""
    return tuple(m for m in mistakes if m.key not in keys)


def only(mistakes: Iterable[Misconception], *keys: str) -> tuple[Misconception, ...]:
    """Of `mistakes` those called `keys`."""
    return tuple(m for m in mistakes if m.key in keys)
