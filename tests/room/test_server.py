"""A room over HTTP: joining, telling, voting, watching, leaving, forgetting."""

import uuid

import httpx
import pytest
from room_server import PATIENCE, Learner, Served, event, failed, get, post, prediction, until

from bn_course.room.store import Store


def test_a_learner_joins_tells_and_is_seen(room):
    ada = room.join("  Ada \n Byron ")
    sent = [event("hand", state="up"), failed("batch_stats", "sample-variance", example="<b>[[1.]]</b>")]
    answer = ada.send(*sent)
    assert answer.json() == {"stored": [one["id"] for one in sent], "refused": {}}
    shown = room.instructor.state()
    assert (shown["room"], shown["names"], shown["learners"]) == (room.room.code, True, 1)
    assert shown["link"] == room.base
    assert shown["hands"][0]["name"] == "Ada Byron"
    assert shown["misconceptions"][0]["questions"][0]["example"] == "<b>[[1.]]</b>"  # text, in JSON
    assert shown["trouble"] is None


def test_sent_again_is_stored_once(room):
    ada, one = room.join(), failed()
    assert ada.send(one).json() == ada.send(one).json() == {"stored": [one["id"]], "refused": {}}
    assert room.instructor.state()["questions"][0]["attempts"] == 1


def test_what_is_no_event_is_named_and_the_rest_is_kept(room):
    good, wrong = failed(), event("shout")
    answer = room.join().send(wrong, good).json()
    assert answer["stored"] == [good["id"]]
    assert answer["refused"].keys() == {wrong["id"]}


def test_joining_twice_in_one_breath_is_one_learner(room):
    joining = {"id": str(uuid.uuid4()), "nickname": "Ada"}
    first, again = (post(f"{room.base}/join", json=joining).json() for _ in range(2))
    assert first == again
    assert room.instructor.state()["learners"] == 1


def test_a_room_that_asks_for_no_names_keeps_none(tmp_path):
    with Served(Store(tmp_path / "rooms.db")) as room:
        assert room.instructor.get("about").json() == {"room": room.room.code, "names": False}
        room.join("Ada").send(event("hand", state="up"))
        assert room.instructor.state()["hands"][0]["name"] is None
        assert all("Ada" not in str(row) for row in room.store.events(room.room.code))


def test_a_vote_between_an_instructor_and_three_learners(room):
    learners = [room.join() for _ in range(3)]
    assert learners[0].vote() is None
    opened = room.instructor.press("open", "02-variance", 60).json()
    assert (opened["state"], opened["answered"]) == ("open", 0)
    for learner, choice in zip(learners, "aab", strict=True):
        learner.send(prediction(choice))
    assert room.instructor.state()["vote"]["answered"] == 3
    late = room.join()
    assert [one.vote()["answered"] for one in (*learners, late)] == [True, True, True, False]
    assert room.instructor.press("outcome").status_code == 409
    assert room.instructor.press("close").json()["state"] == "closed"
    assert room.instructor.press("show").json()["rounds"][0]["counts"] == {"a": 2, "b": 1}
    room.instructor.press("revote", seconds=60)
    for learner in learners:
        learner.send(prediction("b", made_in=2))
    room.instructor.press("close")
    told = room.instructor.press("outcome").json()
    assert told["rounds"][1]["counts"] == {"b": 3}
    assert told["moves"] == {"kept": 1, "changed": 2, "wrong_to_right": 2, "right_to_wrong": 0}
    assert late.vote()["outcome"] == "b"


def test_a_button_out_of_order_is_answered_by_a_sentence(room):
    answer = room.instructor.press("close", "02-variance")
    assert (answer.status_code, answer.json()) == (409, {"error": "This vote is not open."})


@pytest.mark.parametrize("body", [[], {}, {"action": "explode"}, {"action": "open", "seconds": "soon"}])
def test_what_is_no_button_is_refused(room, body):
    assert room.instructor.post("control", body).status_code == 400


def test_the_instructors_stream_follows(room):
    states = room.instructor.stream()
    assert next(states)["learners"] == 0
    ada = room.join("Ada")
    until(lambda: next(states)["learners"] == 1)
    ada.send(event("hand", state="up"))
    until(lambda: next(states)["hands"])


def test_a_learners_stream_follows_the_vote_and_nothing_else(room):
    ada, bob = room.join(), room.join()
    told = ada.stream()
    assert next(told) is None
    room.instructor.press("open", "02-variance")
    assert next(told)["state"] == "open"
    bob.send(prediction("a"), failed())
    room.instructor.press("close")
    assert next(told)["state"] == "closed"


