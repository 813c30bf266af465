"""The widget in which items are answered, one after another."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from bn_course.live.plot import SHELL_CSS, module_text
from bn_course.review.screen import Run

HERE = Path(__file__)


class QuizBox(anywidget.AnyWidget):
    """Shows the screens of a `Run`; `shown` is the one that is seen now.

    `told` is what stands in its place where there is no kernel.
    """

    _esm = module_text(HERE.with_name("quiz_box.js"))
    _css = SHELL_CSS

    shown = traitlets.Dict().tag(sync=True)
    _label = traitlets.Unicode().tag(sync=True)

    def __init__(self, run: Run, label: str, told: str):
        super().__init__(_label=label)
        self.run, self.told = run, told
        self.shown = asdict(run.screen())
        self.on_msg(self._asked)

    def _asked(self, _widget: Any, message: dict, _buffers: list) -> None:
        if type(message.get("choose")) is int:
            self.run.choose(message["choose"])
        elif "go_on" in message:
            self.run.go_on()
        self.shown = asdict(self.run.screen())

    def _repr_mimebundle_(self, **options: Any) -> tuple[dict, dict]:
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, "text/plain": self.told}, metadata
