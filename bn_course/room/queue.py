"""Events that the room has not confirmed: a file each on the learner's disk, in the order of their time.

Several kernels put them there, and any of them may send them: an event has an id, and counts once. Where the
disk refuses, they wait in memory, for as long as the kernel runs.
"""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bn_course.room import member

MOST, LARGEST = 20, 14_000  # events in one request, and bytes
_in_memory: dict[str, dict] = {}


def add(kind: str, **what: Any) -> dict:
    """Queue an event: {id, kind, at, …}."""
    event = {"id": str(uuid.uuid4()), "kind": kind, "at": time.time(), **what}
    try:
        member.write(_folder() / f"{time.time_ns():020}-{event['id']}.json", event)
    except OSError:
        _in_memory[event["id"]] = event
    return event


def waiting() -> list[dict]:
    """The oldest events that were not confirmed, a request's worth."""
    events, size = [], 0
    for event in _all():
        size += len(json.dumps(event, ensure_ascii=False).encode()) + 2
        if events and (len(events) == MOST or size > LARGEST):
            break
        events.append(event)
    return events


def _all() -> Iterator[dict]:
    for file in _files():
        try:
            yield json.loads(file.read_text(encoding="utf-8"))
        except OSError:  # another kernel has sent it
            continue
        except ValueError:  # no program's work, so nothing to send
            file.unlink(missing_ok=True)
    yield from list(_in_memory.values())  # a cell may add to them meanwhile


def remove(ids: set[str]) -> None:
    """Take confirmed events out."""
    for file in _files():
        if _id(file) in ids:
            with suppress(OSError):
                file.unlink()
    for each in ids & _in_memory.keys():
        del _in_memory[each]


def clear() -> None:
    """Take everything out."""
    remove({_id(file) for file in _files()} | set(_in_memory))


def _folder() -> Path:
    return member.folder() / "waiting"


def _files() -> list[Path]:
    return sorted(_folder().glob("[0-9]*.json"))


def _id(file: Path) -> str:
    return file.stem.partition("-")[2]
