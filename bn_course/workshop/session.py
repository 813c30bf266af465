"""One stranger's process, seen from the trusted side: send the cells, then call what they define."""

import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from bn_course.drivers.outcome import Failure, Outcome
from bn_course.drivers.wire import Garbled, frame_size, pack, unpack
from bn_course.grading.question import Probe
from bn_course.workshop import sandbox
from bn_course.workshop.sandbox import Limits

_GRACE = 1.0  # seconds that the child's own clock may be late
_START = 60.0  # seconds until a process is ready; a notebook's own time begins then
_KEPT = 2**16  # bytes that a process prints: why it did not start
_PACKAGES = (
    "torch",
    "scipy",
    "sklearn",
    "matplotlib",
    "triton",
)  # that a notebook may import, if they are here


class Ended(Exception):  # noqa: N818 - an outcome, reported as such
    """The process is gone, or was stopped; the message says why."""


class CannotStart(Exception):  # noqa: N818 - about this machine, no notebook's fault
    """No process can be had in which a notebook could run; the message says why."""

    def __str__(self) -> str:
        return f"the process for the notebooks cannot start here: {super().__str__()}"


class Session:
    """A notebook's cells, run in a process of their own. Use as a context manager.

    A process that dies is started again for the next question, within the time of the submission.
    """

    def __init__(self, cells: Sequence[str], names: Sequence[str], limits: Limits, slot: int = 0):
        self.cells, self.names, self.limits, self.slot = tuple(cells), tuple(names), limits, slot
        self.deadline: float | None = None  # begins when the process is ready
        self.process: subprocess.Popen | None = None
        self.folder: str | None = None  # the process's own, where bubblewrap gives it none
        self.errors: tuple[str | None, ...] = ()
        self.defined: tuple[str, ...] = ()
        self.given_up: dict[str, Outcome] = {}  # what took too long once is not waited for again

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self._stop()

    def start(self) -> None:
        """Run the cells. Raises Ended where they cannot be, and CannotStart where that is not their fault."""
        self._stop()
        self._begin()
        self.deadline = self.deadline or time.monotonic() + self.limits.total
        reply = self._ask({"cells": self.cells, "names": self.names}, self.limits.total, "its cells")
        if not isinstance(reply, dict) or not {"errors", "defined"} <= reply.keys():
            self._stop()
            raise Ended("its process sent something that is no reply")
        self.errors = tuple(str(e)[:300] if e is not None else None for e in reply["errors"])
        self.defined = tuple(name for name in self.names if name in reply["defined"])

    def _begin(self) -> None:
        """Start the process, as far as it goes before anything of the notebook's runs."""
        try:
            if not sandbox.bubblewrap():
                self.folder = tempfile.mkdtemp(prefix="bn-course-")
            self.process = subprocess.Popen(
                sandbox.command(),
                env=sandbox.environment(self.folder or "/tmp"),
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                bufsize=0,
            )
        except OSError as error:
            raise CannotStart(f"{error.strerror or error}") from None
        said = bytearray()
        drained = threading.Thread(target=self._drain, args=(self.process.stderr, said), daemon=True)
        drained.start()
        packages = [name for name in _PACKAGES if find_spec(name)]
        first = {"limits": self.limits.message(sandbox.user(self.slot)), "packages": packages}
        try:
            missing = self._exchange(pack(first), time.monotonic() + _START)["missing"]
        except TimeoutError:
            reason = f"it was not ready after {_START:g} s"
        except (OSError, EOFError, Garbled, TypeError, KeyError):
            drained.join(_GRACE)
            reason = (said.decode(errors="replace").strip().splitlines() or ["it ended at once"])[-1]
        else:
            reason = missing and f"it has no {', '.join(missing)}"
        if reason:
            self._stop()
            raise CannotStart(reason)

    def call(self, name: str, probe: Probe) -> Outcome:
        """What the notebook's `name` does with a probe; a failure where its process ends over it."""
        if name not in self.given_up:
            outcome = self._call(name, probe)
            if not outcome.failure or outcome.failure.type_name not in ("Stopped", "TimeoutError"):
                return outcome
            self.given_up[name] = outcome
        return self.given_up[name]

    def _call(self, name: str, probe: Probe) -> Outcome:
        try:
            if self.process is None:
                self.start()
            request = {"name": name, "driver": probe.driver, "args": probe.args}
            reply = self._ask(request, self.limits.call + _GRACE, "a call")
        except Ended as end:
            return Outcome(failure=Failure("Stopped", str(end)))
        if not isinstance(reply, Outcome):
            self._stop()
            return Outcome(failure=Failure("Stopped", "its process sent something that is no reply"))
        return reply

    def try_edited(self, request: dict) -> list[tuple[Outcome, float]]:
        """What an edited program does, as `drivers.edited` says; nothing where the process ends over it."""
        try:
            if self.process is None:
                self.start()
            reply = self._ask(request, self.limits.call + _GRACE, "an edited answer")
            return [(o, max(0.0, float(took))) for o, took in reply if isinstance(o, Outcome)]
        except (Ended, CannotStart, TypeError, ValueError):
            return []

    def _ask(self, message: Any, seconds: float, what: str) -> Any:
        until = min(time.monotonic() + seconds, self.deadline)
        try:
            return self._exchange(pack(message), until)
        except TimeoutError:
            over = time.monotonic() >= self.deadline
            reason = f"{self.limits.total:g} s in all" if over else f"{seconds:g} s for {what}"
            ended = Ended(f"it took longer than {reason}")
        except (BrokenPipeError, EOFError):
            ended = Ended(f"its process ended in {what}")
        except Garbled as error:
            ended = Ended(f"its process sent {error}")
        self._stop()
        raise ended

    def _exchange(self, frame: bytes, until: float) -> Any:
        """Write a whole frame and read a whole one, by turns as the pipes allow, until a time."""
        outgoing, incoming = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(outgoing, False)
        os.set_blocking(incoming, False)
        received = bytearray()
        with selectors.DefaultSelector() as ready:
            ready.register(incoming, selectors.EVENT_READ)
            ready.register(outgoing, selectors.EVENT_WRITE)
            while (size := frame_size(bytes(received[:16]))) is None or len(received) < size:
                events = ready.select(max(0.0, until - time.monotonic()))
                if not events or time.monotonic() >= until:
                    raise TimeoutError
                for key, _ in events:
                    if key.fd == outgoing:
                        frame = frame[os.write(outgoing, frame) :]
                        if not frame:
                            ready.unregister(outgoing)
                    else:
                        received += self._read(incoming)
        return unpack(bytes(received[:size]))

    def _read(self, descriptor: int) -> bytes:
        piece = os.read(descriptor, 2**16)
        if not piece:
            raise EOFError
        return piece

    def _drain(self, stream, said: bytearray) -> None:
        """Read what the process prints, so that it never blocks; its beginning is kept in `said`."""
        with suppress(OSError, ValueError):
            while piece := stream.read(2**16):
                said += piece[: _KEPT - len(said)]

    def _stop(self) -> None:
        if self.process is None:
            return
        with suppress(OSError):  # the whole group, so that what it started goes too
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            with suppress(OSError):
                stream.close()
        self.process = None
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
