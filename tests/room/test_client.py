"""The learner's side without a network: what is queued, what is sent next, what follows from an answer."""

import json
import os
import time
from dataclasses import replace

import pytest

from bn_course.grading import telling
from bn_course.grading.report import CheckResult, Example, Report
from bn_course.room import client, exchange, member, queue
from bn_course.room.member import Member

LINK = "http://room.example/r/ABCDE"


@pytest.fixture(autouse=True)
def nothing_in_memory():
    yield
    queue._in_memory.clear()
    member._unsaved.clear()


@pytest.fixture
def me():
    member.save(Member(LINK, token="t", heard=time.time()))
    return member.load()


def answer(status, told=None):
    """The room's answer to what is due."""
    return exchange.settle(exchange.due(), status, told, heard=time.time())


def ids():
    return [event["id"] for event in queue.waiting()]


@pytest.mark.parametrize("link", ["https://h.example/r/ABCDE", "http://10.0.0.1:8765/services/room/r/ABCDE/"])
def test_a_link_to_a_room_is_taken_without_its_last_slash(link):
    assert member.checked(f" {link} ") == link.rstrip("/")
    assert Member(member.checked(link)).room == "ABCDE"


@pytest.mark.parametrize(
    "link", ["ABCDE", "ftp://h/r/A", "https://h/A", "https://h/r/A B", "https://h/r/A?x", 7]
)
def test_what_is_no_link_is_refused(link):
    with pytest.raises(ValueError, match="looks like"):
        member.checked(link)


def test_alone_nothing_is_loaded_and_nothing_written(monkeypatch):
    monkeypatch.setattr(client, "tell", lambda *_, **__: pytest.fail("told"))
    telling.tell("seen", section="02-variance")
    assert not member.folder().exists()


def test_a_home_that_may_not_be_searched_breaks_no_check(monkeypatch):
    def refused(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refused)
    telling.tell("seen", section="02-variance")


def test_first_the_room_is_joined_and_then_the_events_go_in_their_order(me):
    member.save(Member(LINK, "Ada", heard=time.time()))
    first, second = queue.add("hand", state="up"), queue.add("hand", state="down")
    request = exchange.due()
    assert request.url == f"{LINK}/join"
    assert json.loads(request.body) == {"id": member.load().id, "nickname": "Ada"}
    assert answer(200, {"token": "new", "learner": "x"})
    request = exchange.due()
    assert request.headers["Authorization"] == "Bearer new"
    assert json.loads(request.body)["events"] == [first, second]


@pytest.mark.parametrize("status", [308, 400, 403, 405, 422])
def test_what_is_no_room_is_asked_once(me, status):
    """http for https makes a GET of the POST, a 405; it was asked again without a pause, for ever."""
    member.save(Member(LINK, heard=time.time()))
    assert answer(status)
    assert exchange.due() is None


def test_an_answer_that_confirms_nothing_is_waited_after(me):
    queue.add("hand", state="up")
    assert not answer(200, {})


def test_what_is_stored_or_never_taken_is_not_sent_again(me):
    events = [queue.add("hand", state=state) for state in ("up", "down", "up")]
    assert answer(200, {"stored": [events[0]["id"]], "refused": {events[1]["id"]: "no"}})
    assert ids() == [events[2]["id"]]


@pytest.mark.parametrize("status", [0, 408, 429, 500, 503])
def test_while_the_room_is_away_everything_waits(me, status):
    event = queue.add("hand", state="up")
    assert not answer(status)
    assert ids() == [event["id"]]


def test_a_request_that_is_wrong_for_ever_is_dropped_alone(me):
    for _ in range(queue.MOST + 1):
        last = queue.add("hand", state="up")
    assert len(ids()) == queue.MOST
    assert answer(400)
    assert ids() == [last["id"]]


@pytest.mark.parametrize("status", [401, 404, 410])
def test_a_room_that_is_gone_is_forgotten(me, status):
    queue.add("hand", state="up")
    answer(status)
    assert member.load() is None
    assert ids() == []
    assert exchange.due() is None


