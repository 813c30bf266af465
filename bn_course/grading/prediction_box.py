"""The widget in which a prediction is made."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bn_course.grading import progress as store
from bn_course.grading.catalogue import predictions
from bn_course.grading.predict import in_words, record, without_page
from bn_course.grading.question import Prediction
from bn_course.live.plot import SHELL_CSS, module_text

SURE = {"a guess": 50, "rather sure": 75, "very sure": 95}
HERE = Path(__file__)


class PredictionBox(anywidget.AnyWidget):
    """A choice or a number, how sure one is of it, and a button that records both.

    `said` is what stands beside the button; `made` is the recorded prediction, None until there is one.
    Choices that have words are shown in the order that the learner's seed gives.
    """

    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS

    said = traitlets.Unicode().tag(sync=True)
    made = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    _name = traitlets.Unicode().tag(sync=True)
    _letters = traitlets.List().tag(sync=True)  # none: a number is asked for
    _texts = traitlets.List().tag(sync=True)  # what is shown for each letter
    _sure = traitlets.Dict(SURE).tag(sync=True)

    def __init__(self, name: str, choices: str | None):
        self._prediction = predictions().get(name, Prediction(""))
        shown = in_words(name, choices or "", self._prediction, store.seed())
        super().__init__(_name=name, _letters=[*shown], _texts=[*shown.values()])
        self._settle()
        self.on_msg(self._asked)

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
        self._settle(record(self._name, number, sure))

    def _asked(self, _widget: Any, message: dict, _buffers: list) -> None:
        if "record" in message:
            self.record(*message["record"])

    def _settle(self, warning: str | None = None) -> None:
        made = store.load()["predictions"].get(self._name)
        if made:
            answer = made["answer"]
            words = self._prediction.said(answer) if answer in self._letters else answer
            said = f"Recorded: {words}, {made['sure']} % sure. Now run on."
            self.said = " ".join(filter(None, (said, warning)))
            self.made = made

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        told = without_page(self._name, "".join(self._letters), self._prediction)
        return {**data, "text/plain": told}, metadata
