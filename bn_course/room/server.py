"""The server of rooms, an ASGI application."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bn_course.room import routes_instructor, routes_learner, streams
from bn_course.room.access import IsInstructor
from bn_course.room.events import MOST_IN_A_REQUEST
from bn_course.room.limits import MOST_STREAMS, Buckets, Places
from bn_course.room.live import Rooms
from bn_course.room.store import Store, UnavailableError

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def application(
    store: Store, *, at: str = "", prefix: str = "", is_instructor: IsInstructor | None = None
) -> Starlette:
    """The server of the rooms in `store`.

    `at` is the address under which learners reach it, where that is not the one that is asked for; `prefix`
    the path that everything stands under, '/services/room'; `is_instructor(request, code)` one more way to be
    the instructor of a room, beside its secret.
    """
    routes = routes_learner.ROUTES + routes_instructor.ROUTES + streams.ROUTES
    routes = [*routes, Mount("/static", StaticFiles(directory=routes_instructor.PAGE))]
    app = Starlette(
        routes=[Mount(prefix, routes=routes)] if prefix else routes,
        middleware=[Middleware(_Headers)],
        exception_handlers={HTTPException: _refused, UnavailableError: _unavailable, Exception: _failed},
        lifespan=_running,
    )
    app.state.rooms, app.state.at, app.state.prefix = Rooms(store), at, prefix
    app.state.is_instructor = is_instructor
    app.state.buckets = {"events": Buckets(rate=5, burst=MOST_IN_A_REQUEST), "joins": Buckets(rate=20, burst=600)}
    app.state.places = Places(MOST_STREAMS)
    return app


@contextlib.asynccontextmanager
async def _running(app: Starlette) -> AsyncIterator[None]:
    rooms: Rooms = app.state.rooms
    tasks = [asyncio.create_task(rooms.write()), asyncio.create_task(rooms.look())]
    yield
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    rooms.store.close()


def _refused(request: Request, error: HTTPException) -> Response:
    return JSONResponse({"error": error.detail}, error.status_code, error.headers)


def _unavailable(request: Request, error: UnavailableError) -> Response:
    return JSONResponse({"error": f"Not stored: {error}."}, 503, {"Retry-After": "2"})


def _failed(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": "The server failed at this; its log says why."}, 500, HEADERS)


class _Headers:
    """Every answer says what a browser may do with it; none says that another site may read it."""

    def __init__(self, app: ASGIApp):
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, with_headers)
