"""The thread that sends what is queued. A cell never waits for it."""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from bn_course.room import exchange
from bn_course.room.exchange import Request

PATIENCE = 10  # seconds for an answer
WAIT = 3  # seconds that whoever joins waits for the room to be there


class Post:
    """One daemon thread for a kernel, begun with the first event."""

    def __init__(self):
        self._answered = threading.Event()  # the room has answered at all
        self._more = threading.Event()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def wake(self) -> None:
        """There is something to send."""
        self._more.set()
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="bn-course room", daemon=True)
                self._thread.start()

    def wake_and_then(self, say: Callable[[], None]) -> None:
        """Send, and `say` how it stands when there was an answer, or has been none for a while."""
        self._answered.clear()
        self.wake()
        self._answered.wait(WAIT)
        say()

    def send_once(self, request: Request) -> None:
        """Send what is no longer queued, and ask for no answer."""
        threading.Thread(target=send, args=(request,), name="bn-course leaves", daemon=True).start()

    def _run(self) -> None:
        failed = 0
        while True:
            self._more.clear()
            request = exchange.due()
            if request is None:
                self._more.wait()
                continue
            status, answer = send(request)
            if _settled(request, status, answer):
                failed = 0
                self._answered.set()
            else:
                self._more.wait(exchange.wait(failed))  # a vote has seconds: what is new is tried at once
                failed += 1


def _settled(request: Request, status: int, answer: dict | None) -> bool:
    try:
        return exchange.settle(request, status, answer, time.time())
    except (OSError, KeyError, TypeError):  # a disk that refuses, or no room's answer: later
        return False


def send(request: Request) -> tuple[int, dict | None]:
    """POST a request; (0, None) where nobody answers."""
    asked = urllib.request.Request(request.url, request.body, request.headers)
    try:
        with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, None
    except (OSError, HTTPException, ValueError):
        return 0, None
