"""A store in a file, or in a PostgreSQL that the tests start; a server of rooms and its clients."""

import itertools
import os

import postgres_cluster
import pytest
from room_server import Asker, Served

from bn_course.room.store import Store

_databases = itertools.count()


@pytest.fixture(scope="session")
def postgres():
    """The URL of a PostgreSQL server."""
    if os.name == "nt" or postgres_cluster.programs() is None:
        pytest.skip("there is no initdb here: PostgreSQL's server is not installed")
    with postgres_cluster.cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """A file or a URL, of an empty database."""
    if request.param == "sqlite":
        yield str(tmp_path / "rooms.db")
    else:
        with postgres_cluster.database(request.getfixturevalue("postgres"), f"room{next(_databases)}") as url:
            yield url


@pytest.fixture
def store(database):
    kept = Store(database, patience=5)
    yield kept
    kept.close()


@pytest.fixture(autouse=True)
def _hung_up():
    """No connection outlives its test."""
    yield
    while Asker.everybody:
        Asker.everybody.pop().http.close()


@pytest.fixture
def room(tmp_path):
    """A room that asks for names, served from this process."""
    with Served(Store(tmp_path / "rooms.db"), names=True) as served:
        yield served
