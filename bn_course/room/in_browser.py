"""The post of a browser's tab, where there are no threads: it sends and asks between cells, by `fetch`.

A browser asks no other site than the one that the tab came from, unless that site allows it, and a room does
not: the course and the room have to be served from one address.
"""

import asyncio
import json
import time
from typing import Any

from bn_course.room import exchange, listening, member

EVERY = 2  # seconds between two questions after a vote


class Post:
    """What `bn_course.room.post` is on a machine."""

    def __init__(self):
        self.answered = _NoWaiting()
        self._task: asyncio.Future | None = None

    def wake(self) -> None:
        """There is something to send."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        while me := member.load():
            if request := exchange.due():
                status, answer = await fetch(request.url, "POST", request.headers, request.body.decode())
                exchange.settle(request, status, answer, time.time())
            elif me.left:
                return
            if me.token and not me.left and listening.boxes():
                bearer = {"Authorization": f"Bearer {me.token}"}
                status, vote = await fetch(f"{me.link}/vote", "GET", bearer)
                if status == 200:
                    listening.hear(vote)
            await asyncio.sleep(EVERY)


class _NoWaiting:
    """In place of a thread's event: the only thread there is cannot wait for itself."""

    def clear(self) -> None:
        pass

    def wait(self, _seconds: float) -> None:
        pass


async def fetch(url: str, method: str, headers: dict, body: str | None = None) -> tuple[int, Any]:
    """Ask by the browser's own means; (0, None) where nobody answers."""
    from pyodide.http import pyfetch

    try:
        answer = await pyfetch(url, method=method, headers=headers, **({"body": body} if body else {}))
        return answer.status, json.loads(await answer.string()) if answer.status == 200 else None
    except (OSError, ValueError):
        return 0, None
