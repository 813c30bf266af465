"""What is said to the room next, and what follows from its answer: no threads, no sockets.

`due()` gives the request, `settle()` takes the answer and says how long to wait. The kernel of a machine and
that of a browser's tab send in different ways, and share this.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from bn_course.room import member, queue

GONE = (401, 404, 410)  # no such token, no such room, a learner who left
AGAIN = (0, 408, 429)  # 0: nobody answered
WAITS = (1, 2, 5, 10, 30)  # seconds after the first failure, the second, …


class Request(NamedTuple):
    """A POST of JSON; `ids` are the events in it, none where it joins."""

    url: str
    body: bytes
    token: str
    ids: frozenset[str]

    @property
    def headers(self) -> dict[str, str]:
        bearer = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"Content-Type": "application/json", **bearer}


def due() -> Request | None:
    """The next request; None where there is nothing to say."""
    me = member.load()
    if me is None or (me.left and not me.token):
        return None
    if not me.token:
        return _request(f"{me.link}/join", {"id": me.id, "nickname": me.name}, "", ())
    events = queue.waiting()
    return _request(f"{me.link}/events", {"events": events}, me.token, events) if events else None


def wait(failed: int) -> float:
    """Seconds until the next try, after so many that failed. Chance keeps a room from coming all at once."""
    return WAITS[min(failed, len(WAITS) - 1)] * random.uniform(0.5, 1.5)


def _request(url: str, body: dict, token: str, events: Iterable[dict]) -> Request:
    ids = frozenset(event["id"] for event in events)
    return Request(url, json.dumps(body, ensure_ascii=False).encode(), token, ids)


def settle(request: Request, status: int, answer: dict | None, heard: float) -> bool:
    """Draw the consequences of an answer; true where one may go on at once, false where one should wait.

    `heard` is when it came, in seconds since 1970. What the room has stored, or will never take, is no longer
    sent. A room that is gone, or refuses whoever joins, is forgotten: no other try would end better.
    """
    me = member.load()
    if me is None or not request.url.startswith(me.link) or status in AGAIN or status >= 500:
        return False
    if status in GONE or (status != 200 and not request.ids):
        gone()
    elif status != 200:
        queue.remove(set(request.ids))
    elif request.ids:
        return _confirmed(request, answer or {}, heard)
    else:
        member.save(replace(me, token=str(answer["token"]), heard=heard))
    return True


def gone() -> None:
    """The room is no more, or lets this learner in no more. Who has left stays known as one who has."""
    queue.clear()
    me = member.load()
    if me and me.left:
        member.save(replace(me, token=""))
    else:
        member.forget()


def _confirmed(request: Request, answer: dict, heard: float) -> bool:
    done = {*answer.get("stored", ()), *answer.get("refused", ())} & request.ids
    queue.remove(done)
    rest = queue.waiting()
    if me := member.load():  # anew: they may have left meanwhile
        member.save(replace(me, heard=heard, token="" if me.left and not rest else me.token))
    return bool(done)
