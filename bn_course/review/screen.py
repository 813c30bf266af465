"""What a review, or the inventory, shows at one time."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Screen:
    """A question with its choices; what is said of the answer; or, where it is done, the end.

    `right` is the place of the right choice, once it may be shown.
    """

    text: str
    code: str = ""
    choices: list[str] = field(default_factory=list)
    where: str = ""
    said: str = ""
    done: bool = False
    right: int | None = None


class Run(Protocol):
    """What shows screens one after another, and is answered."""

    def screen(self) -> Screen: ...

    def choose(self, place: int) -> None: ...

    def go_on(self) -> None: ...
