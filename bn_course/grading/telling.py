"""What a learner's work tells the room that they have joined; of who learns alone nothing is told."""

import os
from typing import Any

from bn_course.grading.kept import home

MEMBER = ("room", "member.json")  # below the course's home: who has joined has this file


def tell(kind: str, **what: Any) -> None:
    """Tell the room of an event. Returns at once where the learner is in none.

    A home that may not be searched is nobody's: `Path.exists` would raise, up to Python 3.13.
    """
    if "BN_COURSE_ROOM" in os.environ or os.path.exists(home().joinpath(*MEMBER)):
        from bn_course.room import client  # so that nobody else loads it

        client.tell(kind, **what)
