"""A room of 500 learners on loopback: what is lost, how long an answer takes to the screen, what it costs.

    python benchmarks/room.py [--rehearse]

Writes evidence/room.json, in about eight minutes; with --rehearse a few seconds of each, printed alone.
Two runs of two minutes, in which everybody answers two rounds of a vote within 20 s each and checks an answer
every 30 s: one server with SQLite, then two servers with one PostgreSQL (where initdb is installed). Then
shorter runs in which the server is killed (SIGKILL) and started again, the database locked for 5 s, the disk
full (the server may write no file further). All of it, learners too, on two cores.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path

import psutil
from crowd import Crowd

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "tests" / "room"))

import postgres_cluster  # noqa: E402
from room_server import Process  # noqa: E402
from sqlalchemy import text  # noqa: E402

from bn_course.room.engine import TURN  # noqa: E402
from bn_course.room.store import Store  # noqa: E402

EVIDENCE = REPOSITORY / "evidence" / "room.json"
LEARNERS, SECONDS, WITHIN, EVERY = 500, 120, 20, 30
FAULT_SECONDS, LOCKED = 20, 5


class Servers:
    """One or two servers of one room, which a fault can happen to; and what they took of the machine."""

    def __init__(self, database: str, count: int):
        self.database = database
        self.running = [Process(database)]
        self.running += [Process(database, self.running[0].code) for _ in range(count - 1)]
        self.most, self.cpu = 0.0, 0.0

    @property
    def bases(self) -> list[str]:
        return [one.base for one in self.running]

    def megabytes(self) -> float:
        """Of all servers together, now."""
        return sum(psutil.Process(one.pid).memory_info().rss for one in self.running) / 2**20

    async def watch(self) -> None:
        """The most memory that they ever took, and the processor's seconds."""
        while True:
            with contextlib.suppress(psutil.NoSuchProcess):
                self.most = max(self.most, self.megabytes())
                times = [psutil.Process(one.pid).cpu_times() for one in self.running]
                self.cpu = sum(spent.user + spent.system for spent in times)
            await asyncio.sleep(0.5)

    async def kill(self) -> None:
        """SIGKILL for the last one; two seconds later it is started again at the same port."""
        gone = self.running.pop()
        await asyncio.to_thread(gone.kill)
        await asyncio.sleep(2)
        again = await asyncio.to_thread(Process, self.database, gone.code, gone.port)
        self.running.append(again)

    async def lock(self) -> None:
        """Nobody can write for so many seconds."""
        with _locked(self.database):
            await asyncio.sleep(LOCKED)

    async def fill(self) -> None:
        """No file of the server's may grow, for as many seconds: as on a full disk, writing fails."""
        server = psutil.Process(self.running[0].pid)
        server.rlimit(psutil.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
        await asyncio.sleep(LOCKED)
        server.rlimit(psutil.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def close(self) -> None:
        for one in self.running:
            with one:
                pass


@contextlib.contextmanager
def _locked(database: str) -> Iterator[None]:
    if "://" not in database:
        with contextlib.closing(sqlite3.connect(database, isolation_level=None, timeout=60)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    store = Store(database)
    with store.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        yield
    store.close()


async def load(servers: Servers, learners: int, seconds: float) -> dict:
    """Two rounds of a vote and checks all the while."""
    async with Crowd(servers.bases, servers.running[0].secret, learners) as crowd:
        watching = asyncio.create_task(servers.watch())
        joined, began = servers.megabytes(), time.monotonic()
        checking = asyncio.create_task(crowd.check(min(EVERY, seconds / 2), began + seconds))
        within = min(WITHIN, seconds / 5)
        for made_in, action in enumerate(("open", "revote"), 1):
            await crowd.press(action)
            await crowd.predict(within, made_in)
            await crowd.press("close")
            await crowd.press("show")
            await asyncio.sleep(seconds / 10)
        await checking
        await asyncio.sleep(1)
        watching.cancel()
        memory = {"joined": joined, "most": servers.most, "end": servers.megabytes()}
    kept = _kept(servers, crowd)
    return {
        "seconds": round(time.monotonic() - began),
        **kept,
        "answer_to_screen_s": _spread(_delays(servers, crowd)),
        "request_s": _spread(crowd.sent.seconds),
        "state_bytes": crowd.screen.longest,
        "server_mb": {name: round(value) for name, value in memory.items()},
        "server_cpu_s": round(servers.cpu, 1),
    }


async def fault(servers: Servers, learners: int, what: str, seconds: float) -> dict:
    """A vote, in whose middle something happens; what was refused is sent again, until it is stored."""
    async with Crowd(servers.bases, servers.running[0].secret, learners) as crowd:
        began = time.monotonic()
        checking = asyncio.create_task(crowd.check(seconds / 2, began + seconds))
        await crowd.press("open")
        answering = asyncio.create_task(crowd.predict(seconds * 0.8, 1))
        await asyncio.sleep(seconds / 4)
        await getattr(servers, what)()
        await asyncio.gather(checking, answering)
        await crowd.press("close")
    took = round(time.monotonic() - began)
    return {"seconds": took, "refused": crowd.sent.refused, **_kept(servers, crowd)}


def _kept(servers: Servers, crowd: Crowd) -> dict:
    """How many events were sent, and of these, how many are not in the database, or more than once."""
    store = Store(servers.database)
    ids = Counter(row.id for row in store.events(servers.running[0].code))
    store.close()
    sent = crowd.sent.kinds
    assert len(crowd.sent.stored) == len(sent), "the learners were told something else"
    return {
        "events": len(sent),
        "lost": sum(one not in ids for one in sent),
        "double": sum(ids[one] > 1 for one in sent),
    }


def _delays(servers: Servers, crowd: Crowd) -> list[float]:
    """From when an event was sent to the first screen that had it.

    A screen shows how many answers and attempts there are; which these are, the database's order says.
    """
    store = Store(servers.database)
    order = [row.id for row in store.events(servers.running[0].code) if row.id in crowd.sent.kinds]
    store.close()
    delays = []
    for column, kind in enumerate(("prediction 1", "prediction 2", "check"), 1):
        told = iter(crowd.screen.told)
        seen = next(told)
        for rank, one in enumerate((one for one in order if crowd.sent.kinds[one] == kind), 1):
            while seen[column] < rank:
                seen = next(told)
            delays.append(seen[0] - crowd.sent.first[one])
    return delays


def _spread(seconds: list[float]) -> dict[str, float]:
    quantiles = statistics.quantiles(seconds, n=100)
    return {"median": round(quantiles[49], 3), "p95": round(quantiles[94], 3), "most": round(max(seconds), 3)}


@contextlib.contextmanager
def _databases() -> Iterator[dict[str, tuple[str, int]]]:
    """By name, where to keep rooms and with how many servers."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        found = {"SQLite": (f"{folder}/rooms.db", 1)}
        if postgres_cluster.programs():
            found["PostgreSQL"] = (stack.enter_context(postgres_cluster.cluster(durable=True)), 2)
        yield found


def _measured(database: str, count: int, run, *arguments) -> dict:
    servers = Servers(database, count)
    try:
        return {"servers": count, **asyncio.run(run(servers, *arguments))}
    finally:
        servers.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rehearse", action="store_true", help="few learners, seconds, nothing stored")
    small = parser.parse_args().rehearse
    learners, seconds, briefly = (40, 12, 10) if small else (LEARNERS, SECONDS, FAULT_SECONDS)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    os.environ["OMP_NUM_THREADS"] = "1"
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    runs, faults = [], []
    with _databases() as databases:
        for name, (database, count) in databases.items():
            runs.append({"database": name} | _measured(database, count, load, learners, seconds))
            print(json.dumps(runs[-1]), flush=True)
            for what in ("kill", "lock", "fill")[: 3 if name == "SQLite" else 2]:
                happened = _measured(database, count, fault, learners, what, briefly)
                faults.append({"database": name, "fault": what} | happened)
                print(json.dumps(faults[-1]), flush=True)
    if any(one["lost"] or one["double"] for one in runs + faults):
        sys.exit("Events were lost, or counted twice: nothing is recorded.")
    result = {
        "what": f"{learners} learners on loopback, two rounds of a vote, each answered within {WITHIN} s, "
        f"a check every {EVERY} s",
        "runs": runs,
        "faults": faults,
        "cores": len(os.sched_getaffinity(0)),
        "machine": platform.processor() or platform.machine(),
        "versions": {name: version(name) for name in ("sqlalchemy", "starlette", "uvicorn", "psycopg")}
        | {"python": platform.python_version(), "sqlite": sqlite3.sqlite_version},
        "date": date.today().isoformat(),
    }
    if not small:
        EVIDENCE.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
