"""A place in the learner's source: what is shown of it, and what is said."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

LONGEST = 90  # characters of an expression that is worth showing whole


@dataclass(frozen=True)
class Place:
    """An expression or a statement that one change makes pass, with that change.

    `line` counts from 1 in the learner's cell or file, `start` and `end` are columns in that line, from 0;
    `end` is that of the line where the expression goes on in the next. `role` says what several places have
    to do with one another: each "alone" or "either" of two mends the answer; those "together" must all be
    changed, and "alike" means by the same change.
    """

    line: int
    text: str
    start: int
    end: int
    within: str
    fix: str
    role: str = "alone"

    def to_dict(self) -> dict:
        """Everything, ready for JSON."""
        return asdict(self)

    def moved(self, lines: int) -> "Place":
        """The same place where its text stands so many lines further down."""
        return replace(self, line=self.line + lines)


def place_sentence(places: Sequence[Place]) -> str:
    """What a report says of the places, without how to change them."""
    if not places:
        return ""
    listed = _listed([f"line {place.line}: `{place.text}`" for place in places], places[0].role)
    if places[0].role == "together":
        return f"Look at {listed}. Changed in both places, your answer passes these checks."
    if places[0].role == "alike":
        return f"Look at {listed}. With the same change in each, your answer passes these checks."
    return f"Look at {listed}. Changed in one place, your answer passes these checks."


def _listed(names: Sequence[str], role: str) -> str:
    *first, last = names
    joint = ", or at " if role == "either" else " and "
    return f"{', '.join(first)}{joint}{last}" if first else last
