"""A database for the store: SQLite set up for one writer and many readers, or PostgreSQL."""

from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection

TURN = 20150211  # the number of PostgreSQL's lock by which writers take turns


class UnavailableError(Exception):
    """The database cannot be written or read now; nothing of what was asked is stored. Try again."""


def connect(database: str | Path, patience: float) -> Engine:
    """An engine for a file or a URL. A writer waits `patience` seconds for another before it gives up."""
    if "://" not in str(database):
        return _sqlite(Path(database), patience)
    url = make_url(str(database))
    if url.get_backend_name() == "sqlite" and url.database:
        return _sqlite(Path(url.database), patience)
    if url.get_backend_name() != "postgresql":
        raise ValueError(f"a room is kept in a file of SQLite's or in PostgreSQL, not in {url}")
    limits = f"-c lock_timeout={patience:.0f}s -c statement_timeout={3 * patience:.0f}s"
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_timeout=patience,
        connect_args={"connect_timeout": 5, "options": limits},
    )


@contextmanager
def writing(engine: Engine):
    """A transaction that nobody else writes beside."""
    with _speaking(), engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        yield connection


@contextmanager
def reading(engine: Engine):
    """A transaction that sees one state of the database."""
    with _speaking(), engine.begin() as connection:
        yield connection


@contextmanager
def _speaking():
    try:
        yield
    except (DBAPIError, NoConnection) as error:
        said = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise UnavailableError(said) from error


def _sqlite(file: Path, patience: float) -> Engine:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)  # it holds the keys of its rooms
    engine = create_engine(f"sqlite:///{file}", connect_args={"timeout": patience}, pool_timeout=patience)

    @event.listens_for(engine, "connect")
    def set_up(connection, record):
        connection.isolation_level = None  # transactions are begun below
        connection.execute("PRAGMA journal_mode = WAL")  # readers go on while somebody writes
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten

    @event.listens_for(engine, "begin")
    def begin(connection: Connection):
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
