"""The report after a room, to be kept: the room itself may then be deleted."""

import asyncio
from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bn_course.room import access
from bn_course.room.store import Row


async def page(request: Request) -> Response:
    """The report as a page."""
    from bn_course.room.report import html  # SciPy takes a second to load

    return await _written(request, html, "text/html", "html")


async def table(request: Request) -> Response:
    """The report's tables."""
    from bn_course.room.report import csv

    return await _written(request, csv, "text/csv", "csv")


async def _written(
    request: Request, write: Callable[[Sequence[Row]], str], kind: str, suffix: str
) -> Response:
    live = await access.room(request)
    await access.must_be_instructor(request, live)
    rows = await asyncio.to_thread(request.app.state.rooms.store.events, live.room.code)
    text = await asyncio.to_thread(write, rows or [])
    headers = {"Content-Disposition": f'attachment; filename="room-{live.room.code}.{suffix}"'}
    return Response(text, media_type=kind, headers=headers)


ROUTES = [Route("/r/{room}/report", page), Route("/r/{room}/report.csv", table)]
