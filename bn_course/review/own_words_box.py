"""The widget in which a learner explains, and then compares."""

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.review import explanations, memory

HERE = Path(__file__)


class OwnWordsBox(anywidget.AnyWidget):
    """A question and room for an answer; once that is written, the model answer and points to tick.

    `written` is what is kept, None until there is something; it can be changed at any time.
    """

    _esm = module_text(HERE.with_suffix(".js"))
    _css = SHELL_CSS

    written = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)
    said = traitlets.Unicode().tag(sync=True)
    _question = traitlets.Unicode().tag(sync=True)
    _answer = traitlets.Unicode().tag(sync=True)  # empty until the learner has written
    _points = traitlets.List().tag(sync=True)

    def __init__(self, lesson: str):
        self._asked_for = explanations.explanation(lesson)
        super().__init__(_question=self._asked_for.question)
        if entry := memory.load()["own_words"].get(self._asked_for.lesson):
            self._show(entry)
        self.on_msg(self._asked)

    def keep(self, text: str, ticked: list[bool]) -> None:
        """Keep an answer and its ticks; an empty answer is asked for once more."""
        if not text.strip():
            self.said = "Write a sentence or two first."
            return
        warning = explanations.keep(self._asked_for.lesson, text.strip(), ticked)
        self._show({"text": text.strip(), "ticked": ticked})
        self.said = warning or "Kept."

    def _show(self, entry: dict) -> None:
        self._answer, self._points = self._asked_for.answer, list(self._asked_for.points)
        self.written = entry

    def _asked(self, _widget: Any, message: dict, _buffers: list) -> None:
        if "keep" in message:
            text, ticked = message["keep"]
            self.keep(str(text), [bool(tick) for tick in ticked])

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, "text/plain": f"{self._question}\nTo be answered in JupyterLab."}, metadata
