"""Server-sent events: the vote for learners, the whole state for the instructor."""

import asyncio
import json
import time
from collections.abc import AsyncIterator

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bn_course.room import access
from bn_course.room.limits import MOST_SCREENS, MOST_STREAMS, Places
from bn_course.room.live import Live, fired
from bn_course.room.routes_instructor import told

PAUSE = 0.25  # seconds between two states
HEARTBEAT = 15  # seconds: a proxy closes what is silent
GONE = "event: gone\ndata: null\n\n"


async def live(request: Request) -> Response:
    """A stream for whoever asks, as the instructor or with a learner's token."""
    room = await access.room(request)
    if await access.is_instructor(request, room):
        await access.must_be_instructor(request, room)
        who, most, parts = room.room.code, MOST_SCREENS, _states(request, room)
    else:
        learner = access.learner(request, room)
        who, most, parts = f"{room.room.code} {learner}", MOST_STREAMS, _votes(room, learner)
    places: Places = request.app.state.places
    if not places.take(who, most):
        raise HTTPException(429, "Too many streams are open.", {"Retry-After": "10"})
    return _Stream(parts, places, who)


class _Stream(StreamingResponse):
    """Gives its place back, also where whoever asked has gone before the first part is made."""

    def __init__(self, parts: AsyncIterator[str], places: Places, who: str):
        headers = {"X-Accel-Buffering": "no"}  # nginx would else keep it back
        super().__init__(parts, media_type="text/event-stream", headers=headers)
        self._places, self._who = places, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._places.give_back(self._who)


async def _states(request: Request, room: Live) -> AsyncIterator[str]:
    while not (room.gone or room.stopped):
        ticket, room.asked = room.changed.ticket(), time.monotonic()
        yield _data(told(request, room))
        await asyncio.sleep(PAUSE)
        await fired(ticket, room.until_closing(HEARTBEAT))
    if room.gone:
        yield GONE


async def _votes(room: Live, learner: str) -> AsyncIterator[str]:
    last: object = ...
    while not (room.gone or room.stopped or learner in room.state.left):
        ticket, room.asked = room.voted.ticket(), time.monotonic()
        vote = room.vote(learner)
        new = vote and {**vote, "left": None}
        yield _data(vote) if new != last else ": still here\n\n"
        last = new
        await fired(ticket, room.until_closing(HEARTBEAT))
    if not room.stopped:
        yield GONE


def _data(value: object) -> str:
    return f"data: {json.dumps(value, ensure_ascii=False)}\n\n"


ROUTES = [Route("/r/{room}/live", live)]
