"""What a prediction's box is while a room votes on it: a ballot, which never says the outcome too early."""

import time
from dataclasses import dataclass
from typing import Any

from bn_course.grading.question import Prediction

_OPEN = {1: "The room votes. Choose, then press Vote.", 2: "Second vote: choose again, as you now think."}
_CLOSED = {
    "open": "Your vote is in{mine}. Wait for the others.",
    "closed": "The vote is closed{mine}. Wait before you run on.",
    "shown": "How the room voted is on the screen{mine}. Talk to somebody who chose otherwise.",
}


@dataclass(frozen=True)
class Ballot:
    """A vote on one prediction, as the room tells of it.

    `round` is 1 or 2, `state` open, closed or shown. `ends` is when it closes, on this process's monotonic
    clock; `answered` whether the vote of this round is in, and `mine` what it was, where this kernel
    knows it: {"answer", "sure"}.
    """

    id: int | str
    round: int
    state: str
    ends: float | None
    answered: bool
    outcome: Any = None
    mine: dict | None = None

    @classmethod
    def read(cls, vote: dict, before: "Ballot | None") -> "Ballot":
        """A vote as the room sent it, after what was known `before`."""
        left = vote.get("left")
        ends = None if left is None else time.monotonic() + left
        same = before is not None and (before.id, before.round) == (vote["vote"], vote["round"])
        counted = vote["state"] == "open" or vote.get("answered")  # else it came too late
        mine = before.mine if same and counted else None
        answered = bool(vote.get("answered")) or mine is not None
        return cls(vote["vote"], vote["round"], vote["state"], ends, answered, vote.get("outcome"), mine)

    @property
    def open(self) -> bool:
        """Whether this learner may vote now."""
        return self.state == "open" and not self.answered

    def shown(self) -> dict:
        """What the page needs: it counts the seconds down itself."""
        left = None if self.ends is None else max(0.0, self.ends - time.monotonic())
        name, again = f"{self.id}.{self.round}", self.round > 1
        return {"id": name, "open": self.open, "left": left, "mine": self.mine, "again": again}

    def said(self, prediction: Prediction) -> str:
        """How it stands, in a sentence or two."""
        mine = f": {_words(self.mine['answer'], prediction)}, {self.mine['sure']} % sure" if self.mine else ""
        if self.outcome is not None:
            told = f" You voted for {mine[2:]}." if mine else ""
            return f"The outcome: {_words(self.outcome, prediction)}.{told} Now run on."
        return _OPEN[self.round] if self.open else _CLOSED[self.state].format(mine=mine)


def _words(answer: str | float, prediction: Prediction) -> str:
    return prediction.said(answer) if isinstance(answer, str) else f"{answer:g}"
