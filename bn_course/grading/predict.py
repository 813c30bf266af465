"""Predictions: made before the outcome is seen, with how sure one is."""

from bn_course.grading import progress as store
from bn_course.grading.catalogue import predictions, suggest


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

    return PredictionBox(name, choices)


def record(name: str, answer: str | float, sure: int) -> str | None:
    """Keep a prediction, unless there is one already. Returns None, or why it could not be saved."""
    return store.change(lambda state: state["predictions"].setdefault(name, {"answer": answer, "sure": sure}))
