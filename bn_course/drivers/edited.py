"""Run a program that holds many edits, each behind a switch: it knows the probes and no expected value.

The program reads `__on__`, the numbers of the edits that are on, and calls `__tick__()` at every turn of a
loop and at every call, so that an edit that never ends is cut off.
"""

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bn_course.drivers.outcome import Failure, Outcome, attempt


class OutOfTime(BaseException):
    """Raised in an edited answer that takes too long: no `except Exception` holds it up."""


def run_edited(
    program: str, name: str, probes: Sequence[tuple], jobs: Sequence[tuple], seconds: float, longest: float
) -> list[tuple[Outcome, float]]:
    """The outcome of each job, and the seconds of processor time that it took.

    A job is (the switches that are on, the number of a probe), a probe (driver, arguments); the program's
    `name` is what is probed. The jobs after those for which `seconds` were enough have no outcome; one job
    may take `longest`.
    """
    code = compiled(program)
    end = time.process_time() + seconds
    done: list[tuple[Outcome, float]] = []
    for on, number in jobs if code else ():
        start = time.process_time()
        if start >= end:
            break
        outcome = _attempt(code, name, frozenset(on), *probes[number], min(end, start + longest))
        done.append((outcome, time.process_time() - start))
    return done


@lru_cache(maxsize=8)
def compiled(program: str) -> Any:
    """The program's code; None where it cannot be compiled."""
    try:
        return compile(program, "<edited>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _attempt(code, name, on, driver, args, until) -> Outcome:
    namespace = {"__name__": "__edited__", "__on__": on, "__tick__": _clock(until), "print": _say_nothing}
    try:
        exec(code, namespace)
        return attempt(namespace[name], driver, args, _named)
    except (Exception, OutOfTime) as error:
        return Outcome(failure=_named(error))


def _named(error: BaseException) -> Failure:
    """Its type alone: to find the line in a program of a thousand edits takes longer than to run it."""
    return Failure(type(error).__name__, "")


def _clock(until: float, every: int = 64):
    """A function that raises once the time is up; it looks at the clock at every so many calls."""
    left = every

    def tick() -> bool:
        nonlocal left
        left -= 1
        if left <= 0:
            if time.process_time() > until:
                raise OutOfTime  # and again at each later call
            left = every
        return True

    return tick


def _say_nothing(*_, **__) -> None:
    """What `print` does in an edited answer."""
