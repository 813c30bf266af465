"""What stands in a progress file, level by level: what is sound is kept, the rest is counted."""

import json
from math import isfinite
from typing import Any

VERSION = 1


def empty() -> dict:
    """The state of somebody who has done nothing yet."""
    return {"version": VERSION, "questions": {}, "predictions": {}}


def question() -> dict:
    """What is kept about a question before its first attempt."""
    return {"passed": False, "attempts": 0, "hints": 0, "diagnoses": {}}


def read(text: str) -> tuple[dict, bool]:
    """What is sound in a file's text, and whether that is all of it.

    What is missing from an entry is as at the beginning. What a newer course wrote is sound as far as it has
    the two levels that every version has; the version stays, so that the file is known to be newer.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return empty(), False
    if not isinstance(found, dict):
        return empty(), False
    questions, whole_questions = _level(found.get("questions"), lambda entry: _fields(entry, question()))
    predictions, whole_predictions = _level(found.get("predictions"), _prediction)
    rest = {name: value for name, value in found.items() if name == "capstone"}
    capstone, whole_capstone = _level(rest, lambda entry: _fields(entry, {"passed": False, "attempts": 0}))
    version = found.get("version") if _count(found.get("version")) else None
    newer = version is not None and version > VERSION and _has_levels(found)
    whole = version == VERSION and whole_questions and whole_predictions and whole_capstone
    state = {name: value for name, value in found.items() if name != "capstone"} | capstone
    state |= {"version": version if newer else VERSION, "questions": questions, "predictions": predictions}
    return state, newer or whole


def _has_levels(found: dict) -> bool:
    levels = (found.get("questions"), found.get("predictions"))
    return all(isinstance(x, dict) and all(isinstance(e, dict) for e in x.values()) for x in levels)


def _level(found: Any, sound) -> tuple[dict, bool]:
    if not isinstance(found, dict):
        return {}, False
    kept, whole = {}, True
    for name, entry in found.items():
        good, all_of_it = sound(entry)
        whole = whole and all_of_it
        if good is not None:
            kept[name] = good
    return kept, whole


def _fields(entry: Any, beginning: dict) -> tuple[dict | None, bool]:
    """The fields of an entry that are what they should be, and those that this version does not know."""
    if not isinstance(entry, dict):
        return None, False
    bad = {name for name, fits in _FIELDS.items() if name in entry and not fits(entry[name])}
    return beginning | {name: value for name, value in entry.items() if name not in bad}, not bad


def _prediction(entry: Any) -> tuple[dict | None, bool]:
    """A prediction is whole or none."""
    good = isinstance(entry, dict) and _answer(entry.get("answer")) and _count(entry.get("sure"))
    return (entry, True) if good and entry["sure"] <= 100 else (None, False)


def _answer(value: Any) -> bool:
    return isinstance(value, str) or (type(value) in (int, float) and isfinite(value))


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _diagnoses(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_count, value.values()))


_FIELDS = {
    "passed": lambda value: isinstance(value, bool),
    "attempts": _count,
    "hints": _count,
    "version": _count,
    "diagnoses": _diagnoses,
}
