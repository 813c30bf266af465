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
    if len(places) == 1:
        (place,) = places
        if "`" in place.text or place.text.count("\n"):
            return f"One change in line {place.line} passes all checks."
        return f"One change in {_named(place)} passes all checks."
    names = [_named(place) for place in places]
    if places[0].role == "either":
        return f"One change passes all checks: in {names[0]} or in {names[1]}."
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    if places[0].role == "alike":
        return f"The same change in {listed} passes all checks."
    return f"Two changes together pass all checks: in {listed}."


def _named(place: Place) -> str:
    return f"line {place.line}: `{place.text}`" if place.text else f"line {place.line}"
