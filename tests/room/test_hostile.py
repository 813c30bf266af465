"""A learner who means ill: reads, forges, floods, breaks. The room goes on, and shows what it should."""

import json
import socket
import uuid

import httpx
import pytest
from room_server import Asker, Instructor, Served, event, failed, post, prediction

from bn_course.room.events import MOST_IN_A_REQUEST
from bn_course.room.headers import HEADERS
from bn_course.room.limits import LARGEST_BODY, MOST_STREAMS
from bn_course.room.store import Store

INSTRUCTORS = [("GET", "state"), ("POST", "control")]


@pytest.fixture
def eve(room):
    return room.join("Eve")


@pytest.mark.parametrize(("method", "path"), INSTRUCTORS)
def test_a_learner_is_not_the_instructor(room, eve, method, path):
    body = {"action": "open", "question": "02-variance"}
    cookies = {f"bn-course-room-{room.room.code}": eve.token}
    for asker in (eve, Asker(room.base), Asker(room.base, cookies=cookies)):
        answer = asker.http.request(method, f"{room.base}/{path}", json=body if method == "POST" else None)
        assert answer.status_code == 401
        assert answer.json().keys() == {"error"}
    assert room.instructor.state()["vote"] is None


def test_no_learner_reads_what_others_did(room, eve):
    """Nothing that a learner can ask for has a word of another's, before or after the outcome."""
    ada = room.join("Zenobia")
    room.instructor.press("open", "02-variance")
    ada.send(prediction("b"), failed("batch_stats", "sample-variance", example="[[1234.]]"))
    for action in ("close", "show", "outcome"):
        room.instructor.press(action)
        seen = [eve.get(path).text for path in ("", "vote", "about", "qr.svg")]
        seen.append(json.dumps(next(eve.stream())))
        for word in ("Zenobia", ada.id, ada.token, "1234", "sample-variance", '"counts"'):
            assert not any(word in text for text in seen), (action, word)


@pytest.mark.parametrize("kind", ["open", "close", "outcome", "join", "forget"])
def test_nobody_sends_what_is_the_instructors_or_the_servers(room, eve, kind):
    one = event(kind, question="02-variance", closes=None, name="Ada", learner="")
    assert eve.send(one).json()["refused"].keys() == {one["id"]}
    assert {row.learner for row in room.store.events(room.room.code)} == {eve.id}


def test_nobody_speaks_for_another(room, eve):
    ada = room.join("Ada")
    eve.send(prediction("a") | {"learner": ada.id}, event("hand", state="up") | {"learner": ada.id})
    rows = room.store.events(room.room.code)
    assert [row.kind for row in rows if row.learner == ada.id] == ["join"]
    for forged in (ada.id, f"{ada.id}.{eve.token.rpartition('.')[2]}", "", eve.token[:-2], room.room.code):
        assert Asker(room.base, forged).post("events", {"events": [failed()]}).status_code == 401


def test_an_id_that_another_uses_is_no_way_to_stop_them(room, eve):
    ada, one = room.join("Ada"), failed()
    eve.send(one)
    ada.send(one)
    assert room.instructor.state()["questions"][0]["trying"] == 2


def test_a_token_or_a_secret_of_another_room_opens_nothing(room, eve, tmp_path):
    with Served(Store(tmp_path / "other.db")) as other:
        assert Asker(other.base, eve.token).get("vote").status_code == 401
        assert Instructor(other.base, room.secret).get("state").status_code == 401


def test_whoever_left_cannot_come_back_with_the_same_token(room, eve):
    eve.send(event("leave"))
    late = Asker(room.base, eve.token)
    assert late.post("events", {"events": [failed()]}).status_code == 410
    assert room.instructor.state()["learners"] == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 10_000, 400),
        (b"9" * 10_000, 400),
        (b'{"events": 5}', 400),
        (b'{"events": [null]}', 400),
        (b'{"events": [{"id": "\\ud800"}]}', 400),
        (json.dumps({"events": [failed()] * (MOST_IN_A_REQUEST + 1)}).encode(), 400),
        (b" " * (LARGEST_BODY + 1), 413),
    ],
)
def test_nonsense_is_refused(room, eve, body, status):
    for path, asker in (("events", eve), ("join", Asker(room.base)), ("control", room.instructor)):
        answer = asker.http.post(f"{room.base}/{path}", content=body, headers=_JSON)
        assert answer.status_code == status
        assert answer.json().keys() == {"error"}
    assert room.instructor.state()["learners"] == 1