def test_a_countdown_that_ends_is_told(room, monkeypatch):
    monkeypatch.setattr("bn_course.room.votes.SHORTEST", 1)
    told, states = room.join().stream(), room.instructor.stream()
    room.instructor.press("open", "02-variance", 1)
    until(lambda: (next(told) or {}).get("state") == "closed")
    until(lambda: (next(states)["vote"] or {}).get("state") == "closed")


def test_whoever_leaves_takes_everything_along(room):
    ada, bob = room.join("Ada"), room.join("Bob")
    ada.send(failed("batch_stats", "sample-variance"), event("hand", state="up"))
    told = ada.stream()
    next(told)
    leaving = event("leave")
    assert ada.send(leaving).json() == {"stored": [leaving["id"]], "refused": {}}
    shown = room.instructor.state()
    assert (shown["learners"], shown["hands"], shown["questions"]) == (1, [], [])
    assert [row.kind for row in room.store.events(room.room.code) if row.learner == ada.id] == ["leave"]
    assert (ada.send(event("hand", state="up")).status_code, ada.get("vote").status_code) == (410, 410)
    assert bob.send(failed()).status_code == 200


def test_a_room_that_is_forgotten_is_gone_for_everybody(room):
    ada = room.join("Ada")
    told, states = ada.stream(), room.instructor.stream()
    next(told), next(states)
    assert room.instructor.press("forget").status_code == 200
    assert until(lambda: next(told, "end") in (None, "end"))
    assert until(lambda: next(states, "end") in (None, "end"))
    assert ada.send(failed()).status_code == room.instructor.get("state").status_code == 404
    assert room.store.codes() == set()


def test_the_secret_in_the_address_becomes_a_cookie(room):
    with httpx.Client(timeout=PATIENCE) as browser:
        answer = browser.get(f"{room.base}/?secret={room.secret}")
        assert (answer.status_code, answer.headers["location"]) == (303, "./")
        cookie = answer.headers["set-cookie"]
        path = httpx.URL(room.base).path
        assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", f"Path={path}/"))
        assert browser.get(f"{room.base}/state").status_code == 200
        wrong = get(f"{room.base}/?secret=guess")
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)


def test_behind_https_the_cookie_is_sent_by_https_alone(tmp_path):
    with Served(Store(tmp_path / "rooms.db"), at="https://room.example") as room:
        assert "; Secure" in get(f"{room.base}/?secret={room.secret}").headers["set-cookie"]
    with Served(Store(tmp_path / "rooms.db")) as room:
        said = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
        answer = get(f"{room.base}/?secret={room.secret}", headers=said)
        assert "Secure" not in answer.headers["set-cookie"]


def test_the_page_is_the_instructors_and_others_are_told_how_to_join(room):
    mine, other = room.instructor.get(""), get(f"{room.base}/")
    assert (mine.status_code, other.status_code) == (200, 200)
    assert mine.text != other.text
    assert get(f"{room.base}?a=b").headers["location"] == f"{room.room.code}/?a=b"
    assert get(room.base, follow_redirects=True).text == other.text


def test_the_link_as_a_picture(room):
    answer = get(f"{room.base}/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.startswith("<svg")


def test_a_code_may_be_typed_in_small_letters(room):
    small = f"{room.address}/r/{room.room.code.lower()}"
    assert Learner(small).vote() is None


def test_behind_a_prefix_and_another_address(tmp_path):
    options = {"prefix": "/services/room", "at": "https://hub.example/services/room"}
    with Served(Store(tmp_path / "rooms.db"), **options) as room:
        assert room.join().vote() is None
        assert room.instructor.state()["link"] == f"https://hub.example/services/room/r/{room.room.code}"


def test_the_browser_edition_stands_beside_the_rooms(tmp_path):
    (tmp_path / "lite").mkdir()
    (tmp_path / "lite" / "index.html").write_text("JupyterLite")
    with Served(Store(tmp_path / "rooms.db"), lite=tmp_path / "lite", prefix="/services/room") as room:
        answer = get(f"{room.address}/services/room/lite/")
        assert (answer.text, answer.headers["cache-control"]) == ("JupyterLite", "no-cache")
        assert "access-control-allow-origin" not in answer.headers
        assert "unsafe" not in room.instructor.get("").headers["content-security-policy"]


def test_somebody_else_may_say_who_is_the_instructor(tmp_path):
    def by_the_hub(request, code):
        return request.headers.get("x-user") == f"teacher of {code}"

    with Served(Store(tmp_path / "rooms.db"), is_instructor=by_the_hub) as room:
        asked = f"{room.base}/state"
        assert get(asked, headers={"X-User": f"teacher of {room.room.code}"}).status_code == 200
        assert get(asked, headers={"X-User": "teacher of another"}).status_code == 401
