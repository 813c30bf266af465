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
    program: str,
    name: str,
    switches: Sequence[Sequence[int]],
    driver: str,
    args: tuple,
    seconds: float,
    longest: float,
) -> list[Outcome]:
    """What the program's `name` does with one probe under each setting of the switches.

    Fewer outcomes than settings where `seconds` of processor time were not enough for all; one setting may
    take `longest`.
    """
    try:
        code = _compiled(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    end = time.process_time() + seconds
    outcomes = []
    for on in switches:
        now = time.process_time()
        if now >= end:
            break
        outcomes.append(_attempt(code, name, frozenset(on), driver, args, min(end, now + longest)))
    return outcomes


@lru_cache(maxsize=8)
def _compiled(program: str) -> Any:
    return compile(program, "<edited>", "exec")


def _attempt(code, name, on, driver, args, until) -> Outcome:
    namespace = {"__name__": "__edited__", "__on__": on, "__tick__": _clock(until), "print": _say_nothing}
    try:
        exec(code, namespace)
        return attempt(namespace[name], driver, args)
    except (Exception, OutOfTime) as error:
        return Outcome(failure=Failure(type(error).__name__, ""))


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