_JSON = {"Content-Type": "application/json"}


def test_a_body_that_says_it_is_short_and_is_not(room, eve):
    def parts():
        for _ in range(LARGEST_BODY // 1000 + 2):
            yield b" " * 1000

    answer = eve.http.post(f"{room.base}/events", content=parts(), headers=_JSON)  # chunked: no length
    assert answer.status_code == 413


def test_whoever_breaks_off_leaves_no_word_in_the_log(room, eve, caplog):
    head = f"POST {httpx.URL(room.base).path}/events HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
    head += f"Content-Type: application/json\r\nAuthorization: Bearer {eve.token}\r\n\r\n{{"
    with socket.create_connection(room.address.removeprefix("http://").split(":")) as plain:
        plain.sendall(head.encode())
    assert eve.send(failed()).status_code == 200
    eve.http.close()
    room.__exit__()
    assert [record.message for record in caplog.records if record.name.startswith("uvicorn")] == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_another_sites_page_could_send_is_not_read(room, kind):
    """A form of another site's sends these without asking; JSON it may not send."""
    body = b'{"action": "open", "question": "02-variance"}'
    answer = room.instructor.http.post(f"{room.base}/control", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_another_sites_page_cannot_press_a_button_nor_read(room):
    from_elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    body = {"action": "open", "question": "02-variance"}
    answer = room.instructor.post("control", body, headers=from_elsewhere)
    assert answer.status_code == 403
    asked = room.instructor.http.options(f"{room.base}/control", headers=from_elsewhere)
    assert asked.status_code == 405
    for one in (answer, asked, room.instructor.get("about", headers=from_elsewhere)):
        assert not [name for name in one.headers if name.startswith("access-control-")]


@pytest.mark.parametrize("path", ["", "about", "vote", "nothing", "qr.svg", "../../static/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(room, path):
    headers = room.instructor.get(path).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in headers["content-security-policy"]
    assert "server" not in headers


def test_who_sends_too_much_waits_and_nobody_else(room, eve):
    ada = room.join("Ada")
    answers = [eve.send(*(failed() for _ in range(MOST_IN_A_REQUEST))) for _ in range(3)]
    assert answers[0].status_code == 200
    refused = answers[-1]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= MOST_IN_A_REQUEST
    assert ada.send(failed()).status_code == 200


def test_nobody_fills_the_database(room, eve, monkeypatch):
    monkeypatch.setattr("bn_course.room.routes_learner.MOST_EVENTS", 5)
    for _ in range(2):
        answer = eve.send(failed(), failed(), failed()).json()
        room.instructor.state()  # has seen them
    assert (len(answer["stored"]), len(answer["refused"])) == (0, 3)
    assert len(eve.send(event("leave")).json()["stored"]) == 1  # the way out stays open
    assert room.join().send(failed(), failed()).json()["refused"] == {}


def test_streams_are_few_for_each(room, eve):
    open_streams = [eve.stream() for _ in range(MOST_STREAMS)]
    for stream in open_streams:
        next(stream)
    answer = eve.get("live")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert next(room.join().stream()) is None


def test_a_room_that_is_full_says_so(room, monkeypatch):
    monkeypatch.setattr("bn_course.room.routes_learner.MOST_LEARNERS", 1)
    room.join()
    room.instructor.state()  # has seen it
    answer = post(f"{room.base}/join", json={"id": str(uuid.uuid4()), "nickname": None})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")


@pytest.mark.parametrize(
    "path",
    [
        "/r/https:elsewhere.example",
        "/r/ABCDE/vote",
        "/r/..%2f..%2fetc/vote",
        "/r/%00/vote",
        "/r/ÄÖÜ/vote",
        "/static/../server.py",
    ],
)
def test_there_is_nothing_beside_the_rooms(room, path):
    with socket.create_connection(room.address.removeprefix("http://").split(":")) as plain:
        plain.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        assert plain.recv(100).split()[1] in (b"404", b"400")


def test_names_and_examples_stay_text(room):
    """No answer with a learner's words is HTML, and control characters are gone."""
    wicked = "<script>alert(1)</script>\u202e\x00"
    eve = room.join(wicked)
    eve.send(event("hand", state="up"), failed("batch_stats", "sample-variance", example=wicked))
    answer = room.instructor.get("state")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["hands"][0]["name"] == "<script>alert(1)</script>"
    assert b"\\u202e" not in answer.content
    assert "\u202e" not in answer.text
