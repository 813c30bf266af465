"""Five hundred learners on loopback, who answer, try, wait and send again as the learner's side does."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WAITS = (1, 2, 5, 10)  # seconds before a request is sent again, as the learner's side waits
PATIENCE = 10  # seconds for an answer
QUESTION, CHECKED = "02-variance", "batch_norm_forward"
MISTAKES = ("sample-variance", "wrong-axis", "eps-outside-sqrt")


@dataclass
class Sent:
    """What was sent, by id: the kind and when it was first tried. `refused` counts tries that failed."""

    kinds: dict[str, str] = field(default_factory=dict)
    first: dict[str, float] = field(default_factory=dict)
    stored: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)  # of each request that was answered 200
    refused: int = 0


@dataclass
class Screen:
    """What the instructor's page was told, and when: how many answers of each round, how many attempts."""

    told: list[tuple[float, int, int, int]] = field(default_factory=list)
    longest: int = 0  # bytes of a message

    def take_in(self, line: str) -> None:
        state = json.loads(line)
        rounds = state["vote"]["rounds"] if state["vote"] else []
        answered = [one["answered"] for one in rounds] + [0, 0]
        attempts = sum(row["attempts"] for row in state["questions"])
        self.told.append((time.monotonic(), answered[0], answered[1], attempts))
        self.longest = max(self.longest, len(line.encode()))


class Crowd:
    """Learners spread evenly over the `bases`: the room's address at each of its servers."""

    def __init__(self, bases: list[str], secret: str, learners: int, seed: int = 0):
        self.bases, self.secret, self.learners = bases, secret, learners
        self.sent, self.screen, self.streams = Sent(), Screen(), 0
        self._random = random.Random(seed)
        self._tokens: list[tuple[str, str]] = []
        self._listening: list[asyncio.Task] = []

    async def __aenter__(self) -> "Crowd":
        watching = self._listen(self.bases[0], self.secret, self.screen.take_in)
        self._listening.append(asyncio.create_task(watching))
        for start in range(0, self.learners, 20):
            numbers = range(start, min(start + 20, self.learners))
            self._tokens += await asyncio.gather(*map(self._join, numbers))
        return self

    async def __aexit__(self, *_) -> None:
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)

    async def press(self, action: str, seconds: float | None = None) -> None:
        """A button of the instructor's, until it is answered."""
        body = {"action": action, "question": QUESTION, "seconds": seconds}
        await self._ask(f"{self.bases[0]}/control", self.secret, body)

    async def predict(self, within: float, made_in: int) -> None:
        """Everybody answers once, at a time of their own within so many seconds."""
        await asyncio.gather(*(self._predict(who, within, made_in) for who in self._tokens))

    async def check(self, every: float, until: float) -> None:
        """Everybody tries again and again, until the clock says `until`."""
        await asyncio.gather(*(self._try(who, every, until) for who in self._tokens))

    async def _join(self, number: int) -> tuple[str, str]:
        base = self.bases[number % len(self.bases)]
        joining = {"id": str(uuid.uuid4()), "nickname": f"Learner {number}"}
        joined = await self._ask(f"{base}/join", "", joining)
        heard = asyncio.create_task(self._listen(base, joined["token"], self._count_stream))
        self._listening.append(heard)
        return base, joined["token"]

    async def _predict(self, who: tuple[str, str], within: float, made_in: int) -> None:
        await asyncio.sleep(self._random.uniform(0, within))
        choice, sure = self._random.choice("abc"), self._random.randrange(101)
        answer = {"question": QUESTION, "choice": choice, "confidence": sure, "round": made_in}
        await self._send(who, f"prediction {made_in}", {"kind": "prediction", **answer})

    async def _try(self, who: tuple[str, str], every: float, until: float) -> None:
        due = time.monotonic() + self._random.uniform(0, every)
        while due < until:
            await asyncio.sleep(due - time.monotonic())
            tried = {"question": CHECKED, "state": self._random.choice(("failed", "failed", "passed"))}
            named = [self._random.choice(MISTAKES)] if tried["state"] == "failed" else []
            tried["example"] = f"[[{self._random.random():.3f}], [2.], [6.]]: yours 0.1, expected 0.2"
            await self._send(who, "check", {"kind": "check", **tried, "misconceptions": named})
            due = max(due + every, time.monotonic())

    async def _send(self, who: tuple[str, str], kind: str, body: dict) -> None:
        base, token = who
        one = {"id": str(uuid.uuid4()), "at": time.time(), **body}
        self.sent.kinds[one["id"]], self.sent.first[one["id"]] = kind, time.monotonic()
        answer = await self._ask(f"{base}/events", token, {"events": [one]})
        if answer["stored"] == [one["id"]]:
            self.sent.stored[one["id"]] = time.monotonic()

    async def _ask(self, url: str, bearer: str, body: dict) -> dict:
        """POST until it is answered with 200; a room is not asked faster than the learner's side does."""
        failed = 0
        while True:
            began = time.monotonic()
            with contextlib.suppress(OSError, EOFError, TimeoutError):
                async with asyncio.timeout(PATIENCE):
                    status, answer = await _post(url, bearer, json.dumps(body).encode())
                if status == 200:
                    self.sent.seconds.append(time.monotonic() - began)
                    return json.loads(answer)
                if status < 500 and status != 429:
                    raise RuntimeError(f"{url}: {status} {answer}")
            self.sent.refused += 1
            await asyncio.sleep(WAITS[min(failed, len(WAITS) - 1)] * self._random.uniform(0.5, 1.5))
            failed += 1

    async def _listen(self, base: str, bearer: str, take_in) -> None:
        """A stream, taken up again whenever it ends."""
        while True:
            with contextlib.suppress(OSError, EOFError):
                async with _asked("GET", f"{base}/live", bearer) as answer:
                    while line := await answer.readline():
                        if line.startswith(b"data: "):
                            take_in(line[6:].decode())
            await asyncio.sleep(self._random.uniform(0.5, 1.5))

    def _count_stream(self, line: str) -> None:
        self.streams += 1


@contextlib.asynccontextmanager
async def _asked(
    method: str, url: str, bearer: str, body: bytes = b""
) -> AsyncIterator[asyncio.StreamReader]:
    """The answer to a request, from its first line, on a connection of its own, as the learner's side has it.

    A client with a pool would take more of the two cores than the server.
    """
    place = urlsplit(url)
    head = f"{method} {place.path} HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n"
    head += f"Authorization: Bearer {bearer}\r\n" if bearer else ""
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    reader, writer = await asyncio.open_connection(place.hostname, place.port, limit=2**20)
    try:
        writer.write(head.encode() + b"\r\n" + body)
        yield reader
    finally:
        writer.close()


async def _post(url: str, bearer: str, body: bytes) -> tuple[int, bytes]:
    """Status and body of the answer. EOFError where the server is gone in the middle."""
    async with _asked("POST", url, bearer, body) as answer:
        head = await answer.readuntil(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
        return int(head.split()[1]), await answer.readexactly(int(length))
