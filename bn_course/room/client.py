"""What a learner calls: `join(link)`, `raise_hand()`, `leave()`; and what the lessons tell the room.

Nothing here waits for the room for longer than `join` does, and nothing is sent before it has said what.
"""

import math
import os
import time
from dataclasses import replace
from functools import cache
from typing import Any

from bn_course import course
from bn_course.grading.catalogue import lessons
from bn_course.grading.report import Report
from bn_course.room import exchange, member, queue
from bn_course.room.member import Member

LONGEST_EXAMPLE, LONGEST_NAME = 500, 40  # characters
MOST_MISTAKES = 8
PAUSE = 60  # seconds until a room that BN_COURSE_ROOM names, and that is not there, is asked for again
_asked: dict[str, float] = {}  # by link, when this kernel last joined by the environment


def join(link: str, name: str | None = None) -> None:
    """Join a room that an instructor has opened, under a name or, better, without one.

    Says in one sentence what the room then sees. Kernels of other notebooks know it too. Raises ValueError
    for what is no link to a room, and for a name of more than 40 characters.
    """
    name = (name or "").strip() or None
    if name and len(name) > LONGEST_NAME:
        raise ValueError(f"a name of at most {LONGEST_NAME} characters, please")
    _join(member.checked(link), name)


def _join(link: str, name: str | None) -> None:
    from bn_course.room.join_box import show  # widgets load on first use

    me = member.load()
    if me and me.left and (leaving := exchange.due()):
        _post().send_once(leaving)  # the room has not heard of it yet
    if me is None or me.left or me.link != link:
        queue.clear()  # of another room
        me = Member(link, name, heard=time.time())
        member.save(me)
    elif me.name != name:  # the same learner, who joins once more under it
        me = replace(me, name=name, token="")
        member.save(me)
    said = show(me)
    _post().wake_and_then(lambda: said(_standing(me)))
    _listen()


def _standing(me: Member) -> str:
    now = member.load()
    if now is None:
        return f"There is no room {me.room} at this address."
    if now.token:
        return f"You are in room {me.room}."
    return f"Room {me.room} does not answer yet. What you do waits here, and is sent when it does."


def leave(keep: bool = False) -> None:
    """Leave the room. It deletes what it has of you, unless you let it `keep` that, without a name."""
    print(left(keep))


def left(keep: bool) -> str:
    """Leave, and say so."""
    me = _membership()
    if me is None:
        return "You are in no room."
    queue.clear()
    queue.add("leave", keep=keep)
    member.save(replace(me, left=True))
    _post().wake()
    _hear(None)
    then = "keeps what you did there, without a name" if keep else "deletes what it has of you"
    return f"You have left room {me.room}. It {then}."


def raise_hand(up: bool = True) -> None:
    """Raise your hand, or take it down: the instructor sees that somebody wants to be asked."""
    if _membership() is None:
        print("You are in no room.")
        return
    tell("hand", state="up" if up else "down")
    print("Your hand is up. `raise_hand(False)` takes it down." if up else "Your hand is down.")


def tell(kind: str, report: Report | None = None, **what: Any) -> None:
    """Queue an event for the room, where the learner is in one; of a report goes what `outcome` says."""
    _join_by_environment()
    if _membership() is None:
        return
    if report:
        what = outcome(report)
    elif kind == "seen":
        what["lesson"] = next((stem for stem in lessons() if stem[:2] == what["section"][:2]), None)
    queue.add(kind, **what)
    _post().wake()
    _listen()


def outcome(report: Report) -> dict:
    """What the room is told of a check: how it ended, which mistakes, and the smallest failing example."""
    shown = None
    if report.example:
        given, yours, expected = report.example
        shown = f"On {given}: {yours}, expected {expected}"[:LONGEST_EXAMPLE]
    return {
        "question": report.name,
        "state": "passed" if report.passed else "failed",
        "misconceptions": list(report.diagnosis[:MOST_MISTAKES]),
        "example": shown,
    }


def _membership() -> Member | None:
    me = member.load()
    return None if me is None or me.left else me


def _join_by_environment() -> None:
    """On a hub: BN_COURSE_ROOM names the room, and who has left it stays out."""
    link = os.environ.get("BN_COURSE_ROOM", "")
    me, now = member.load(), time.monotonic()
    elsewhere = me is None or me.link != link.rstrip("/")
    if link and elsewhere and now - _asked.get(link, -math.inf) > PAUSE:
        _asked[link] = now
        try:
            join(link)
        except ValueError as error:
            _say_once(f"BN_COURSE_ROOM: {error}")


@cache
def _say_once(words: str) -> None:
    print(words)


@cache
def _post():
    if course.in_browser():
        from bn_course.room.in_browser import Post
    else:
        from bn_course.room.post import Post
    return Post()


def _listen() -> None:
    """Hear of votes, from when this kernel shows a prediction."""
    from bn_course.room import listening

    if listening.boxes() and not course.in_browser():  # there, the post listens too
        listening.start()


def _hear(vote: dict | None) -> None:
    from bn_course.room import listening

    listening.hear(vote)
