"""What a room is doing, computed from its events: who is stuck on what, whose hand is up, who is where."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bn_course.grading.catalogue import catalogue, predictions
from bn_course.room import votes
from bn_course.room.store import INSTRUCTOR, Row

STUCK_AFTER = 3  # failed attempts
MOST_STUCK = 20


@dataclass
class Trying:
    """One learner on one question; `mistakes` and `example` are those of the last attempt."""

    attempts: int = 0
    passed: bool = False
    first: float = 0.0
    last: float = 0.0
    mistakes: tuple[str, ...] = ()
    example: str | None = None


@dataclass
class Learner:
    """What a learner has done. `name` is None for whoever gave none; `events` is how many they sent."""

    name: str | None = None
    events: int = 0
    questions: dict[str, Trying] = field(default_factory=dict)  # the one tried last stands last
    hand: float | None = None  # when it was raised
    place: tuple[str, str] | None = None  # lesson, section


class Held(NamedTuple):
    """A misconception that a learner has now, on a question."""

    key: str
    question: str
    learner: str
    example: str | None


class State:
    """A room, event by event: `add` each once, in their order; `shown` is what its screen shows."""

    def __init__(self, rows: Iterable[Row] = ()):
        self.learners: dict[str, Learner] = {}
        self.left: set[str] = set()
        self.votes = votes.Votes()
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Take in the next event."""
        if row.learner in self.learners:
            self.learners[row.learner].events += 1
        if row.kind in _ADD:
            _ADD[row.kind](self, row)
        if row.learner == INSTRUCTOR or row.kind in ("prediction", "leave"):
            self.votes.add(row)

    def shown(self, now: float) -> dict[str, Any]:
        """The state as the instructor's page is told it, ready for JSON."""
        return {
            "learners": self._present(),
            "vote": votes.for_instructor(self.votes.current, now),
            "votes": list(self.votes.of),
            "predictions": list(predictions()),
            "questions": self._questions(now),
            "misconceptions": self._misconceptions(),
            "hands": self._hands(now),
            "stuck": self._stuck(now),
            "sections": self._sections(),
        }

    def _present(self) -> int:
        return sum(who not in self.left for who in self.learners)

    def _join(self, row: Row) -> None:
        self.learners.setdefault(row.learner, Learner()).name = row.body["name"]

    def _check(self, row: Row) -> None:
        if learner := self.learners.get(row.learner):
            name, passed = row.body["question"], row.body["state"] == "passed"
            tried = learner.questions.pop(name, None) or Trying(first=row.received)
            learner.questions[name] = tried
            tried.attempts += 1
            tried.passed = tried.passed or passed
            tried.last = row.received
            tried.mistakes, tried.example = tuple(row.body["misconceptions"]), row.body["example"]

    def _hand(self, row: Row) -> None:
        if learner := self.learners.get(row.learner):
            up = row.body["state"] == "up"
            learner.hand = (learner.hand or row.received) if up else None

    def _seen(self, row: Row) -> None:
        if learner := self.learners.get(row.learner):
            learner.place = (row.body["lesson"], row.body["section"])

    def _leave(self, row: Row) -> None:
        self.left.add(row.learner)
        if not row.body["keep"]:
            self.learners.pop(row.learner, None)
        elif learner := self.learners.get(row.learner):
            learner.name = learner.hand = learner.place = None

    def _tries(self) -> Iterable[tuple[str, Learner, str, Trying]]:
        """Who, and what they try, for each question that anybody here has tried."""
        for who, learner in self.learners.items():
            for question, tried in learner.questions.items():
                yield who, learner, question, tried

    def _questions(self, now: float) -> list[dict[str, Any]]:
        tried: dict[str, list[Trying]] = defaultdict(list)
        not_begun = Counter(dict.fromkeys(catalogue(), self._present()))
        for who, _, question, one in self._tries():
            tried[question].append(one)
            not_begun[question] -= who not in self.left
        return [_row(name, tried[name], not_begun[name], now) for name in catalogue() if name in tried]

    def _misconceptions(self) -> list[dict[str, Any]]:
        held: dict[str, list[Held]] = defaultdict(list)
        for who, _, question, tried in self._tries():
            if who not in self.left and not tried.passed:
                for key in tried.mistakes:
                    held[key].append(Held(key, question, who, tried.example))
        found = [_misconception(key, those) for key, those in held.items()]
        return sorted(found, key=lambda one: (-one["learners"], one["key"]))

    def _hands(self, now: float) -> list[dict[str, Any]]:
        up = sorted((one for one in self.learners.values() if one.hand), key=lambda one: one.hand)
        return [
            {
                "name": one.name,
                "minutes": _minutes(now - one.hand),
                "question": next(reversed(one.questions), None),
            }
            for one in up
        ]

    def _stuck(self, now: float) -> list[dict[str, Any]]:
        found = [
            (learner, question, tried)
            for who, learner, question, tried in self._tries()
            if who not in self.left and not tried.passed and tried.attempts >= STUCK_AFTER
        ]
        longest = sorted(found, key=lambda one: one[2].first)[:MOST_STUCK]
        return [
            {
                "name": learner.name,
                "question": question,
                "attempts": tried.attempts,
                "minutes": _minutes(now - tried.first),
                "misconceptions": list(tried.mistakes),
            }
            for learner, question, tried in longest
        ]

    def _sections(self) -> list[dict[str, Any]]:
        there: dict[tuple[str, str], int] = defaultdict(int)
        for learner in self.learners.values():
            if learner.place:
                there[learner.place] += 1
        return [{"lesson": a, "section": b, "learners": n} for (a, b), n in sorted(there.items())]


_ADD = {
    "join": State._join,
    "check": State._check,
    "hand": State._hand,
    "seen": State._seen,
    "leave": State._leave,
}


def _row(name: str, tried: list[Trying], not_begun: int, now: float) -> dict[str, Any]:
    passed = sum(one.passed for one in tried)
    return {
        "question": name,
        "lesson": catalogue()[name].lesson,
        "trying": len(tried) - passed,
        "passed": passed,
        "not_begun": not_begun,
        "attempts": sum(one.attempts for one in tried),
        "minutes": _minutes(now - max(one.last for one in tried)),
    }


def _misconception(key: str, held: list[Held]) -> dict[str, Any]:
    on: dict[str, list[Held]] = defaultdict(list)
    for one in held:
        on[one.question].append(one)
    places = [_place(question, those) for question, those in on.items()]
    known = next(m for m in catalogue()[held[0].question].misconceptions if m.key == key)
    return {
        "key": key,
        "learners": len({one.learner for one in held}),
        "did": known.did,
        "why": known.why,
        "questions": sorted(places, key=lambda place: (-place["learners"], place["question"])),
    }


def _place(question: str, held: list[Held]) -> dict[str, Any]:
    """The example is the shortest that anybody sent: the smallest failing input, by nobody's name."""
    examples = [one.example for one in held if one.example]
    return {
        "question": question,
        "learners": len(held),
        "ask": list(catalogue()[question].ask),
        "example": min(examples, key=lambda text: (len(text), text), default=None),
    }


def _minutes(seconds: float) -> float:
    return round(max(0.0, seconds) / 60, 1)
