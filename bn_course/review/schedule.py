"""When an item comes back. The scheduler is FSRS (the package `fsrs`), with its published parameters.

An item that was right comes back when the chance of remembering it has fallen to nine in ten; one that was
missed comes back the next day. All times are kept in UTC, so that a journey or a change of the clocks moves
nothing; days are shown as they are where the learner is.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime

import fsrs

_SCHEDULER = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def reviewed(entry: Mapping | None, right: bool, at: datetime, key: str = "") -> dict:
    """What is kept of an item after an answer; `key` is the belief that was chosen, where it was wrong.

    A clock that was set back counts as one that stands still.
    """
    card = fsrs.Card.from_dict(entry["card"]) if entry else fsrs.Card()
    at = max(at.astimezone(UTC), card.last_review or at.astimezone(UTC))
    card, _ = _SCHEDULER.review_card(card, fsrs.Rating.Good if right else fsrs.Rating.Again, at)
    missed = Counter(entry["missed"] if entry else {})
    missed.update([] if right else [key])
    return {"card": card.to_dict(), "times": (entry["times"] if entry else 0) + 1, "missed": dict(missed)}


def due_at(entry: Mapping) -> datetime:
    """When an item is due."""
    return fsrs.Card.from_dict(entry["card"]).due


def due(cards: Mapping[str, Mapping], at: datetime) -> list[str]:
    """The names of the items that are due, the most overdue first."""
    times = {name: due_at(entry) for name, entry in cards.items()}
    return sorted((name for name in cards if times[name] <= at), key=lambda name: (times[name], name))


def told(days: Mapping[date, int]) -> list[str]:
    """The calendar in lines: two weeks of it."""
    lines = [f"{day:%a} {day.day} {day:%b}: {number}" for day, number in list(days.items())[:14]]
    return ["Due for review:", *lines] if lines else []


def calendar(cards: Mapping[str, Mapping], at: datetime) -> dict[date, int]:
    """How many items are due on each day, in the learner's own time zone; what is overdue is due today."""
    today = at.astimezone().date()
    days = Counter(max(due_at(entry).astimezone().date(), today) for entry in cards.values())
    return dict(sorted(days.items()))
