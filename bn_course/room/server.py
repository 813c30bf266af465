"""The server of rooms, an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from bn_course.room import asked, routes_instructor, routes_learner, routes_report, streams
from bn_course.room.access import IsInstructor
from bn_course.room.events import MOST_IN_A_REQUEST
from bn_course.room.headers import HEADERS, Headers
from bn_course.room.limits import Buckets, Places
from bn_course.room.live import Rooms
from bn_course.room.state import State
from bn_course.room.store import Store, UnavailableError


def application(
    store: Store,
    *,
    at: str = "",
    prefix: str = "",
    lite: Path | None = None,
    is_instructor: IsInstructor | None = None,
) -> Starlette:
    """The server of the rooms in `store`.

    `at` is the address under which learners reach it, where that is not the one that is asked for; `prefix`
    the path that everything stands under, '/services/room'; `lite` the folder of the browser edition, which
    then stands under '/lite/': there it is of the rooms' own site, and no other site is let in.
    `is_instructor(request, code)` is one more way to be the instructor of a room, beside its secret.
    """
    routes = [*routes_learner.ROUTES, *routes_instructor.ROUTES, *routes_report.ROUTES, *streams.ROUTES]
    routes.append(Mount("/static", StaticFiles(directory=routes_instructor.PAGE)))
    if lite:
        routes.append(Mount("/lite", StaticFiles(directory=lite, html=True)))
    app = Starlette(
        routes=[Mount(prefix, routes=routes)] if prefix else routes,
        middleware=[Middleware(Headers, lite=f"{prefix}/lite/")],
        exception_handlers={HTTPException: _refused, UnavailableError: _unavailable, Exception: _failed},
        lifespan=_running,
    )
    app.state.rooms, app.state.at, app.state.prefix = Rooms(store), at, prefix
    app.state.is_instructor = is_instructor
    app.state.buckets = {
        "events": Buckets(rate=5, burst=MOST_IN_A_REQUEST),  # of a learner
        "joins": Buckets(rate=20, burst=600),  # of an address, behind which a whole room may sit
    }
    app.state.places = Places()
    return app


@contextlib.asynccontextmanager
async def _running(app: Starlette) -> AsyncIterator[None]:
    rooms: Rooms = app.state.rooms
    await asyncio.to_thread(_load)
    tasks = [asyncio.create_task(rooms.write()), asyncio.create_task(rooms.look())]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    rooms.store.close()


def _load() -> None:
    """What the first to come would else wait for: the questions and predictions of all lessons."""
    State().shown(0.0)
    asked.text("")


def _refused(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _unavailable(request: Request, error: UnavailableError) -> Response:
    return JSONResponse({"error": f"Not stored: {error}."}, 503, {"Retry-After": "2"})


def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The server failed at this; its log says why."}, 500, HEADERS)
