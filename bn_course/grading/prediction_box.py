"""The widget in which a prediction is made."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bn_course.grading import progress as store
from bn_course.grading.predict import record
from bn_course.live.plot import SHELL_CSS, module_text

SURE = {"a guess": 50, "rather sure": 75, "very sure": 95}
HERE = Path(__file__)


class PredictionBox(anywidget.AnyWidget):
    """A choice or a number, how sure one is of it, and a button that records both.

    `said` is what stands beside the button; `made` is the recorded prediction, None until there is one.
    """

    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS

    said = traitlets.Unicode().tag(sync=True)
    made = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    _name = traitlets.Unicode().tag(sync=True)
    _letters = traitlets.List().tag(sync=True)  # none: a number is asked for
    _sure = traitlets.Dict(SURE).tag(sync=True)

    def __init__(self, name: str, choices: str | None):
        super().__init__(_name=name, _letters=list(choices or ""))
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
            said = f"Recorded: {made['answer']}, {made['sure']} % sure. Now run on."
            self.said = " ".join(filter(None, (said, warning)))
            self.made = made

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        asked = " or ".join(self._letters) or "a number"
        return {**data, "text/plain": f"A prediction to make in JupyterLab: {asked}."}, metadata
