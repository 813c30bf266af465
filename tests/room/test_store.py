"""The store, on both databases: each event once, in an order that all see, and gone when it should be."""

import os
import stat
import threading
import uuid

import pytest

from bn_course.room.events import Event
from bn_course.room.store import INSTRUCTOR, Sent, Store, UnavailableError


def sent(room, learner="ada", kind="hand", **body):
    return Sent(room.code, learner, Event(str(uuid.uuid4()), kind, 1.0, body or {"state": "up"}), 2.0)


def test_what_is_appended_is_read_back_in_order(store):
    room = store.make_room()
    events = [sent(room, example="ε ≤ √2 🙂"), sent(room, "eve"), sent(room)]
    assert store.append(events) == set()
    rows = store.events(room.code)
    assert [(row.id, row.learner, row.body) for row in rows] == [
        (one.event.id, one.learner, one.event.body) for one in events
    ]
    assert store.events(room.code, since=rows[0].number) == rows[1:]
    assert [row.number for row in rows] == sorted({row.number for row in rows})


def test_an_event_that_comes_again_counts_once(store):
    room = store.make_room()
    one = sent(room)
    for _ in range(3):
        store.append([one, one])
    changed = one._replace(event=one.event._replace(body={"state": "down"}))
    store.append([changed])
    assert [row.body for row in store.events(room.code)] == [{"state": "up"}]


def test_nobody_can_use_up_anothers_ids(store):
    room, other = store.make_room(), store.make_room()
    mine = sent(room)
    store.append([mine._replace(learner="eve"), mine._replace(room=other.code), mine])
    assert [row.learner for row in store.events(room.code)] == ["eve", "ada"]


def test_whoever_leaves_takes_everything_along(store):
    room = store.make_room()
    store.append([sent(room, kind="join", name="Ada"), sent(room), sent(room, "eve")])
    leaving = sent(room, kind="leave", keep=False)
    assert store.append([leaving, sent(room)]) == set()
    assert [(row.kind, row.learner) for row in store.events(room.code)] == [("hand", "eve"), ("leave", "ada")]
    assert store.append([leaving, sent(room)]) == {(room.code, "ada")}
    assert len(store.events(room.code)) == 2


def test_whoever_agrees_leaves_all_but_the_name(store):
    room = store.make_room()
    store.append([sent(room, kind="join", name="Ada"), sent(room)])
    store.append([sent(room, kind="leave", keep=True)])
    rows = store.events(room.code)
    assert [row.kind for row in rows] == ["join", "hand", "leave"]
    assert rows[0].body == {"name": None}


def test_a_room_that_is_forgotten_is_gone_and_the_others_stay(store):
    room, other = store.make_room(), store.make_room(names=True)
    store.append([sent(room), sent(other)])
    newest = store.events(other.code)[-1].number
    store.forget(room.code)
    assert store.events(room.code) is store.room(room.code) is None
    assert store.codes() == {other.code}
    assert store.room(other.code) == other
    assert store.append([sent(room)]) == {(room.code, "ada")}
    store.append([sent(other)])
    assert store.events(other.code)[-1].number > newest


def test_a_room_made_anew_with_the_same_code_is_another(store):
    """A second process may see neither the end of the one nor the beginning of the other."""
    old = store.make_room(code="CLASS")
    store.forget("CLASS")
    new = store.make_room(code="CLASS")
    assert store.events("CLASS", key=old.key) is None
    assert store.events("CLASS", key=new.key) == []


def test_what_is_deleted_stands_in_no_file(tmp_path):
    store = Store(tmp_path / "rooms.db")
    room = store.make_room()
    store.append([sent(room, kind="join", name="A-name-to-be-found") for _ in range(50)])
    found = lambda: [f.name for f in tmp_path.iterdir() if b"A-name-to-be-found" in f.read_bytes()]  # noqa: E731
    assert found()
    store.append([sent(room, kind="leave", keep=False)])
    assert found() == []
    store.append([sent(room, "bob", kind="join", name="A-name-to-be-found")])
    store.append([sent(room, "bob", kind="leave", keep=True)])
    assert found() == []
    store.append([sent(room, "eve", kind="join", name="A-name-to-be-found")])
    store.forget(room.code)
    assert found() == []
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_the_file_is_its_owners_alone(tmp_path):
    Store(tmp_path / "new" / "rooms.db").close()
    assert stat.S_IMODE((tmp_path / "new" / "rooms.db").stat().st_mode) == 0o600


def test_a_button_is_decided_on_what_is_there_and_nothing_comes_between(store):
    """Of many who press at once, each sees what those before have done."""
    room = store.make_room()
    store.append([sent(room)])

    def press():
        store.control(room.code, lambda rows: Event(str(uuid.uuid4()), "open", 0.0, {"seen": len(rows)}))

    threads = [threading.Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pressed = [row for row in store.events(room.code) if row.learner == INSTRUCTOR]
    assert [row.body["seen"] for row in pressed] == list(range(8))


def test_a_button_that_does_not_fit_leaves_nothing(store):
    room = store.make_room()

    def refuse(rows):
        raise ValueError("not now")

    with pytest.raises(ValueError, match="not now"):
        store.control(room.code, refuse)
    assert store.events(room.code) == []


def _write(database, code, learner, count):
    store = Store(database)
    for number in range(count):
        store.append([Sent(code, learner, Event(str(uuid.uuid4()), "hand", number, {"state": "up"}), 0.0)])
    store.close()


def test_who_has_seen_a_number_has_seen_all_before_it(database):
    """Four stores write while one reads what is new: it misses nothing."""
    store, count = Store(database), 40
    room = store.make_room()
    writers = [threading.Thread(target=_write, args=(database, room.code, who, count)) for who in "abcd"]
    for writer in writers:
        writer.start()
    seen, last = [], 0
    while any(writer.is_alive() for writer in writers) or store.events(room.code, last):
        new = store.events(room.code, last)
        seen += new
        last = new[-1].number if new else last
    assert seen == store.events(room.code)
    assert len(seen) == 4 * count
    store.close()


def test_a_database_that_is_no_more_is_said_to_be_so(tmp_path):
    with pytest.raises(UnavailableError):
        Store(f"postgresql://course@/none?host={tmp_path}", patience=1)
    for other in ("mysql://somewhere/room", "sqlite://"):
        with pytest.raises(ValueError, match="SQLite's or in PostgreSQL"):
            Store(other)


def test_a_database_of_another_use_is_left_alone(tmp_path):
    (tmp_path / "notes.db").write_text("nothing of SQLite's, but long enough to be taken for it" * 10)
    with pytest.raises(UnavailableError, match="not a database"):
        Store(tmp_path / "notes.db")
