"""Who asks, and what comes with a request: read with suspicion."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from bn_course.room import tokens
from bn_course.room.limits import LARGEST_BODY, SECONDS_FOR_A_BODY
from bn_course.room.live import Live, Rooms

IsInstructor = Callable[[Request, str], bool]


async def room(request: Request) -> Live:
    """The room in the address; 404 where there is none."""
    rooms: Rooms = request.app.state.rooms
    code = request.path_params["room"].upper()
    live = await rooms.find(code) if code.isascii() and code.isalpha() and len(code) <= 8 else None
    if live is None:
        raise HTTPException(404, "There is no such room.")
    return live


def learner(request: Request, live: Live) -> str:
    """Whose token comes with the request; 401 where it is none of this room's, 410 for one who has left."""
    who = tokens.learner_of(live.room.key, bearer(request))
    if who is None:
        raise HTTPException(401, "This is not a token of this room.")
    if who in live.state.left:
        raise HTTPException(410, "You have left this room.")
    return who


async def is_instructor(request: Request, live: Live) -> bool:
    """Whether the room's secret comes with the request, or the hub says so."""
    given = bearer(request) or request.cookies.get(cookie_name(live), "")
    also: IsInstructor | None = request.app.state.is_instructor
    if tokens.is_instructor(live.room.key, given):
        return True
    return also is not None and await asyncio.to_thread(also, request, live.room.code)  # it may ask a hub


async def must_be_instructor(request: Request, live: Live) -> None:
    """401 where it is not the instructor who asks, 403 where another site's page asks in their name."""
    if not await is_instructor(request, live):
        raise HTTPException(401, "This is for the room's instructor.")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "Another site's page cannot ask this.")


def cookie_name(live: Live) -> str:
    """The name of the instructor's cookie, one for each room."""
    return f"bn-course-room-{live.room.code}"


def bearer(request: Request) -> str:
    """The text after 'Bearer' in the request's header, or nothing."""
    scheme, _, text = request.headers.get("authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else ""


async def sent(request: Request) -> Any:
    """The JSON that was sent: 415 where it says it is something else, 413 where it is too much, 408 where it
    takes too long or breaks off, 400 where it is no JSON."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise HTTPException(415, "JSON is expected.")
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST_BODY:
                    raise HTTPException(413, f"A request has at most {LARGEST_BODY} bytes.")
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408, "The request did not end.") from None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise HTTPException(400, "This is not JSON.") from None
