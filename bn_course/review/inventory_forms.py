"""The inventory: 24 items over eight ideas, once before lesson 01 and once after lesson 14.

Each form is the same for all learners, so that a room's answers can be compared; the order of the choices is
each learner's own. Nothing is said of right and wrong until both forms are done.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from bn_course.grading import progress
from bn_course.review import memory
from bn_course.review.ideas import INVENTORY
from bn_course.review.item import RIGHT, Asked, Item
from bn_course.review.screen import Screen

FORMS = ("before", "after")
UNKNOWN = "unknown"
_UNKNOWN_SAID = "I do not know"


@cache
def items() -> Mapping[str, Item]:
    """The 24 items by name, idea by idea."""
    modules = [import_module(f"bn_course.review.forms.{idea}") for idea in INVENTORY]
    return {v.name: v for module in modules for v in vars(module).values() if isinstance(v, Item)}


@cache
def form(which: str) -> Mapping[str, Asked]:
    """The items of one form, 'before' or 'after', in its numbers. ValueError for any other name."""
    if which not in FORMS:
        raise ValueError(f"the inventory is taken 'before' the course and 'after' it, not {which!r}")
    if which == "before":
        return {name: item.asked("before") for name, item in items().items()}
    return {name: _another(item, form("before")[name]) for name, item in items().items()}


def _another(item: Item, first: Asked) -> Asked:
    """The item in numbers that are not those of the first form."""
    drawn = (item.asked("after", times) for times in range(100))
    return next(asked for asked in drawn if asked.text != first.text)


@cache
def beliefs() -> Mapping[str, str]:
    """What each wrong choice's key stands for, in a sentence."""
    file = Path(__file__).with_name("forms") / "beliefs.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


class Taking:
    """One form as it is taken. It can be left and gone on with; an answer that was given stays."""

    def __init__(self, which: str):
        self.which, self.form = which, form(which)
        self.warning: str | None = None
        self._find()

    def _find(self) -> None:
        answers = memory.load()["inventory"].get(self.which, {"answers": {}})["answers"]
        self.left = [name for name in self.form if name not in answers]
        if self.left:
            order = self.form[self.left[0]].order(f"{progress.seed()}/{self.which}")
            self.order = [*order, UNKNOWN]

    def choose(self, place: int) -> None:
        """Keep the choice at this place, and go on to the next item."""
        if self.left and place in range(len(self.order)):
            name, key = self.left[0], self.order[place]
            self.warning = memory.change(lambda state: self._keep(state, name, key))
            self._find()

    def _keep(self, state: dict, name: str, key: str) -> None:
        entry = state["inventory"].setdefault(self.which, {"answers": {}, "finished": False})
        entry["answers"].setdefault(name, key)
        entry["finished"] = self.form.keys() <= entry["answers"].keys()

    def go_on(self) -> None:
        """Nothing is said of an answer, so there is nothing to go on from."""

    def screen(self) -> Screen:
        """What is to be seen now."""
        if not self.left:
            return Screen(text=_end(self.which), done=True)
        asked = self.form[self.left[0]]
        texts = [asked.choices.get(key, _UNKNOWN_SAID) for key in self.order]
        where = f"{len(self.form) - len(self.left) + 1} of {len(self.form)}"
        return Screen(" ".join(filter(None, (asked.text, self.warning))), asked.code, texts, where)


def _end(which: str) -> str:
    if which == "before":
        return "Done, and kept. What came of it is shown when the second form is done, after lesson 14."
    if not memory.load()["inventory"].get("before", {"finished": False})["finished"]:
        return "Done, and kept. There is no form from before the course to compare it with."
    return "Done, and kept. progress() shows what you gained, idea by idea."


def is_right(answers: Mapping[str, str], name: str) -> bool:
    """Was this item answered rightly?"""
    return answers.get(name) == RIGHT
