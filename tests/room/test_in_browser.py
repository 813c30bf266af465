"""The learner's side in a browser's tab, with a stand-in for its fetch. `make lite-test` has a real tab."""

import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import ModuleType, SimpleNamespace

import pytest

from bn_course.grading.prediction_box import PredictionBox, boxes
from bn_course.room import in_browser, member, queue
from bn_course.room.member import Member

QUESTION = "02-shift-and-scale"
LINK = "https://room.example/r/ABCDE"


class Room:
    """What a room answers to fetch: `asked` has each request's path and body."""

    def __init__(self):
        self.asked, self.away = [], False
        self.vote = {"vote": 1, "question": QUESTION, "round": 1, "state": "open", "left": 20.0}

    async def pyfetch(self, url, method, headers, body="null"):
        if self.away:
            raise OSError("Failed to fetch")
        path, sent = url.removeprefix(f"{LINK}/"), json.loads(body)
        self.asked.append((path, sent))
        answers = {"join": {"token": "t"}, "vote": self.vote}
        answer = answers.get(path) or {"stored": [event["id"] for event in sent["events"]], "refused": {}}

        async def string():
            return json.dumps(answer)

        return SimpleNamespace(status=200, string=string)


@pytest.fixture
def room(monkeypatch):
    found = Room()
    module = ModuleType("pyodide.http")
    module.pyfetch = found.pyfetch
    monkeypatch.setitem(sys.modules, "pyodide", ModuleType("pyodide"))
    monkeypatch.setitem(sys.modules, "pyodide.http", module)
    monkeypatch.setattr(in_browser, "EVERY", 0)
    member.save(Member(LINK, heard=time.time()))
    yield found
    member.forget()
    boxes.clear()


def run(until, said=None):
    """Let the post of a tab work between cells, until that is so; then the membership ends."""

    async def work():
        post = in_browser.Post()
        post.wake_and_then(lambda: said.append(member.load().token) if said is not None else None)
        async with asyncio.timeout(60):
            while not until():
                await asyncio.sleep(0)
        member.forget()
        await post._task

    with ThreadPoolExecutor() as elsewhere:  # where no other test's browser has its loop
        elsewhere.submit(asyncio.run, work()).result()


def test_it_joins_says_so_and_sends_what_waits_once(room):
    queue.add("hand", state="up")
    said = []
    run(lambda: not queue.waiting(), said)
    assert [path for path, _ in room.asked] == ["join", "events"]
    assert said == ["t"]


def test_a_ballot_opens_and_closes_with_the_vote(room):
    box = PredictionBox(QUESTION, "abc")
    run(lambda: box.vote and box.vote["open"])
    assert box.said == "The room votes. Choose, then press Vote."


def test_where_the_room_is_away_nothing_is_lost(room):
    room.away = True
    event = queue.add("hand", state="up")
    said = []
    run(lambda: said, said)
    assert said == [""]
    assert queue.waiting() == [event]
    queue.clear()
