"""The room of a JupyterHub, its service `room`: whoever is in the hub's group `instructors` has the page.

    python -m bn_course.room.hub

The hub starts it, or Kubernetes does, and says by ``JUPYTERHUB_…`` where everything is. BN_COURSE_ROOM_DB
names the database: a file, or the URL of a PostgreSQL that several of these share; BN_COURSE_ROOM_AT the
service's address for people, where a proxy in front of the hub speaks HTTPS. There is one room, CLASS, which
learners' servers are told of by BN_COURSE_ROOM; opened again after it was deleted, it is a new one.
"""

import asyncio
import os
import secrets
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bn_course.room.server import application
from bn_course.room.store import Store

CODE, GROUP = "CLASS", "instructors"
LOGIN, STATE = "bn-course-room-login", "bn-course-room-state"  # cookies
DAY = 24 * 3600


class Hub:
    """The hub's login for this service. `auth` is JupyterHub's `HubOAuth`."""

    def __init__(self, auth, prefix: str, store: Store):
        self._auth, self._prefix, self._store = auth, prefix, store

    def is_instructor(self, request: Request, _code: str) -> bool:
        """Whether the hub knows who asks, and that they are in the group. It is asked once a minute."""
        return GROUP in (self._user(request) or {}).get("groups", ())

    def _user(self, request: Request) -> dict | None:
        token = request.cookies.get(LOGIN)
        return self._auth.user_for_token(token) if token else None

    async def home(self, request: Request) -> Response:
        """The room for its instructors; for who has not signed in the hub's login."""
        user = await asyncio.to_thread(self._user, request)
        if not user:
            return self._to_login(request)
        if GROUP not in user.get("groups", ()):
            raise HTTPException(403, f"This is for the hub's group {GROUP}.")
        if await asyncio.to_thread(self._store.room, CODE) is None:
            await asyncio.to_thread(self._store.make_room, code=CODE)
        return RedirectResponse(f"{self._prefix}/r/{CODE}/", 303)

    def _to_login(self, request: Request) -> Response:
        state = secrets.token_urlsafe(16)
        answer = RedirectResponse(f"{self._auth.login_url}&{urlencode({'state': state})}", 303)
        self._set(answer, request, STATE, state, 600)
        return answer

    async def callback(self, request: Request) -> Response:
        """What the hub says of who has signed in there. Only to the browser that went to sign in."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not code or not state or state != request.cookies.get(STATE):
            raise HTTPException(403, "This is not the answer to a login from here.")
        token = await asyncio.to_thread(self._auth.token_for_code, code)
        answer = RedirectResponse(f"{self._prefix}/", 303)
        self._set(answer, request, LOGIN, token, DAY)
        answer.delete_cookie(STATE, path=f"{self._prefix}/")
        return answer

    def _set(self, answer: Response, request: Request, name: str, value: str, seconds: int) -> None:
        secure = request.headers.get("x-forwarded-proto", request.url.scheme) == "https"
        kept = {"path": f"{self._prefix}/", "httponly": True, "samesite": "lax", "secure": secure}
        answer.set_cookie(name, value, max_age=seconds, **kept)


def service(store: Store, auth, prefix: str, at: str = "") -> Starlette:
    """The server of the hub's room, under the hub's `prefix`, such as '/services/room'; `at`: see above."""
    store.make_room(code=CODE)  # before its instructor comes, too: learners' servers ask for it
    hub = Hub(auth, prefix, store)
    app = application(store, at=at, prefix=prefix, is_instructor=hub.is_instructor)
    app.router.routes[:0] = [
        Route(f"{prefix}/", hub.home),
        Route(f"{prefix}/oauth_callback", hub.callback),
    ]
    return app


def main() -> None:
    """Serve until it is ended."""
    from jupyterhub.services.auth import HubOAuth

    from bn_course.room.serving import Server, allow_many_connections, listen

    allow_many_connections()
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"].rstrip("/")
    store = Store(os.environ.get("BN_COURSE_ROOM_DB", "rooms.db"))
    place = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    app = service(store, HubOAuth(cache_max_age=60), prefix, os.environ.get("BN_COURSE_ROOM_AT", ""))
    Server(app).run(sockets=[listen(place.hostname, place.port)])


if __name__ == "__main__":
    main()
