"""What was learned between the inventory's two forms, by idea, and which beliefs an answer sheet shows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bn_course.review.ideas import IDEAS, INVENTORY
from bn_course.review.inventory_forms import FORMS, form, is_right, items


@dataclass(frozen=True)
class Gain:
    """The right answers to one idea, or to all, before and after, of how many."""

    idea: str
    before: int
    after: int
    of: int

    @property
    def normalised(self) -> float | None:
        """(after − before) / (of − before): the share of what could be gained (Hake 1998); None where
        nothing could."""
        return (self.after - self.before) / (self.of - self.before) if self.before < self.of else None


def gains(inventory: Mapping[str, Mapping]) -> list[Gain]:
    """A row for each idea and one for all of them; nothing until both forms are finished."""
    if not all(inventory.get(which, {"finished": False})["finished"] for which in FORMS):
        return []
    before, after = (inventory[which]["answers"] for which in FORMS)
    names = {IDEAS[idea]: [n for n, item in items().items() if item.idea == idea] for idea in INVENTORY}
    names["all"] = list(items())
    return [
        Gain(idea, *(sum(is_right(answers, name) for name in some) for answers in (before, after)), len(some))
        for idea, some in names.items()
    ]


def to_dicts(inventory: Mapping[str, Mapping]) -> list[dict]:
    """The rows of `gains`, ready for JSON."""
    return [{**asdict(gain), "gain": gain.normalised} for gain in gains(inventory)]


def held(answers: Mapping[str, str], which: str) -> dict[str, tuple[int, int]]:
    """The beliefs that an answer sheet shows: those chosen wherever they could be, as (chosen, offered)."""
    offered: dict[str, list[bool]] = {}
    for name, asked in form(which).items():
        for key in asked.choices:
            offered.setdefault(key, []).append(answers.get(name) == key)
    return {key: (sum(hits), len(hits)) for key, hits in offered.items() if key != "right" and all(hits)}
