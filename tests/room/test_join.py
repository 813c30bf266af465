"""A learner's kernel and a room: joining, sending while it is away, hearing of votes, leaving."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from room_server import Asker, Process, prediction, until

import bn_course
from bn_course.grading import kept
from bn_course.grading import progress as store
from bn_course.grading.predict import predict
from bn_course.grading.prediction_box import boxes
from bn_course.room import client, exchange, listening, member, queue
from bn_course.room.join_box import JoinBox, sentence

QUESTION = "02-shift-and-scale"


@pytest.fixture(autouse=True)
def patience_is_short(monkeypatch):
    monkeypatch.setattr(exchange, "WAITS", (0.05,))
    yield
    queue.clear()
    member.forget()  # the threads then rest
    kept.unsaved.clear()
    boxes.clear()
    client._post.cache_clear()


def as_learner(room):
    return Asker(room.base, member.load().token)


def shown(room):
    return room.instructor.state()


def test_joining_says_what_is_seen_and_the_other_kernels_know(room, capsys):
    bn_course.join(f"{room.base}/", "Ada")
    said = capsys.readouterr().out
    assert "sees your predictions" in said
    assert "under the name Ada" in said
    assert said.endswith(f"You are in room {room.room.code}.\n")
    assert shown(room)["learners"] == 1
    me = member.load()
    bn_course.join(room.base, "Ada")  # in another notebook
    assert member.load() == me
    assert shown(room)["learners"] == 1


def test_who_joins_again_under_another_name_counts_once(room, capsys):
    bn_course.join(room.base)
    bn_course.raise_hand()
    until(lambda: shown(room)["hands"])
    bn_course.join(room.base, "Ada")
    assert "under the name Ada" in capsys.readouterr().out
    until(lambda: shown(room)["hands"][0]["name"] == "Ada")
    assert shown(room)["learners"] == 1


def test_a_check_a_prediction_and_a_hand_are_told(room, capsys):
    bn_course.join(room.base, "Ada")
    with pytest.raises(AssertionError):
        bn_course.check(lambda x: x, "double")
    predict(QUESTION, "abc")
    bn_course.raise_hand()
    until(lambda: shown(room)["hands"])
    state = shown(room)
    assert state["hands"][0]["name"] == "Ada"
    assert state["questions"][0]["question"] == "double"
    assert state["sections"] == [{"lesson": "02_forward_pass", "section": QUESTION, "learners": 1}]
    bn_course.raise_hand(False)
    until(lambda: not shown(room)["hands"])


def test_a_stub_is_no_attempt(room):
    bn_course.join(room.base)
    with pytest.raises(AssertionError):
        bn_course.check(lambda x: ..., "double")
    bn_course.raise_hand()
    until(lambda: shown(room)["hands"])
    assert shown(room)["questions"] == []


def test_a_box_follows_the_vote_and_the_first_answer_stays(room):
    bn_course.join(room.base)
    box = predict(QUESTION, "abc")
    other = predict("02-variance", "abc")
    room.instructor.press("open", QUESTION, 60)
    until(lambda: box.vote and box.vote["open"])
    assert 0 < box.vote["left"] <= 60
    assert other.vote is None
    box.record("a", 50)
    assert box.said == "Your vote is in: moves by 10, 50 % sure. Wait for the others."
    box.record("b", 50)  # a button pressed twice
    until(lambda: shown(room)["vote"]["answered"] == 1)
    room.instructor.press("close")
    room.instructor.press("revote")
    until(lambda: box.vote["id"].endswith(".2"))
    box.record("c", 95)
    until(lambda: shown(room)["vote"]["answered"] == 1)
    room.instructor.press("close")
    room.instructor.press("outcome")
    until(lambda: box.said.startswith("The outcome: stays as it is"))
    assert [one["counts"] for one in shown(room)["vote"]["rounds"]] == [{"a": 1}, {"c": 1}]
    assert store.load()["predictions"][QUESTION] == {"answer": "a", "sure": 50}
    bn_course.leave()
    until(lambda: box.vote is None)
    assert box.said == "Recorded: moves by 10, 50 % sure. Now run on."


def test_a_new_kernel_knows_that_it_has_voted(room):
    bn_course.join(room.base)
    room.instructor.press("open", QUESTION, 60)
    box = predict(QUESTION, "abc")
    until(lambda: box.vote and box.vote["open"])
    box.record("a", 50)
    until(lambda: shown(room)["vote"]["answered"] == 1)
    boxes.clear()
    again = predict(QUESTION, "abc")
    again.follow(as_learner(room).get("vote").json())
    assert not again.vote["open"]
    assert again.said == "Your vote is in. Wait for the others."


def test_leaving_deletes_and_agreeing_keeps(room, capsys):
    bn_course.join(room.base)
    bn_course.raise_hand()
    until(lambda: shown(room)["hands"])
    bn_course.leave()
    until(lambda: shown(room)["learners"] == 0)
    assert "deletes what it has of you" in capsys.readouterr().out
    bn_course.raise_hand()
    assert capsys.readouterr().out == "You are in no room.\n"
    until(lambda: not member.load().token)
    bn_course.join(room.base)  # again, as somebody new
    assert shown(room)["learners"] == 1


def test_who_joins_again_before_the_room_heard_of_their_leaving_has_left(room):
    bn_course.join(room.base)
    bn_course.raise_hand()
    until(lambda: shown(room)["hands"] and not queue.waiting())
    member.save(replace(member.load(), left=True))  # as `leave` does, with a network that is away
    queue.add("leave", keep=False)
    bn_course.join(room.base)
    until(lambda: (shown(room)["learners"], shown(room)["hands"]) == (1, []))


def test_the_environment_joins_by_itself_and_says_so_first(room, monkeypatch, capsys):
    monkeypatch.setenv("BN_COURSE_ROOM", room.base)
    predict(QUESTION, "abc")
    assert "sees your predictions" in capsys.readouterr().out
    until(lambda: shown(room)["sections"])
    assert shown(room)["learners"] == 1


def test_an_environment_whose_room_is_not_there_says_so_once_and_not_in_every_cell(room, monkeypatch, capsys):
    monkeypatch.setenv("BN_COURSE_ROOM", f"{room.base[:-5]}QQQQQ")
    for _ in range(3):
        predict(QUESTION, "abc")
        until(lambda: member.load() is None)
    assert capsys.readouterr().out.count("sees your predictions") == 1


def test_an_environment_that_is_no_link_is_said_once_and_breaks_nothing(monkeypatch, capsys):
    monkeypatch.setenv("BN_COURSE_ROOM", "here")
    predict(QUESTION, "abc")
    predict(QUESTION, "abc")
    assert capsys.readouterr().out.count("looks like") == 1


def test_a_room_that_does_not_exist_is_forgotten(room, capsys):
    bn_course.join(f"{room.base[:-5]}QQQQQ")
    assert "There is no room QQQQQ" in capsys.readouterr().out
    assert member.load() is None


def test_what_is_done_while_the_server_is_away_comes_later_and_once(tmp_path, capsys):
    with Process(str(tmp_path / "rooms.db")) as process:
        bn_course.join(process.base)
        process.kill()
        began = time.monotonic()
        for up in (True, False, True):
            client.tell("hand", state="up" if up else "down")
        with pytest.raises(AssertionError):
            bn_course.check(lambda x: x, "double")
        assert len(queue.waiting()) == 4
        assert time.monotonic() - began < 60  # nothing waited for it
        with Process(str(tmp_path / "rooms.db"), process.code, process.port) as again:
            until(lambda: not queue.waiting())
            state = again.instructor.state()
            assert len(state["hands"]) == 1
            assert state["questions"][0]["attempts"] == 1
            bn_course.leave()
            until(lambda: not member.load().token)


def test_a_name_is_short():
    with pytest.raises(ValueError, match="at most 40"):
        bn_course.join("https://room.example/r/ABCDE", "A" * 41)


def test_the_box_raises_a_hand_and_leaves(room, capsys):
    bn_course.join(room.base)
    box = JoinBox(member.load())
    assert box.sees == sentence(member.load())
    box._asked(box, {"hand": True}, [])
    until(lambda: shown(room)["hands"])
    box._asked(box, {"leave": True}, [])
    assert box.left
    assert box.said.startswith("You have left")
    until(lambda: shown(room)["learners"] == 0)
    assert capsys.readouterr().out.count("You have left") == 0


def test_who_learns_alone_loads_nothing_and_starts_no_thread():
    program = """
