"""What goes wrong on the day: the server is killed, the database locked, the disk full. Nothing is lost that
was said to be stored, and nothing counts twice."""

import sqlite3
import threading

import httpx
import pytest
from room_server import Process, Served, event, failed, prediction, until

from bn_course.room.store import Store, UnavailableError


def stored(served):
    """How many attempts the instructor sees."""
    return sum(row["attempts"] for row in served.instructor.state()["questions"])


def test_killed_in_the_middle_of_a_vote_and_started_again(database):
    """Whatever was answered 'stored' is there, tokens and the secret are good, the vote goes on."""
    with Process(database) as first:
        ada, bob = first.join(), first.join()
        first.instructor.press("open", "02-variance")
        ada.send(prediction("b"))
        first.kill()
        with pytest.raises(httpx.TransportError):
            bob.send(prediction("a"))
        with Process(database, first.code, first.port) as again:
            assert again.secret == first.secret
            assert [one.vote()["answered"] for one in (ada, bob)] == [True, False]
            bob.send(prediction("a"))
            again.instructor.press("close")
            again.instructor.press("show")
            assert again.instructor.state()["vote"]["rounds"][0]["counts"] == {"a": 1, "b": 1}


def test_stored_but_not_said_so(tmp_path):
    """The learner's side has no answer, so it sends again: once is enough, twice is no harm."""
    with Served(Store(tmp_path / "rooms.db")) as room:
        ada, one = room.join(), failed()
        append = room.store.append

        def stores_and_fails(sent):
            append(sent)
            room.store.append = append
            raise UnavailableError("the connection was lost")

        room.store.append = stores_and_fails
        assert ada.send(one).status_code == 503
        assert ada.send(one).json()["stored"] == [one["id"]]
        assert stored(room) == 1


def test_while_the_database_is_locked_nothing_is_lost(tmp_path):
    """A backup holds it: who asks waits, is told to come again if that is long, and reading goes on."""
    with Served(Store(tmp_path / "rooms.db", patience=0.2)) as room:
        ada, one = room.join("Ada"), failed()
        backup = sqlite3.connect(tmp_path / "rooms.db", isolation_level=None)
        backup.execute("BEGIN IMMEDIATE")
        refused = ada.send(one)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert "locked" in room.instructor.state()["trouble"]
        assert room.instructor.press("open", "02-variance").status_code == 503
        backup.execute("ROLLBACK")
        backup.close()
        assert ada.send(one).json()["stored"] == [one["id"]]
        assert (stored(room), room.instructor.state()["trouble"]) == (1, None)


def test_a_lock_that_is_short_is_waited_for(tmp_path):
    with Served(Store(tmp_path / "rooms.db", patience=30)) as room:
        ada, one, answers = room.join(), failed(), []
        backup = sqlite3.connect(tmp_path / "rooms.db", isolation_level=None)
        backup.execute("BEGIN IMMEDIATE")
        asking = threading.Thread(target=lambda: answers.append(ada.send(one)))
        asking.start()
        asking.join(0.5)
        assert asking.is_alive()
        assert stored(room) == 0  # reading goes on
        backup.execute("ROLLBACK")
        backup.close()
        asking.join()
        assert [answer.status_code for answer in answers] == [200]
        assert stored(room) == 1


def test_a_full_disk_is_said_and_what_was_stored_stays(tmp_path):
    """A quota on the database's pages stands for the disk: it fills, is made larger, and all goes on."""
    file = tmp_path / "rooms.db"
    store = Store(file)
    limit = _limit(store, pages=30)
    with Served(store) as room:
        told, waiting = 0, None
        while waiting is None:
            one = failed("batch_stats", example="x" * 500)
            answer = room.join().send(*(one | event("check") for _ in range(10)))
            told += 10 * (answer.status_code == 200)
            waiting = one if answer.status_code == 503 else None
        assert told == stored(room) > 0
        until(lambda: "full" in (room.instructor.state()["trouble"] or ""))
        limit(10_000)
        assert room.join().send(waiting).status_code == 200
        assert (stored(room), room.instructor.state()["trouble"]) == (told + 1, None)


def _limit(store, pages):
    """Every connection of the store's from now on keeps to a number of pages, which can be changed."""
    from sqlalchemy import event as listen

    allowed = [pages]

    @listen.listens_for(store.engine, "begin")
    def keep_to(connection):
        connection.exec_driver_sql(f"PRAGMA max_page_count = {allowed[0]}")

    return lambda more: allowed.__setitem__(0, more)


def test_a_store_that_failed_in_the_middle_has_stored_nothing(tmp_path):
    """All of a request or none of it."""
    store = Store(tmp_path / "rooms.db")
    with Served(store) as room:
        ada = room.join()
        add = store._add

        def fails(connection, sent):
            add(connection, sent[:3])
            raise UnavailableError("disk I/O error")

        store._add = fails
        sent = [failed() for _ in range(5)]
        assert ada.send(*sent).status_code == 503
        assert stored(room) == 0
        store._add = add
        assert ada.send(*sent).status_code == 200
        assert stored(room) == 5


def test_two_processes_behind_one_database(database):
    """Each sees at once what came in at the other: answers, buttons, whoever leaves, and the end."""
    with Process(database, names=True) as one, Process(database, one.code) as two:
        ada, bob = one.join("Ada"), two.join("Bob")
        one.instructor.press("open", "02-variance")
        until(lambda: bob.vote())
        ada.send(prediction("b"), event("hand", state="up"))
        bob.send(prediction("b"), event("hand", state="up"))
        for process in (one, two):
            until(lambda seen=process: seen.instructor.state()["vote"]["answered"] == 2)
            assert [hand["name"] for hand in process.instructor.state()["hands"]] == ["Ada", "Bob"]
        assert two.instructor.press("open", "02-small-deviation").status_code == 409
        assert two.instructor.press("close").json()["answered"] == 2
        ada.send(event("leave"))
        until(lambda: two.instructor.state()["learners"] == 1)
        other_tab = two.learner(ada.token)
        assert other_tab.send(failed()).status_code == 410
        two.instructor.press("forget")
        until(lambda: one.instructor.get("about").status_code == 404)
