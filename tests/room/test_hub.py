"""The room of a hub, with a hub that says who somebody is; a real one is not started here."""

import httpx
import pytest
from room_server import Asker, Served, get

from bn_course.room import hub
from bn_course.room.store import Store

PREFIX = "/services/room"


class Auth:
    """As JupyterHub's HubOAuth: tokens for codes, people for tokens."""

    login_url = "https://hub.example/hub/api/oauth2/authorize?client_id=service-room"
    people = {  # noqa: RUF012
        "teacher": {"name": "teacher", "groups": ["instructors"]},
        "learner": {"name": "learner", "groups": []},
    }

    def token_for_code(self, code):
        return code

    def user_for_token(self, token):
        return self.people.get(token)


@pytest.fixture
def address(tmp_path, monkeypatch):
    store = Store(tmp_path / "rooms.db")
    monkeypatch.setattr("room_server.application", lambda store, **_: hub.service(store, Auth(), PREFIX))
    with Served(store, prefix=PREFIX) as served:
        yield f"{served.address}{PREFIX}/"


def signed_in(address, who):
    """Somebody who was sent to the hub and came back."""
    browser = httpx.Client(timeout=60)
    Asker.everybody.append(type("Open", (), {"http": browser})())
    went = browser.get(address)
    assert went.headers["location"].startswith(Auth.login_url)
    state = went.headers["location"].rpartition("state=")[2]
    assert browser.get(f"{address}oauth_callback", params={"code": who, "state": state}).status_code == 303
    return browser


def test_an_instructor_of_the_hub_has_the_page_and_the_room_is_there(address):
    teacher = signed_in(address, "teacher")
    came = teacher.get(address, follow_redirects=True)
    assert came.url == f"{address}r/{hub.CODE}/"
    assert 'id="controls"' in came.text
    assert teacher.get(f"{address}r/{hub.CODE}/state").json()["room"] == hub.CODE


def test_learners_may_come_before_their_instructor(address):
    assert get(f"{address}r/{hub.CODE}/about").status_code == 200


def test_a_learner_of_the_hub_and_a_stranger_do_not(address):
    signed_in(address, "teacher").get(address)
    learner = signed_in(address, "learner")
    assert learner.get(address).status_code == 403
    for browser in (learner, httpx):
        assert browser.get(f"{address}r/{hub.CODE}/state").status_code == 401
        assert 'id="controls"' not in browser.get(f"{address}r/{hub.CODE}/").text


@pytest.mark.parametrize("query", [{}, {"code": "teacher"}, {"code": "teacher", "state": "x"}])
def test_a_login_that_was_not_begun_here_is_refused(address, query):
    assert get(f"{address}oauth_callback", params=query).status_code == 403


def test_the_cookie_is_for_the_room_alone(address):
    came = get(address)
    assert "HttpOnly" in came.headers["set-cookie"]
    assert f"Path={PREFIX}/" in came.headers["set-cookie"]
    assert "samesite=lax" in came.headers["set-cookie"].lower()


def test_a_login_that_is_over_is_made_anew(address):
    browser = signed_in(address, "nobody any more")
    assert browser.get(address).headers["location"].startswith(Auth.login_url)