def test_requests_stay_below_the_servers_limit_also_in_greek(me):
    for _ in range(queue.MOST):
        queue.add("check", example="σ" * 490)
    assert 1 < len(exchange.due().ids) < queue.MOST
    assert len(exchange.due().body) < 16 * 1024


def test_leaving_sends_nothing_but_that(me):
    queue.add("hand", state="up")
    client.left(keep=False)
    (event,) = queue.waiting()
    assert (event["kind"], event["keep"]) == ("leave", False)
    client.tell("hand", state="up")
    assert ids() == [event["id"]]
    assert answer(200, {"stored": [event["id"]], "refused": {}})
    assert member.load().left
    assert exchange.due() is None


def test_who_left_stays_out_where_the_answer_to_leaving_was_lost(me, monkeypatch):
    """The room had stored it: to the same request again it says 410."""
    monkeypatch.setenv("BN_COURSE_ROOM", LINK)
    member.save(replace(me, left=True))
    queue.add("leave", keep=False)
    assert answer(410)
    telling.tell("seen", section="02-variance")
    assert member.load().left
    assert exchange.due() is None


def test_who_leaves_while_an_answer_comes_has_left(me, monkeypatch):
    event, remove = queue.add("hand", state="up"), queue.remove

    def leaves_meanwhile(ids):
        remove(ids)
        member.save(replace(member.load(), left=True))
        queue.add("leave", keep=False)

    monkeypatch.setattr(queue, "remove", leaves_meanwhile)
    assert answer(200, {"stored": [event["id"]]})
    assert (member.load().left, member.load().token) == (True, "t")


def test_who_left_is_not_joined_again_by_the_environment(me, monkeypatch):
    monkeypatch.setenv("BN_COURSE_ROOM", LINK)
    member.save(replace(me, left=True, token=""))
    telling.tell("seen", section="02-variance")
    assert member.load().left
    assert ids() == []


def test_a_room_that_has_not_answered_for_two_days_is_over(me):
    member.save(replace(me, heard=time.time() - member.SILENCE - 1))
    assert member.load() is None


def test_a_disk_that_refuses_loses_nothing_while_the_kernel_runs(me, monkeypatch):
    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(member, "write", full)
    event = queue.add("hand", state="up")
    member.save(replace(me, token="later"))
    assert ids() == [event["id"]]
    assert member.load().token == "later"
    assert answer(200, {"stored": [event["id"]]})
    assert ids() == []


def test_a_damaged_file_of_an_event_is_taken_out(me):
    event = queue.add("hand", state="up")
    (member.folder() / "waiting" / f"{0:020}-x.json").write_text("{", encoding="utf-8")
    assert ids() == [event["id"]]


@pytest.mark.parametrize("text", ["{", "[]", '{"link": "x"}', '{"link": "http://h/r/A", "more": 1}'])
def test_a_damaged_membership_is_none(text):
    member.folder().mkdir(parents=True)
    member.path().write_text(text, encoding="utf-8")
    assert member.load() is None


def test_only_its_owner_reads_the_token(me):
    assert member.path().stat().st_mode & 0o077 == 0


def test_of_a_check_the_room_is_told_the_outcome_and_no_code():
    report = Report(
        "batch_stats",
        False,
        0,
        2,
        diagnosis=("sample-variance",),
        checks=[CheckResult("values", False, "they differ")],
        example=Example("[[1.], [2.], [6.]]", "7.0", "4.667" * 200),
        place=(3, "ddof=1"),
        fix="ddof=0",
    )
    told = client.outcome(report)
    assert (told["state"], told["misconceptions"]) == ("failed", ["sample-variance"])
    assert told["example"].startswith("On [[1.], [2.], [6.]]: 7.0, expected 4.667")
    assert len(told["example"]) == 500
    assert "ddof" not in json.dumps(told)


def test_a_section_is_told_with_its_lesson(me, monkeypatch):
    monkeypatch.setattr(client, "_post", lambda: type("Post", (), {"wake": lambda self: None})())
    client.tell("seen", section="02-variance")
    (event,) = queue.waiting()
    assert (event["lesson"], event["section"]) == ("02_forward_pass", "02-variance")
