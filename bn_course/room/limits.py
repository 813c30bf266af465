"""How much of the server one learner, or one address, may take."""

import time
from collections.abc import Callable

LARGEST_BODY = 16 * 1024  # bytes
SECONDS_FOR_A_BODY = 10
MOST_LEARNERS = 2000  # in a room
MOST_EVENTS = 5000  # of one learner in a room
MOST_STREAMS = 24  # of one learner, whose every notebook is a kernel that listens: there are 16 lessons
MOST_SCREENS = 20  # of a room's instructors
MOST_WAITING = 5000  # events that are read and not stored yet


class Buckets:
    """A bucket each of `burst` drops, refilled at `rate` a second: who has none left has to wait."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float] = time.monotonic):
        self._rate, self._burst, self._clock = rate, burst, clock
        self._levels: dict[str, tuple[float, float]] = {}  # who: (drops, when)

    def take(self, who: str, drops: float = 1) -> float:
        """Take drops; returns 0, or the seconds after which there will be as many, and takes none."""
        now = self._clock()
        if len(self._levels) > 10 * MOST_LEARNERS:
            self._drop_full(now)
        level = self._level(who, now)
        if drops > level:
            return (drops - level) / self._rate
        self._levels[who] = (level - drops, now)
        return 0.0

    def _level(self, who: str, now: float) -> float:
        drops, when = self._levels.get(who, (self._burst, now))
        return min(self._burst, drops + self._rate * (now - when))

    def _drop_full(self, now: float) -> None:
        """A full bucket is as good as none."""
        kept = {who for who in self._levels if self._level(who, now) < self._burst}
        self._levels = {who: self._levels[who] for who in kept}


class Places:
    """A few places each: for streams, which stay open."""

    def __init__(self):
        self._taken: dict[str, int] = {}

    def take(self, who: str, most: int) -> bool:
        """Take a place of so many; False where all are taken."""
        if self._taken.get(who, 0) >= most:
            return False
        self._taken[who] = self._taken.get(who, 0) + 1
        return True

    def give_back(self, who: str) -> None:
        """Give back a place that was taken."""
        self._taken[who] -= 1
        if not self._taken[who]:
            del self._taken[who]
