"""Who the learner is in a room: one small file, which every kernel of theirs reads."""

import json
import os
import re
import tempfile
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bn_course.grading.kept import home
from bn_course.grading.telling import MEMBER

SILENCE = 2 * 24 * 3600  # seconds after which a room that has not answered is over
_unsaved: dict[Path, "Member"] = {}  # what the disk refused, for this kernel
_LINK = re.compile(r"https?://[^\s/?#]+(?:/[^\s?#]+)*/r/([A-Za-z0-9-]{1,32})/?")


@dataclass(frozen=True)
class Member:
    """Of which room, under which name; `token` is empty until the room has answered.

    `id` makes a joining that is sent twice the same one. `heard` is when the room last answered, in seconds
    since 1970. Who has `left` tells nothing more, and is not joined anew by BN_COURSE_ROOM.
    """

    link: str
    name: str | None = None
    token: str = ""
    heard: float = 0.0
    left: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def room(self) -> str:
        return _LINK.fullmatch(self.link)[1]


def checked(link: str) -> str:
    """The link without a slash at its end. ValueError where it is none to a room."""
    if not isinstance(link, str) or not _LINK.fullmatch(link.strip()):
        raise ValueError(f"a link to a room looks like https://example.org/r/ABCD; got {link!r}")
    return link.strip().rstrip("/")


def folder() -> Path:
    """Where membership and what is not yet sent are kept."""
    return path().parent


def path() -> Path:
    return home().joinpath(*MEMBER)


def load() -> Member | None:
    """The learner as kept, also one who has left; None where the file is missing, damaged or too old."""
    try:
        kept = _unsaved.get(path()) or Member(**json.loads(path().read_text(encoding="utf-8")))
        checked(kept.link)
    except (OSError, ValueError, TypeError):
        return None
    over = not kept.left and time.time() - kept.heard > SILENCE
    return None if over else kept


def save(member: Member) -> None:
    """Keep it: on the disk or, where that refuses, in memory until the kernel stops."""
    try:
        write(path(), asdict(member))
        _unsaved.pop(path(), None)
    except OSError:
        _unsaved[path()] = member


def forget() -> None:
    """Be nobody's member."""
    _unsaved.pop(path(), None)
    path().unlink(missing_ok=True)


def write(target: Path, value: Any) -> None:
    """Write JSON that only the learner may read, so that no other kernel sees half of it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
