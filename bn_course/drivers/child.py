"""The process in which a stranger's notebook runs. It knows no reference and no expected value.

Standard input brings requests, standard output takes replies; what the notebook prints goes to standard
error. The first request has the limits and is answered before anything of the notebook runs, so that a
process which never got so far is known to be no fault of the notebook's. The second has the cells, each
later one a call, or an edited program to try.
"""

import os
import select
import signal
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from bn_course.drivers.edited import compiled, run_edited
from bn_course.drivers.outcome import Failure, Outcome, attempt, describe
from bn_course.drivers.shell import Shell
from bn_course.drivers.state import clean_state
from bn_course.drivers.wire import Garbled, frame_size, pack, unpack


class TooSlow(BaseException):
    """Raised in the learner's code when its time is up."""


def main() -> None:
    requests, replies = os.dup(0), os.dup(1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    first = receive(requests)
    limits = first["limits"]
    limit(limits)
    signal.signal(signal.SIGALRM, _time_is_up)
    shell = Shell.instance()
    send(replies, {"missing": tuple(name for name in first["packages"] if find_spec(name) is None)})
    notebook = receive(requests)
    errors = [run_cell(source, shell, limits) for source in notebook["cells"]]
    defined = [name for name in notebook["names"] if callable(shell.user_ns.get(name))]
    send(replies, {"errors": tuple(errors), "defined": tuple(defined)})
    while True:
        request = receive(requests)
        send(replies, (tried if "program" in request else answer)(request, shell, limits))


def run_cell(source: str, shell: Shell, limits: dict) -> str | None:
    """Run one cell; what it raised, in a line, or None."""

    def work() -> None:
        if error := shell.run(source):
            raise error

    outcome = guarded(work, limits["cell"])
    return str(outcome.failure) if outcome else None


def answer(request: dict, shell: Shell, limits: dict) -> Outcome:
    """Call what the notebook defined, as the request says."""
    subject = shell.user_ns[request["name"]]

    def work() -> Outcome:
        with clean_state():  # whatever the notebook's cells have set
            return attempt(subject, request["driver"], request["args"])

    return guarded(lambda: shell.inside(work), limits["call"])


def tried(request: dict, _shell: Shell, limits: dict) -> tuple:
    """What an edited program does with its jobs, in a process that ends with them."""
    compiled(request["program"])  # for this copy of the process and for the next ones
    return apart(lambda: tuple(run_edited(**request)), limits["call"]) or ()


def apart(work, seconds: float) -> Any:
    """What `work` returns, done by a copy of this process; None where the copy ends otherwise."""
    reading, writing = os.pipe()
    copy = os.fork()
    if not copy:
        try:
            os.close(reading)
            send(writing, guarded(work, seconds))
        finally:
            os._exit(0)
    os.close(writing)
    try:
        reply = read_frame(reading, time.monotonic() + seconds + 0.5)
    except (Garbled, EOFError, TimeoutError):
        reply = None
    os.close(reading)
    with suppress(ProcessLookupError):
        os.kill(copy, signal.SIGKILL)
    os.waitpid(copy, 0)
    return reply if isinstance(reply, tuple) else None


def guarded(work, seconds: float) -> Any:
    """Do `work` within a time; whatever ends it becomes an Outcome with a failure."""
    too_slow = Outcome(failure=Failure("TimeoutError", f"it took longer than {seconds:g} s"))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        outcome = work()
        # The alarm may have been caught by what it was to end: %%time catches everything.
        return outcome if signal.getitimer(signal.ITIMER_REAL)[0] else too_slow
    except TooSlow:
        return too_slow
    except BaseException as error:  # SystemExit and KeyboardInterrupt end a notebook's cell, not this process
        return Outcome(failure=describe(error))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def limit(limits: dict) -> None:
    """Give up what the notebook must not have; none of it can be had back."""
    import resource

    if limits["uid"]:
        os.setgroups([])
        os.setgid(limits["uid"])
        os.setuid(limits["uid"])
    for name, value in limits["resources"].items():
        with suppress(AttributeError, ValueError, OSError):  # not every system knows every limit
            resource.setrlimit(getattr(resource, name), (value, value))


def receive(descriptor: int) -> Any:
    """The next request; the process ends when there is none."""
    try:
        return read_frame(descriptor)
    except EOFError:
        os._exit(0)


def read_frame(descriptor: int, until: float | None = None) -> Any:
    """The next message, which must have come whole by the time `until`."""
    frame = b""
    while (size := frame_size(frame)) is None or len(frame) < size:
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([descriptor], [], [], left)[0]:
            raise TimeoutError
        piece = os.read(descriptor, (16 if size is None else size) - len(frame))
        if not piece:
            raise EOFError
        frame += piece
    return unpack(frame)


def send(descriptor: int, message: Any) -> None:
    try:
        frame = pack(message)
        frame_size(frame)
    except (Garbled, TypeError) as error:
        frame = pack(Outcome(failure=Failure("ValueError", str(error))))
    while frame:
        frame = frame[os.write(descriptor, frame) :]


def _time_is_up(*_) -> None:
    raise TooSlow


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
