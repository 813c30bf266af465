"""The post of a browser's tab, where there are no threads: it sends and asks between cells, by `fetch`.

A browser asks no other site than the one that the tab came from, unless that site allows it, and a room does
not: the course and the room have to be served from one address.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from bn_course.room import exchange, listening, member

EVERY = 2  # seconds between two questions after a vote


class Post:
    """What `bn_course.room.post` is on a machine."""

    def __init__(self):
        self._task: asyncio.Future | None = None
        self._say: Callable[[], None] = lambda: None

    def wake(self) -> None:
        """There is something to send."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    def wake_and_then(self, say: Callable[[], None]) -> None:
        """Send, and `say` how it stands when that is known; the cell ends before."""
        self._say = say
        self.wake()

    def send_once(self, request: exchange.Request) -> None:
        """Send what is no longer queued, and ask for no answer."""
        sending = fetch(request.url, "POST", request.headers, request.body.decode())
        self._last = asyncio.ensure_future(sending)

    async def _run(self) -> None:
        while me := member.load():
            if request := exchange.due():
                status, answer = await fetch(request.url, "POST", request.headers, request.body.decode())
                exchange.settle(request, status, answer, time.time())
                self._say()
                self._say = lambda: None
            elif me.left:
                return
            if me.token and not me.left and listening.boxes():
                bearer = {"Authorization": f"Bearer {me.token}"}
                status, vote = await fetch(f"{me.link}/vote", "GET", bearer)
                if status == 200:
                    listening.hear(vote)
            await asyncio.sleep(EVERY)


async def fetch(url: str, method: str, headers: dict, body: str | None = None) -> tuple[int, Any]:
    """Ask by the browser's own means; (0, None) where nobody answers."""
    from pyodide.http import pyfetch

    try:
        answer = await pyfetch(url, method=method, headers=headers, **({"body": body} if body else {}))
        return answer.status, json.loads(await answer.string()) if answer.status == 200 else None
    except (OSError, ValueError):
        return 0, None
