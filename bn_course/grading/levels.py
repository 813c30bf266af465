"""What stands in a file of the learner's, level by level: what is sound is kept, the rest is counted."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Sound = Callable[[Any], tuple[Any, bool]]  # what of an entry is sound (None: nothing), and is that all of it?


def read_levels(
    text: str, version: int, levels: Mapping[str, Sound], others: Mapping[str, Sound]
) -> tuple[dict, bool]:
    """What is sound in a file's text, and whether that is all of it.

    Every version has the `levels`, tables of entries; the `others` may be missing. What a newer course wrote
    is sound as far as it has the levels; its version stays, so that the file is known to be newer. What this
    version does not know stays as it is.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        return {"version": version, **{name: {} for name in levels}}, False
    state, whole = dict(found), True
    for name, sound in levels.items():
        state[name], good = _level(found.get(name), sound)
        whole = whole and good
    for name in others.keys() & found.keys():
        state[name], good = others[name](found[name])
        whole = whole and good
    state = {name: value for name, value in state.items() if name not in others or value is not None}
    written = found["version"] if count(found.get("version")) else None
    newer = written is not None and written > version and _has_levels(found, levels)
    state["version"] = written if newer else version
    return state, newer or (whole and written == version)


def _has_levels(found: dict, levels: Mapping[str, Sound]) -> bool:
    tables = [found.get(name) for name in levels]
    return all(isinstance(x, dict) and all(isinstance(e, dict) for e in x.values()) for x in tables)


def _level(found: Any, sound: Sound) -> tuple[dict, bool]:
    if not isinstance(found, dict):
        return {}, False
    read = {name: sound(entry) for name, entry in found.items()}
    kept = {name: entry for name, (entry, _) in read.items() if entry is not None}
    return kept, all(good for _, good in read.values())


def count(value: Any) -> bool:
    """Is it a whole number from 0?"""
    return type(value) is int and value >= 0


def whole_if(fits: Callable[[Any], bool]) -> Sound:
    """For an entry that is whole or none."""
    return lambda entry: (entry, True) if fits(entry) else (None, False)
