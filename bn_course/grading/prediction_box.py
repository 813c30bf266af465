"""The widget in which a prediction is made."""

import ipywidgets as widgets

from bn_course.grading import progress as store
from bn_course.grading.predict import record

SURE = {"a guess": 50, "rather sure": 75, "very sure": 95}


class PredictionBox(widgets.VBox):
    """A choice or a number, how sure one is of it, and a button that records both."""

    def __init__(self, name: str, choices: str | None):
        self.name = name
        self.told = f"A prediction to make in JupyterLab: {' or '.join(choices) if choices else 'a number'}."
        self.answer = _choice(choices) if choices else _number()
        self.sure = widgets.ToggleButtons(
            options=SURE,
            value=SURE["rather sure"],
            description="and this is",
            style={"description_width": "initial", "button_width": "9em"},
        )
        self.button = widgets.Button(description="Record", tooltip=f"Record the prediction {name}")
        self.said = widgets.HTML()
        self.button.on_click(self._record)
        super().__init__([self.answer, self.sure, widgets.HBox([self.button, self.said])])
        self._settle()

    def _record(self, _) -> None:
        answer = self.answer.value
        if answer in (None, ""):
            self.said.value = "Choose one first."
            return
        try:
            answer = answer if isinstance(self.answer, widgets.ToggleButtons) else float(answer)
        except ValueError:
            self.said.value = "A number, please, such as 0.5 or 1e-3."
            return
        self._settle(record(self.name, answer, self.sure.value))

    def _settle(self, warning: str | None = None) -> None:
        made = store.load()["predictions"].get(self.name)
        if made:
            self.said.value = (
                f"Recorded: {made['answer']}, {made['sure']} % sure. Now run on. {warning or ''}"
            )
            for control in (self.answer, self.sure, self.button):
                control.disabled = True

    def _repr_mimebundle_(self, **kwargs) -> dict:
        return {**super()._repr_mimebundle_(**kwargs), "text/plain": self.told}


def _choice(letters: str) -> widgets.ToggleButtons:
    return widgets.ToggleButtons(
        options=list(letters),
        value=None,
        description="I predict",
        style={"description_width": "initial", "button_width": "3em"},
    )


def _number() -> widgets.Text:
    return widgets.Text(
        description="I predict", placeholder="a number", style={"description_width": "initial"}
    )
