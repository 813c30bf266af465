"""What the instructor's page asks of the server, and the page itself."""

import asyncio
import io
import time
from functools import partial
from pathlib import Path

import segno
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from bn_course.room import access, tokens, votes
from bn_course.room.live import Live

PAGE = Path(__file__).parent / "page"


async def page(request: Request) -> Response:
    """The instructor's page, or for anybody else how to join. `?secret=` becomes a cookie."""
    live = await access.room(request)
    secret = request.query_params.get("secret")
    if secret is None:
        mine = await access.is_instructor(request, live)
        return FileResponse(PAGE / ("index.html" if mine else "join.html"))
    if not tokens.is_instructor(live.room.key, secret):
        raise HTTPException(401, "This is not the room's secret.")
    answer = RedirectResponse("./", 303)  # the address with the secret is not kept
    kept = {"path": request.url.path, "secure": link(request, live).startswith("https:")}
    answer.set_cookie(access.cookie_name(live), secret, httponly=True, samesite="strict", **kept)
    return answer


async def address(request: Request) -> Response:
    """The link as learners have it, without the slash that the page's own links need."""
    live = await access.room(request)  # 'https:elsewhere' is no room, and would be an address
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"{live.room.code}/{query}", 307)  # relative, as a proxy needs it


async def state(request: Request) -> Response:
    """All that the page shows."""
    live = await access.room(request)
    await access.must_be_instructor(request, live)
    await live.refresh()
    return JSONResponse(told(request, live))


def told(request: Request, live: Live) -> dict:
    """The state as the page is told it."""
    return live.shown() | {"link": link(request, live), "trouble": request.app.state.rooms.trouble}


async def control(request: Request) -> Response:
    """A button of the instructor's; 409 where it does not fit now."""
    live = await access.room(request)
    await access.must_be_instructor(request, live)
    asked = await access.sent(request)
    asked = asked if isinstance(asked, dict) else {}
    action, question, seconds = (asked.get(name) for name in ("action", "question", "seconds"))
    store = request.app.state.rooms.store
    if action == "forget":
        await asyncio.to_thread(store.forget, live.room.code)
        await live.refresh()
        return JSONResponse(None)
    if action not in votes.ACTIONS or not isinstance(seconds, int | float | None):
        raise HTTPException(400, "There is no such button.")
    decide = partial(votes.decide, action=action, question=question, seconds=seconds)
    try:
        await asyncio.to_thread(store.control, live.room.code, lambda rows: decide(rows, now=time.time()))
    except votes.OutOfOrderError as error:
        raise HTTPException(409, str(error)) from None
    await live.refresh()
    return JSONResponse(live.shown()["vote"])


async def code(request: Request) -> Response:
    """The link for learners as a QR code."""
    live = await access.room(request)
    picture = io.BytesIO()
    segno.make(link(request, live), micro=False).save(picture, kind="svg", scale=8, xmldecl=False)
    return Response(picture.getvalue(), media_type="image/svg+xml")


def link(request: Request, live: Live) -> str:
    """The address that learners join with."""
    base = request.app.state.at or str(request.base_url) + request.app.state.prefix.lstrip("/")
    return f"{base.rstrip('/')}/r/{live.room.code}"


ROUTES = [
    Route("/r/{room}", address),
    Route("/r/{room}/", page),
    Route("/r/{room}/state", state),
    Route("/r/{room}/control", control, methods=["POST"]),
    Route("/r/{room}/qr.svg", code),
]
