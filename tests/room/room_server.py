"""A server of rooms in a thread or a process of its own, and those who talk to it."""

import json
import socket
import subprocess
import sys
import threading
import time
import uuid
from functools import partial
from typing import ClassVar

import httpx

from bn_course.room import tokens
from bn_course.room.server import application
from bn_course.room.serving import Server

PATIENCE = 60  # seconds until a test gives up, on any machine
get, post = (partial(ask, timeout=PATIENCE) for ask in (httpx.get, httpx.post))  # of httpx it is 5


def event(kind, **body):
    """What a learner's side sends."""
    return {"id": str(uuid.uuid4()), "kind": kind, "at": time.time(), **body}


def prediction(choice, question="02-variance", made_in=1, confidence=70):
    body = {"question": question, "choice": choice, "confidence": confidence, "round": made_in}
    return event("prediction", **body)


def failed(question="batch_stats", *misconceptions, example=None):
    body = {"question": question, "state": "failed", "misconceptions": list(misconceptions)}
    return event("check", **body, example=example)


def until(found, seconds=PATIENCE):
    """Wait until `found()` is true, and return it."""
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)
    return value


class Asker:
    """Somebody who sends requests to a room, with one bearer's text or none. The fixtures hang up for all."""

    everybody: ClassVar = []

    def __init__(self, base, bearer=None, **options):
        self.base = base
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        self.http = httpx.Client(headers=headers, timeout=PATIENCE, **options)
        self.everybody.append(self)

    def get(self, path, **options):
        return self.http.get(f"{self.base}/{path}", **options)

    def post(self, path, body, **options):
        return self.http.post(f"{self.base}/{path}", json=body, **options)

    def stream(self):
        """The values of a stream; None once the room is gone."""
        with self.http.stream("GET", f"{self.base}/live") as answer:
            assert answer.status_code == 200
            for line in answer.iter_lines():
                if line.startswith("data: "):
                    yield json.loads(line[6:])


class Learner(Asker):
    """Somebody who joins, or who has a token already, in another tab."""

    def __init__(self, base, name=None, token=None):
        if token is None:
            joining = {"id": str(uuid.uuid4()), "nickname": name}
            told = post(f"{base}/join", json=joining).json()
            self.id, token = told["learner"], told["token"]
        self.token = token
        super().__init__(base, token)

    def send(self, *events):
        return self.post("events", {"events": list(events)})

    def vote(self):
        return self.get("vote").json()


class Instructor(Asker):
    def press(self, action, question=None, seconds=None):
        return self.post("control", {"action": action, "question": question, "seconds": seconds})

    def state(self):
        return self.get("state").json()


class Served:
    """A store's rooms, served from a thread of this process; `base` is the address of a new room."""

    def __init__(self, store, names=False, **options):
        self.store, self.options = store, options
        self.room = store.make_room(names)
        self.secret = tokens.instructor_secret(self.room.key)

    def __enter__(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self.base = f"{self.address}{self.options.get('prefix', '')}/r/{self.room.code}"
        self._server = Server(application(self.store, **self.options))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()
        until(lambda: self._server.started)
        self.instructor = Instructor(self.base, self.secret)
        return self

    def __exit__(self, *_):
        self._server.should_exit = True
        self._thread.join(PATIENCE)

    def join(self, name=None):
        return Learner(self.base, name)


class Process:
    """`bn-course room` as a process of its own, which can be killed and started again at the same port."""

    def __init__(self, database, code="", port=0, names=False):
        words = [code] if code else ["--names"] if names else []
        words += ["--db", database, "--port", str(port), "--host", "127.0.0.1", "--no-browser"]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bn_course.cli", "room", *words], stdout=subprocess.PIPE, text=True
        )
        learners, mine, _ = (self._process.stdout.readline() for _ in range(3))
        self.base = learners.split()[1]
        self.code, self.port = self.base.rpartition("/")[2], int(self.base.split(":")[2].split("/")[0])
        self.secret = mine.strip().rpartition("secret=")[2]
        self.instructor = Instructor(self.base, self.secret)
        self.pid = self._process.pid
        try:
            until(self._answers)
        except BaseException:
            self.kill()
            raise

    def _answers(self):
        try:
            return self.instructor.get("about").status_code == 200
        except httpx.TransportError:
            return False

    def join(self, name=None):
        return Learner(self.base, name)

    def learner(self, token):
        """Who joined elsewhere."""
        return Learner(self.base, token=token)

    def kill(self):
        """As `kill -9`."""
        self._process.kill()
        self._process.wait()

    def wait(self):
        """Its exit code, when it ends by itself."""
        return self._process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self._process.stdout.close()
