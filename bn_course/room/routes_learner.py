"""What a learner's side asks of the server."""

import time
from uuid import UUID, uuid5

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bn_course.room import access, tokens
from bn_course.room.events import LONGEST_NAME, Event, RefusedError, clean, read_all
from bn_course.room.limits import MOST_EVENTS, MOST_LEARNERS
from bn_course.room.live import Live
from bn_course.room.store import Sent


async def about(request: Request) -> Response:
    """What can be known before joining."""
    live = await access.room(request)
    return JSONResponse({"room": live.room.code, "names": live.room.names})


async def join(request: Request) -> Response:
    """A learner's name in the events, and the token for it. The same request again gives the same; the same
    id with another nickname is the same learner, who is now called so."""
    live = await access.room(request)
    wait_for(request, request.client.host if request.client else "", 1, "joins")
    asked = await access.sent(request)
    try:
        joining = UUID(asked["id"])
        name = clean(asked["nickname"], LONGEST_NAME) if asked.get("nickname") else ""
    except (TypeError, KeyError, ValueError, AttributeError):
        raise HTTPException(400, "Who joins sends an id, a UUID, and a nickname or null.") from None
    who = tokens.learner_named(live.room.key, str(joining))
    known = live.state.learners.get(who)
    if known.events >= MOST_EVENTS if known else len(live.state.learners) >= MOST_LEARNERS:
        raise HTTPException(503, "The room is full.", {"Retry-After": "60"})
    called = " ".join(name.split()) or None if live.room.names else None
    identity = str(uuid5(joining, called or ""))
    if await _store(request, live, who, [Event(identity, "join", time.time(), {"name": called})]):
        raise HTTPException(410, "You have left this room.")
    told = {"room": live.room.code, "learner": who, "names": live.room.names}
    return JSONResponse(told | {"token": tokens.learner_token(live.room.key, who)})


async def events(request: Request) -> Response:
    """Store what a learner did; what was stored before counts as stored."""
    live = await access.room(request)
    who = access.learner(request, live)
    try:
        good, refused = read_all(await access.sent(request))
    except RefusedError as error:
        raise HTTPException(400, str(error)) from None
    wait_for(request, f"{live.room.code} {who}", len(good) + len(refused), "events")
    known = live.state.learners.get(who)
    if known and known.events + len(good) > MOST_EVENTS:
        refused |= {event.id: "you have sent too much" for event in good if event.kind != "leave"}
        good = [event for event in good if event.kind == "leave"]
    if good and await _store(request, live, who, good):
        raise HTTPException(410, "You have left this room.")
    return JSONResponse({"stored": [event.id for event in good], "refused": refused})


async def vote(request: Request) -> Response:
    """The vote as it is now."""
    live = await access.room(request)
    return JSONResponse(live.vote(access.learner(request, live)))


def wait_for(request: Request, who: str, drops: int, what: str) -> None:
    """429 where somebody asks too much too fast."""
    seconds = request.app.state.buckets[what].take(who, drops)
    if seconds:
        raise HTTPException(429, "Too much at once.", {"Retry-After": str(1 + int(seconds))})


async def _store(request: Request, live: Live, who: str, good: list[Event]) -> bool:
    """Store events; true where the learner had left, and nothing was stored."""
    now = time.time()
    sent = [Sent(live.room.code, who, event, now) for event in good]
    return (live.room.code, who) in await request.app.state.rooms.append(sent)


ROUTES = [
    Route("/r/{room}/about", about),
    Route("/r/{room}/join", join, methods=["POST"]),
    Route("/r/{room}/events", events, methods=["POST"]),
    Route("/r/{room}/vote", vote),
]
