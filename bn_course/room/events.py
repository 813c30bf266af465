"""What a learner can say to a room, and nothing else: each event is read field by field."""

import unicodedata
from collections.abc import Mapping
from math import isfinite
from typing import Any, NamedTuple
from uuid import UUID

from bn_course.grading.catalogue import catalogue, lessons, predictions

MOST_IN_A_REQUEST = 20  # what one learner may send at once (server.py)
LONGEST_EXAMPLE, LONGEST_SECTION, LONGEST_NAME = 500, 100, 40  # characters
MOST_MISCONCEPTIONS = 8


class RefusedError(ValueError):
    """What came is no event; the message says why."""


class Event(NamedTuple):
    """Something that a learner did. `at` is the learner's own clock, which decides nothing."""

    id: str
    kind: str
    at: float
    body: dict[str, Any]


def read_all(sent: object) -> tuple[list[Event], dict[str, str]]:
    """The events in `{"events": [...]}`, and why others are none, by id. RefusedError where it is no list."""
    entries = sent.get("events") if isinstance(sent, dict) else None
    if not isinstance(entries, list) or len(entries) > MOST_IN_A_REQUEST:
        raise RefusedError(f"a request has a list of at most {MOST_IN_A_REQUEST} events")
    good, refused = [], {}
    for entry in entries:
        identity = _identity(entry)
        try:
            good.append(_event(identity, entry))
        except RefusedError as error:
            refused[identity] = str(error)
    return good, refused


def clean(text: object, longest: int) -> str:
    """`text` on one line or several, without control, format and unassigned characters, cut to length."""
    if not isinstance(text, str):
        raise RefusedError("a text was expected")
    kept = (c for c in text[: 4 * longest] if c == "\n" or unicodedata.category(c)[0] != "C")
    return "".join(kept).strip()[:longest].rstrip()


def _identity(entry: object) -> str:
    try:
        return str(UUID(entry["id"]))
    except (TypeError, KeyError, ValueError, AttributeError):
        raise RefusedError("an event has an id, a UUID") from None


def _event(identity: str, entry: Mapping[str, Any]) -> Event:
    kind, at = entry.get("kind"), entry.get("at")
    if not isinstance(kind, str) or kind not in _BODIES:
        raise RefusedError("there is no such kind of event")
    return Event(identity, kind, _number(at), _BODIES[kind](entry))


def _prediction(entry: Mapping[str, Any]) -> dict[str, Any]:
    question = _one_of(entry.get("question"), predictions())
    asked, choice = predictions()[question], entry.get("choice")
    if isinstance(asked.answer, str):
        letters = "abcdefgh"[: len(asked.texts) or None]
        choice = _one_of(choice, tuple(letters))
    else:
        choice = _number(choice)
    sure = entry.get("confidence")
    if type(sure) is not int or not 0 <= sure <= 100:
        raise RefusedError("a confidence is a whole number from 0 to 100")
    made_in = entry.get("round")
    if made_in is not None and (type(made_in) is not int or made_in not in (1, 2)):
        raise RefusedError("a round is 1, 2 or null")
    return {"question": question, "choice": choice, "confidence": sure, "round": made_in}


def _check(entry: Mapping[str, Any]) -> dict[str, Any]:
    question = _one_of(entry.get("question"), catalogue())
    named = entry.get("misconceptions") or []
    if not isinstance(named, list) or len(named) > MOST_MISCONCEPTIONS:
        raise RefusedError(f"misconceptions are a list of at most {MOST_MISCONCEPTIONS} keys")
    known = [mistake.key for mistake in catalogue()[question].misconceptions]
    example = entry.get("example")
    return {
        "question": question,
        "state": _one_of(entry.get("state"), ("passed", "failed")),
        "misconceptions": [key for key in known if key in named],
        "example": None if example is None else clean(example, LONGEST_EXAMPLE),
    }


def _hand(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"state": _one_of(entry.get("state"), ("up", "down"))}


def _seen(entry: Mapping[str, Any]) -> dict[str, Any]:
    lesson = _one_of(entry.get("lesson"), lessons())
    return {"lesson": lesson, "section": clean(entry.get("section"), LONGEST_SECTION)}


def _leave(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {"keep": entry.get("keep") is True}


_BODIES = {"prediction": _prediction, "check": _check, "hand": _hand, "seen": _seen, "leave": _leave}


def _one_of(value: object, known) -> str:
    if isinstance(value, str) and value in known:
        return value
    raise RefusedError("a name, letter or state that this course does not have")


def _number(value: object) -> float:
    if type(value) not in (int, float) or not -1e300 < value < 1e300 or not isfinite(value):
        raise RefusedError("a finite number was expected")
    return float(value)
