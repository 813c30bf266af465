"""Peer instruction: the rules of a vote, and what each side may see of it.

Asked, answered, closed; perhaps the histogram; discussed; a second round; the outcome (Mazur, Peer
Instruction, 1997). A first answer in an open round counts, and no other; the second stands beside the first.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import mean
from typing import Any, NamedTuple

from bn_course.grading.catalogue import predictions
from bn_course.grading.show import came_true
from bn_course.room.asked import text as asked_text
from bn_course.room.events import Event
from bn_course.room.store import INSTRUCTOR, Row

ACTIONS = ("open", "close", "show", "revote", "outcome")
SHORTEST, LONGEST = 10, 600  # seconds of a countdown


class OutOfOrderError(ValueError):
    """The button does not fit now; the message says why. Nothing was changed."""


class Answer(NamedTuple):
    """A letter or a number, and how sure in %."""

    choice: str | float
    confidence: int


@dataclass
class Round:
    """Who answered what, and until when: a time of the server's, or None while that is open."""

    closes: float | None
    answers: dict[str, Answer] = field(default_factory=dict)

    def open_at(self, now: float) -> bool:
        return self.closes is None or now < self.closes


@dataclass
class Vote:
    """A prediction that was put to the room: a round, or two, and what was shown since the last."""

    number: int
    question: str
    rounds: list[Round]
    shown: bool = False
    outcome: bool = False

    def state(self, now: float) -> str:
        if self.rounds[-1].open_at(now):
            return "open"
        return "shown" if self.shown else "closed"


class Votes:
    """Every vote of a room, computed from its events."""

    def __init__(self, rows: Iterable[Row] = ()):
        self.of: dict[str, Vote] = {}  # by question, in the order in which they were opened
        self.current: Vote | None = None
        for row in rows:
            self.add(row)

    def add(self, row: Row) -> None:
        """Take in the next event. Those that are about no vote change nothing."""
        if row.learner != INSTRUCTOR:
            self._add_learners(row)
        elif row.kind == "open" and row.body["question"] not in self.of:
            self.current = Vote(len(self.of) + 1, row.body["question"], [Round(row.body["closes"])])
            self.of[self.current.question] = self.current
        else:
            self.current = self.of[row.body["question"]]
            _controlled(self.current, row)

    def _add_learners(self, row: Row) -> None:
        if row.kind == "leave" and not row.body["keep"]:
            for vote in self.of.values():
                for one in vote.rounds:
                    one.answers.pop(row.learner, None)
        elif row.kind == "prediction" and row.body["question"] in self.of and row.body["round"]:
            rounds = self.of[row.body["question"]].rounds
            asked = rounds[row.body["round"] - 1 : row.body["round"]]
            if asked and asked[0].open_at(row.received):
                answer = Answer(row.body["choice"], row.body["confidence"])
                asked[0].answers.setdefault(row.learner, answer)


def _controlled(vote: Vote, row: Row) -> None:
    if row.kind == "open":  # once more: the same round goes on
        vote.rounds[-1].closes = row.body["closes"]
    elif row.kind == "revote":
        vote.rounds.append(Round(row.body["closes"]))
        vote.shown = False
    elif row.kind == "close":
        vote.rounds[-1].closes = row.received
    elif row.kind == "show":
        vote.shown = True
    elif row.kind == "outcome":
        vote.shown = vote.outcome = True


def decide(rows: list[Row], action: str, question: str | None, seconds: float | None, now: float) -> Event:
    """The event that a button makes of what was done before; OutOfOrderError where it does not fit."""
    votes = Votes(rows)
    current = votes.current
    question = question or (current.question if current else None)
    if question not in predictions():
        raise OutOfOrderError("There is no such prediction.")
    vote = votes.of.get(question)
    is_open = bool(current) and current.state(now) == "open"
    if reason := _against(action, vote, is_open, is_open and vote is current):
        raise OutOfOrderError(reason)
    closes = None
    if action == "close":
        closes = now
    elif seconds is not None:
        closes = now + min(max(seconds, SHORTEST), LONGEST)
    return Event(str(uuid.uuid4()), action, now, {"question": question, "closes": closes})


def _against(action: str, vote: Vote | None, any_open: bool, this_open: bool) -> str:
    """Why this cannot be done to this vote now; nothing where it can."""
    if action == "close":
        return "" if this_open else "This vote is not open."
    if any_open:
        return "A vote is open: close it first."
    if vote is None:
        return "" if action == "open" else "This has not been voted on."
    if vote.outcome:
        return "Its outcome has been shown: it is over."
    if action == "open" and vote.shown:
        return "Its answers have been shown: what can follow is a second round."
    if action == "revote" and len(vote.rounds) > 1:
        return "There have been two rounds."
    return ""


def for_learner(vote: Vote | None, learner: str, now: float) -> dict[str, Any] | None:
    """What a learner sees: nobody's answer, and the outcome once it is shown."""
    if vote is None:
        return None
    return _head(vote, now) | {"answered": learner in vote.rounds[-1].answers}


def for_instructor(vote: Vote | None, now: float) -> dict[str, Any] | None:
    """What the screen in front sees: until a round is shown, only how many have answered."""
    if vote is None:
        return None
    asked, last = predictions()[vote.question], vote.rounds[-1]
    rounds = [
        {"round": n, "answered": len(one.answers), "counts": None, "sure": None, "numbers": None}
        | (_counted(one, bool(asked.texts)) if vote.shown else {})
        for n, one in enumerate(vote.rounds, 1)
    ]
    letters = {chr(ord("a") + n): said for n, said in enumerate(asked.texts)}
    return _head(vote, now) | {
        "text": asked_text(vote.question),
        "answered": len(last.answers),
        "choices": letters or None,
        "rounds": rounds,
        "moves": moves(vote) if vote.outcome else None,
    }


def moves(vote: Vote) -> dict[str, int] | None:
    """Of those who answered in both rounds, how many kept their answer, or moved and how; None after one."""
    if len(vote.rounds) < 2:
        return None
    asked, (first, second) = predictions()[vote.question], (one.answers for one in vote.rounds)
    pairs = [(first[who].choice, second[who].choice) for who in first if who in second]
    right = [(came_true(before, asked), came_true(after, asked)) for before, after in pairs]
    kept = sum(before == after for before, after in pairs)
    return {
        "kept": kept,
        "changed": len(pairs) - kept,
        "wrong_to_right": right.count((False, True)),
        "right_to_wrong": right.count((True, False)),
    }


def _head(vote: Vote, now: float) -> dict[str, Any]:
    state, closes = vote.state(now), vote.rounds[-1].closes
    left = max(0.0, closes - now) if state == "open" and closes is not None else None
    return {
        "vote": vote.number,
        "question": vote.question,
        "round": len(vote.rounds),
        "state": state,
        "closes": closes,
        "left": left and round(left, 1),
        "outcome": predictions()[vote.question].answer if vote.outcome else None,
    }


def _counted(one: Round, letters: bool) -> dict[str, Any]:
    """How many chose each letter, and how sure they were in the mean; or the numbers that were given."""
    if not letters:
        return {"numbers": sorted(answer.choice for answer in one.answers.values())}
    sure: dict[str, list[int]] = {}
    for answer in one.answers.values():
        sure.setdefault(answer.choice, []).append(answer.confidence)
    return {
        "counts": {letter: len(sure[letter]) for letter in sorted(sure)},
        "sure": {letter: round(mean(sure[letter])) for letter in sorted(sure)},
    }
