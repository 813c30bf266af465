"""Predictions: made before the outcome is seen, with how sure one is."""

from bn_course.grading import progress as store
from bn_course.grading.catalogue import predictions, suggest
from bn_course.grading.question import Prediction
from bn_course.grading.shuffle import STABLE, shuffled
from bn_course.grading.telling import tell


def predict(name: str, choices: str | None = None):
    """Ask for a prediction: one of the letters in `choices`, or a number where there are none.

    The first answer counts. Nothing is recorded, and nothing waits, where nobody answers.
    Raises ValueError for a name that no lesson knows.
    """
    if name not in predictions():
        raise ValueError(f"there is no prediction called {name!r}{suggest(name, predictions())}")
    right = predictions()[name].answer
    if isinstance(right, str) != bool(choices) or (choices and right not in choices):
        raise ValueError(f"the prediction {name!r} needs choices among which is its answer; got {choices!r}")

    from bn_course.grading.prediction_box import PredictionBox  # widgets load on first use

    box = PredictionBox(name, choices)
    tell("seen", section=name)
    return box


def record(name: str, answer: str | float, sure: int) -> str | None:
    """Keep a prediction, unless there is one already. Returns None, or why it could not be saved."""

    def edit(state: dict) -> None:
        store.keep_seed(state)
        state["predictions"].setdefault(name, {"answer": answer, "sure": sure})

    return store.change(edit)


def in_order(name: str, letters: str, prediction: Prediction, seed: int | str) -> list[str]:
    """The letters as somebody with this seed sees them; as they are where the choices have no words."""
    return shuffled(letters, name, seed) if prediction.texts else sorted(letters)


def in_words(name: str, letters: str, prediction: Prediction, seed: int | str) -> dict[str, str]:
    """The choices in words by their letters, in that order."""
    return {letter: prediction.said(letter) for letter in in_order(name, letters, prediction, seed)}


def without_page(name: str, letters: str, prediction: Prediction) -> str:
    """What stands in a stored notebook: the choices in an order that is the same for everybody."""
    if not prediction.texts:
        return f"A prediction to make in JupyterLab: {' or '.join(sorted(letters)) or 'a number'}."
    texts = in_words(name, letters, prediction, STABLE).values()
    return "\n".join(["A prediction to make in JupyterLab:", *(f"- {text}" for text in texts)])
