"""`bn-course room`: what it prints, and what it says when it cannot."""

import os
import signal
import socket
import sys

import pytest
from room_server import Process

from bn_course import cli
from bn_course.room.store import Store


def room(*words):
    return cli.main(["room", "--no-browser", *map(str, words)])


def test_what_it_prints_is_what_learners_and_the_instructor_open(tmp_path):
    with Process(str(tmp_path / "rooms.db"), names=True) as process:
        assert process.base == f"http://127.0.0.1:{process.port}/r/{process.code}"
        assert process.instructor.state()["link"] == process.base
        assert process.join("Ada").vote() is None
    assert Store(tmp_path / "rooms.db").room(process.code).names


@pytest.mark.skipif(os.name == "nt", reason="Windows interrupts in another way")
def test_interrupted_it_ends_the_streams_and_says_nothing(tmp_path, capfd):
    with Process(str(tmp_path / "rooms.db")) as process:
        streams = [process.instructor.stream(), process.join().stream()]
        for stream in streams:
            next(stream)
        os.kill(process.pid, signal.SIGINT)
        assert process.wait() == 130
        for stream in streams:
            assert list(stream) == []
    assert capfd.readouterr().err == ""


def test_a_room_is_forgotten(tmp_path, capsys):
    store = Store(tmp_path / "rooms.db")
    code, other = store.make_room().code, store.make_room().code
    assert room(code.lower(), "--forget", "--db", tmp_path / "rooms.db") == 0
    assert f"Room {code}" in capsys.readouterr().out
    assert store.codes() == {other}
    store.close()


def test_rooms_are_kept_beside_the_progress(monkeypatch, tmp_path):
    monkeypatch.setenv("BN_COURSE_HOME", str(tmp_path / "state"))
    assert room("ABCDE", "--forget") == 1
    assert (tmp_path / "state" / "rooms.db").exists()


@pytest.mark.parametrize("words", [["ABCDE"], ["ABCDE", "--forget"], ["--forget"]])
def test_a_room_that_is_not_there(words, tmp_path, capsys):
    store = Store(tmp_path / "rooms.db")
    code = store.make_room().code
    store.close()
    assert room(*words, "--db", tmp_path / "rooms.db") == 1
    said = capsys.readouterr().err
    assert said.startswith("bn-course: there is no room")
    assert code in said


def test_a_database_that_is_not_there(tmp_path, capsys):
    assert room("--db", f"postgresql://course@/none?host={tmp_path}") == 1
    assert room("--db", "mysql://somewhere/room") == 1
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("bn-course: ")
    assert "PostgreSQL" in second


def test_a_port_that_is_taken(tmp_path, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert room("--db", tmp_path / "rooms.db", "--host", "127.0.0.1", "--port", port) == 1
    assert capsys.readouterr().err.startswith("bn-course: ")


def test_without_the_extra_it_says_what_to_install(monkeypatch, capsys):
    monkeypatch.delitem(sys.modules, "bn_course.room.store", raising=False)
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    assert room() == 1
    assert "pip install 'bn-course[teach]'" in capsys.readouterr().err
