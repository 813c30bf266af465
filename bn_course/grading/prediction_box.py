"""The widget in which a prediction is made."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from weakref import WeakSet

import anywidget
import traitlets

from bn_course.grading import progress as store
from bn_course.grading.ballot import Ballot
from bn_course.grading.catalogue import predictions
from bn_course.grading.predict import in_words, record, without_page
from bn_course.grading.question import Prediction
from bn_course.grading.telling import tell
from bn_course.live.plot import SHELL_CSS, module_text

SURE = {"a guess": 50, "rather sure": 75, "very sure": 95}
HERE = Path(__file__)
boxes: "WeakSet[PredictionBox]" = WeakSet()  # those of this kernel: a room that votes looks for its own


class PredictionBox(anywidget.AnyWidget):
    """A choice or a number, how sure one is of it, and a button that records both.

    `said` is what stands beside the button; `made` is the recorded prediction, None until there is one.
    Choices that have words are shown in the order that the learner's seed gives. While a room votes on this
    prediction, `vote` is the ballot: a second answer goes to the room, and the first stays the recorded one.
    """

    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS

    said = traitlets.Unicode().tag(sync=True)
    made = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    vote = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    _name = traitlets.Unicode().tag(sync=True)
    _letters = traitlets.List().tag(sync=True)  # none: a number is asked for
    _texts = traitlets.List().tag(sync=True)  # what is shown for each letter
    _sure = traitlets.Dict(SURE).tag(sync=True)

    def __init__(self, name: str, choices: str | None):
        self._prediction = predictions().get(name, Prediction(""))
        self._ballot: Ballot | None = None
        shown = in_words(name, choices or "", self._prediction, store.seed())
        super().__init__(_name=name, _letters=[*shown], _texts=[*shown.values()])
        self._settle()
        self.on_msg(self._asked)
        boxes.add(self)

    def record(self, answer: str | None, sure: int) -> None:
        """Record an answer; say what is missing where it is none."""
        if not answer or (self._letters and answer not in self._letters):
            self.said = "Choose one first." if self._letters else "Write a number first."
            return
        try:
            number = answer if self._letters else float(answer)
        except ValueError:
            self.said = "A number, please, such as 0.5 or 1e-3."
            return
        self._keep(number, sure)

    def follow(self, vote: dict | None) -> None:
        """Be the ballot of a room's vote on this prediction; of another's, or of none, be what it was."""
        was = self._ballot
        self._ballot = Ballot.read(vote, was) if vote and vote["question"] == self._name else None
        if was or self._ballot:
            self._show()

    def _keep(self, answer: str | float, sure: int) -> None:
        first = self._name not in store.load()["predictions"]
        ballot = self._ballot
        if ballot and not ballot.open:
            return
        warning = record(self._name, answer, sure)
        if ballot:
            self._ballot = replace(ballot, answered=True, mine={"answer": answer, "sure": sure})
        if first or ballot:
            made_in = ballot.round if ballot else None
            tell("prediction", question=self._name, choice=answer, confidence=sure, round=made_in)
        self._settle(warning)

    def _asked(self, _widget: Any, message: dict, _buffers: list) -> None:
        if "record" in message:
            self.record(*message["record"])
        elif "look" in message:  # a page that was loaded anew, and counts from now
            self._show()

    def _settle(self, warning: str | None = None) -> None:
        self.made = store.load()["predictions"].get(self._name)
        self._show(warning)

    def _show(self, warning: str | None = None) -> None:
        said = self._ballot.said(self._prediction) if self._ballot else self._recorded()
        with self.hold_sync():
            self.said = " ".join(filter(None, (said, warning)))
            self.vote = self._ballot and self._ballot.shown()

    def _recorded(self) -> str:
        if not self.made:
            return ""
        answer = self.made["answer"]
        words = self._prediction.said(answer) if answer in self._letters else answer
        return f"Recorded: {words}, {self.made['sure']} % sure. Now run on."

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        told = without_page(self._name, "".join(self._letters), self._prediction)
        return {**data, "text/plain": told}, metadata
