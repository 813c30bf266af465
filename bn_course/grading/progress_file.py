"""What stands in a progress file: what is sound is kept, the rest is counted."""

from math import isfinite
from typing import Any

from bn_course.grading.levels import count, read_levels, whole_if

VERSION = 1


def empty() -> dict:
    """The state of somebody who has done nothing yet."""
    return {"version": VERSION, "questions": {}, "predictions": {}}


def question() -> dict:
    """What is kept about a question before its first attempt."""
    return {"passed": False, "attempts": 0, "hints": 0, "diagnoses": {}}


def read(text: str) -> tuple[dict, bool]:
    """What is sound in a file's text, and whether that is all of it.

    What is missing from an entry is as at the beginning.
    """
    return read_levels(text, VERSION, _LEVELS, _OTHERS)


def _fields(entry: Any, beginning: dict) -> tuple[dict | None, bool]:
    """The fields of an entry that are what they should be, and those that this version does not know."""
    if not isinstance(entry, dict):
        return None, False
    bad = {name for name, fits in _FIELDS.items() if name in entry and not fits(entry[name])}
    return beginning | {name: value for name, value in entry.items() if name not in bad}, not bad


def _prediction(entry: Any) -> bool:
    good = isinstance(entry, dict) and _answer(entry.get("answer")) and count(entry.get("sure"))
    return good and entry["sure"] <= 100


def _answer(value: Any) -> bool:
    return isinstance(value, str) or (type(value) in (int, float) and isfinite(value))


def _diagnoses(value: Any) -> bool:
    return isinstance(value, dict) and all(map(count, value.values()))


_FIELDS = {
    "passed": lambda value: isinstance(value, bool),
    "attempts": count,
    "hints": count,
    "version": count,
    "diagnoses": _diagnoses,
}
_LEVELS = {"questions": lambda entry: _fields(entry, question()), "predictions": whole_if(_prediction)}
_OTHERS = {
    "capstone": lambda entry: _fields(entry, {"passed": False, "attempts": 0}),
    "seed": whole_if(count),
}
