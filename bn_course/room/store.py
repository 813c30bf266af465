"""Where a room's events are kept: appended, never changed, each once whatever is sent again.

SQLite in a file, or PostgreSQL by URL. Numbers rise in the order in which events become visible, for any
number of processes: whoever has seen number n has seen all that come before it. (PostgreSQL gives numbers
away before a transaction ends, so writers take turns; SQLite has one writer in any case.)
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bn_course.room import tokens
from bn_course.room.engine import UnavailableError, connect, reading, writing
from bn_course.room.events import Event

__all__ = ["INSTRUCTOR", "Room", "Row", "Sent", "Store", "UnavailableError"]
PATIENCE = 10.0  # seconds that a writer waits for another before it gives up
INSTRUCTOR = ""  # the learner of events that are no learner's
_tables = MetaData()
_rooms = Table(
    "rooms",
    _tables,
    Column("code", String(8), primary_key=True),
    Column("key", String(64), nullable=False),
    Column("names", Boolean, nullable=False),
    Column("made", Float, nullable=False),
)
_events = Table(
    "events",
    _tables,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("room", String(8), nullable=False),
    Column("learner", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at", Float, nullable=False),
    Column("received", Float, nullable=False),
    Column("body", JSON, nullable=False),
    UniqueConstraint("room", "learner", "id"),  # no learner can use up another's ids
    sqlite_autoincrement=True,  # a number that was deleted is never given again
)


class Room(NamedTuple):
    """A room: its code, its key (tokens.py), whether learners are asked for names, when it was made."""

    code: str
    key: str
    names: bool
    made: float


class Row(NamedTuple):
    """An event as it is stored. `received` is the server's clock."""

    number: int
    room: str
    learner: str
    id: str
    kind: str
    at: float
    received: float
    body: dict[str, Any]


class Sent(NamedTuple):
    """An event on its way into the store."""

    room: str
    learner: str
    event: Event
    received: float


class Store:
    """The rooms and events in one database: a file, or a URL of SQLAlchemy's.

    Every method raises UnavailableError where the database cannot be reached, is locked or is full; then
    nothing is changed.
    """

    def __init__(self, database: str | Path, patience: float = PATIENCE):
        self.engine = connect(database, patience)
        self._insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[self.engine.dialect.name]
        with writing(self.engine) as connection:
            _tables.create_all(connection)

    def make_room(self, names: bool = False, code: str = "") -> Room:
        """A new room with a code that is drawn; with this code where it is given, or the room that has it."""
        with writing(self.engine) as connection:
            taken = set(connection.scalars(select(_rooms.c.code)))
            if code in taken:  # another process was faster
                return Room(*connection.execute(select(_rooms).where(_rooms.c.code == code)).one())
            code = code or next(code for code in iter(tokens.new_code, None) if code not in taken)
            room = Room(code, tokens.new_key(), names, time.time())
            connection.execute(insert(_rooms).values(room._asdict()))
        return room

    def room(self, code: str) -> Room | None:
        """The room of this code, where there is one."""
        with reading(self.engine) as connection:
            row = connection.execute(select(_rooms).where(_rooms.c.code == code)).first()
        return Room(*row) if row else None

    def codes(self) -> set[str]:
        """The codes of all rooms."""
        with reading(self.engine) as connection:
            return set(connection.scalars(select(_rooms.c.code)))

    def forget(self, code: str) -> None:
        """Delete a room and all that was sent to it."""
        with writing(self.engine) as connection:
            connection.execute(delete(_events).where(_events.c.room == code))
            connection.execute(delete(_rooms).where(_rooms.c.code == code))
        self._truncate_log()

    def append(self, sent: Sequence[Sent]) -> set[tuple[str, str]]:
        """Store all of these or none; those that are known stay as they are. A `leave` takes effect at once.

        Returns who had left before, or is in no room, as (room, learner): of theirs nothing is stored.
        """
        with writing(self.engine) as connection:
            outside, left, taken = self._outside(connection, sent), {}, []
            for one in sent:
                who = (one.room, one.learner)
                if who not in outside and who not in left:
                    taken.append(one)
                    if one.event.kind == "leave":
                        left[who] = one
            self._add(connection, taken)
            for leaving in left.values():
                _delete_of(connection, leaving)
        if left:
            self._truncate_log()
        return outside

    def control(self, room: str, decide: Callable[[list[Row]], Event]) -> Row:
        """Store what `decide` makes of the instructor's events so far; nothing comes in between.

        What it raises is passed on, and nothing is stored.
        """
        with writing(self.engine) as connection:
            mine = (_events.c.room == room, _events.c.learner == INSTRUCTOR)
            event = decide(_rows(connection, *mine))
            self._add(connection, [Sent(room, INSTRUCTOR, event, time.time())])
            return _rows(connection, *mine, _events.c.id == event.id)[0]

    def events(self, room: str, since: int = 0, key: str = "") -> list[Row] | None:
        """What was sent to a room after the event of this number, oldest first; None where it is no more, or
        where the room of this code is now another, with another key."""
        with reading(self.engine) as connection:
            found = connection.scalar(select(_rooms.c.key).where(_rooms.c.code == room))
            if found is None or key not in ("", found):
                return None
            return _rows(connection, _events.c.room == room, _events.c.number > since)

    def close(self) -> None:
        """Let go of all connections."""
        self.engine.dispose()

    def _outside(self, connection: Connection, sent: Sequence[Sent]) -> set[tuple[str, str]]:
        asking = {(one.room, one.learner) for one in sent}
        codes = {room for room, _ in asking}
        there = set(connection.scalars(select(_rooms.c.code).where(_rooms.c.code.in_(codes))))
        gone = select(_events.c.room, _events.c.learner).where(
            _events.c.learner.in_({learner for _, learner in asking}), _events.c.kind == "leave"
        )
        return {who for who in asking if who[0] not in there} | (
            asking & set(map(tuple, connection.execute(gone)))
        )

    def _add(self, connection: Connection, sent: Sequence[Sent]) -> None:
        if sent:
            rows = [
                {"room": one.room, "learner": one.learner, "received": one.received, **one.event._asdict()}
                for one in sent
            ]
            connection.execute(self._insert(_events).on_conflict_do_nothing(), rows)

    def _truncate_log(self) -> None:
        """SQLite: what was deleted still stands in the log beside the database, until that is cut off."""
        if self.engine.dialect.name == "sqlite":
            connection = self.engine.raw_connection()  # outside a transaction
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def _delete_of(connection: Connection, leaving: Sent) -> None:
    """What goes when somebody leaves: all that they sent or, where they agreed that it stays, their name."""
    theirs = (_events.c.room == leaving.room, _events.c.learner == leaving.learner)
    if leaving.event.body["keep"]:  # the join stays: without one, what they did is nobody's when read anew
        joined = update(_events).where(*theirs, _events.c.kind == "join")
        connection.execute(joined.values(body={"name": None}))
    else:
        connection.execute(delete(_events).where(*theirs, _events.c.kind != "leave"))


def _rows(connection: Connection, *wanted) -> list[Row]:
    found = connection.execute(
        select(*(_events.c[name] for name in Row._fields)).where(*wanted).order_by(_events.c.number)
    )
    return [Row(*row) for row in found]
