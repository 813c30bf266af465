"""A finding, and the list of the functions that make them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """A sentence on one layer, its evidence, and the lesson that explains it.

    Attributes:
        text: what is the case, with its number.
        lesson: the two digits of the lesson that explains it.
        do: what to do, in one sentence.
        value: the number that decides; None where it is a matter of yes or no.
        interval: where chance could have put the number, (low, high); None where no chance is in it.
        examples: about how many examples would settle the matter; None where it is settled.
    """

    text: str
    lesson: str
    do: str = ""
    value: float | None = None
    interval: tuple[float, float] | None = None
    examples: int | None = None

    def __str__(self) -> str:
        return f"{self.text} (lesson {self.lesson})"


# A finding's function takes what was seen of one layer (`seen.Seen`) and returns a Finding, or None.
WARNINGS: list[Callable] = []
NOTES: list[Callable] = []


def warns(find: Callable) -> Callable:
    """Enter a function among those whose findings are warnings."""
    WARNINGS.append(find)
    return find


def notes(find: Callable) -> Callable:
    """Enter a function among those whose findings are notes."""
    NOTES.append(find)
    return find


def findings(finders: list[Callable], seen) -> Iterator[Finding]:
    """What the functions find, in their order."""
    return (found for find in finders if (found := find(seen)) is not None)
