"""Rooms in memory: what is new in the database, and who waits for it.

What a room shows is computed from what the database has, never from what was only received. Each process asks
the database for news, at once after a write of its own and several times a second otherwise.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from bn_course.room import votes
from bn_course.room.limits import MOST_WAITING
from bn_course.room.state import State
from bn_course.room.store import INSTRUCTOR, Room, Sent, Store, UnavailableError

PERIOD = 0.2  # seconds between two looks at the database
BREATH = 0.05  # and at least, however much is written: one look takes in what many have sent
IDLE = 3600  # seconds after which a room that nobody asks for is no longer kept in memory
MOST_AT_ONCE = 500  # events in one transaction


class Signal:
    """Wakes all who wait. A ticket is taken before one looks, so that nothing is missed in between."""

    def __init__(self):
        self._ticket = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        return self._ticket

    def fire(self) -> None:
        self._ticket.set()
        self._ticket = asyncio.Event()


async def fired(ticket: asyncio.Event, seconds: float) -> None:
    """Wait until the ticket's signal is fired, so long at most."""
    try:
        async with asyncio.timeout(seconds):
            await ticket.wait()
    except TimeoutError:
        pass


class Live:
    """One room, as new as the last look at the database."""

    def __init__(self, room: Room, store: Store):
        self.room, self.asked = room, time.monotonic()
        self.gone = self.stopped = False  # forgotten; the server is about to end
        self.changed, self.voted = Signal(), Signal()
        self.state = State()
        self._store, self._last, self._looking = store, 0, asyncio.Lock()

    async def refresh(self) -> None:
        """Take in what is new."""
        async with self._looking:
            rows = await asyncio.to_thread(self._store.events, self.room.code, self._last, self.room.key)
            self.gone = rows is None
            for row in rows or ():
                self.state.add(row)
                self._last = row.number
            if rows or self.gone:
                self.changed.fire()
            if self.gone or any(row.learner == INSTRUCTOR for row in rows):
                self.voted.fire()

    def shown(self) -> dict[str, Any]:
        """What the instructor's page is told."""
        now = time.time()
        return {"room": self.room.code, "now": now, "names": self.room.names} | self.state.shown(now)

    def vote(self, learner: str) -> dict[str, Any] | None:
        """What a learner is told."""
        return votes.for_learner(self.state.votes.current, learner, time.time())

    def until_closing(self, most: float) -> float:
        """Seconds until a countdown ends, so many at most."""
        current = self.state.votes.current
        closes = current and current.rounds[-1].closes
        left = closes - time.time() if closes else most
        return min(left + 0.01, most) if left > 0 else most


class Rooms:
    """The rooms that somebody asks for, the one writer of this process, and its look for news."""

    def __init__(self, store: Store):
        self.store = store
        self._trouble: dict[str, str] = {}  # what cannot be done now: why
        self._live: dict[str, Live] = {}
        self._loading = asyncio.Lock()
        self._queue: asyncio.Queue[tuple[Sequence[Sent], asyncio.Future]] = asyncio.Queue()
        self._waiting, self._written = 0, Signal()

    @property
    def trouble(self) -> str | None:
        """What the instructor should know of the database; None where all is well."""
        return next((f"The database cannot be {what}: {why}." for what, why in self._trouble.items()), None)

    async def find(self, code: str) -> Live | None:
        """The room of this code, where there is one."""
        live = self._live.get(code) or await self._load(code)
        if live is None or live.gone:
            return None
        live.asked = time.monotonic()
        return live

    async def _load(self, code: str) -> Live | None:
        async with self._loading:
            if code in self._live:  # somebody else was faster
                return self._live[code]
            room = await asyncio.to_thread(self.store.room, code)
            if room is None:
                return None
            live = Live(room, self.store)
            await live.refresh()
            self._live[code] = live
            return live

    async def append(self, sent: Sequence[Sent]) -> set[tuple[str, str]]:
        """`Store.append`, together with what others send meanwhile: one transaction for many requests."""
        if self._waiting + len(sent) > MOST_WAITING:
            raise UnavailableError("too much is waiting to be stored")
        done = asyncio.get_running_loop().create_future()
        self._waiting += len(sent)
        self._queue.put_nowait((sent, done))
        return await done

    async def write(self) -> None:
        """Store what is waiting, for ever."""
        while True:
            taken = [await self._queue.get()]
            while not self._queue.empty() and sum(len(sent) for sent, _ in taken) < MOST_AT_ONCE:
                taken.append(self._queue.get_nowait())
            batch = [one for sent, _ in taken for one in sent]
            try:
                outside = await asyncio.to_thread(self.store.append, batch)
                self._answer(taken, lambda done, outside=outside: done.set_result(outside))
                self._said("written", None)
                self._written.fire()
            except Exception as error:  # whoever sent it is told, and the next may succeed
                self._said("written", error)
                self._answer(taken, lambda done, error=error: done.set_exception(error))

    def _answer(self, taken, how) -> None:
        for sent, done in taken:
            self._waiting -= len(sent)
            if not done.done():  # whoever asked may have gone
                how(done)

    def stop(self) -> None:
        """Whoever waits for news has waited enough: the server is about to end."""
        for live in self._live.values():
            live.stopped = True
            live.changed.fire()
            live.voted.fire()

    def _said(self, what: str, error: Exception | None) -> None:
        if error is None and self._trouble.pop(what, None) is None:
            return
        if error is not None:
            self._trouble[what] = str(error)
        for live in self._live.values():
            live.changed.fire()

    async def look(self) -> None:
        """Take in what is new in every room, for ever."""
        while True:
            ticket = self._written.ticket()
            for code, live in list(self._live.items()):
                try:
                    await live.refresh()
                    self._said("read", None)
                except Exception as error:  # the next look may succeed
                    self._said("read", error)
                if live.gone or time.monotonic() - live.asked > IDLE:
                    del self._live[code]
            await asyncio.sleep(BREATH)
            await fired(ticket, PERIOD - BREATH)