import sys, threading, bn_course
bn_course.predict("02-shift-and-scale", "abc")
bn_course.check(lambda x: 2 * x, "double")
print(any(name.startswith("bn_course.room") for name in sys.modules), threading.active_count())
"""
    alone = {name: value for name, value in os.environ.items() if name != "BN_COURSE_ROOM"}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, env=alone, check=True)
    assert done.stdout.splitlines()[-1] == "False 1"


def test_votes_are_read_from_a_stream_and_comments_are_passed_over():
    lines = [b": still here\n", b"\n", b'data: {"vote": 1}\n', b"\n", b"event: gone\n", b"data: null\n"]
    assert list(listening.events(lines)) == [{"vote": 1}, None]


def test_a_cell_never_waits(room, monkeypatch):
    """With a room that takes its time: what is told comes back at once."""
    answered = threading.Event()
    monkeypatch.setattr("bn_course.room.post.send", lambda request: (answered.wait(60), (0, None))[1])
    member.save(member.Member(room.base, token="t", heard=time.time()))
    client.tell("hand", state="up")
    assert not answered.is_set()
    assert len(queue.waiting()) == 1
    member.forget()
    answered.set()


def test_a_learner_in_two_tabs_counts_once(room):
    bn_course.join(room.base)
    room.instructor.press("open", QUESTION, 60)
    one, other = (prediction(letter, QUESTION) for letter in "ab")
    for event in (one, other, one):
        assert as_learner(room).post("events", {"events": [event]}).json()["stored"]
    room.instructor.press("close")
    room.instructor.press("show")
    assert shown(room)["vote"]["rounds"][0]["counts"] == {"a": 1}
