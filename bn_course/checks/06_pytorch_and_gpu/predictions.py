"""Lesson 06: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "06-momentum-zero": Prediction("a"),
    "06-untracked": Prediction("a"),
    "06-parity": Prediction("b"),
    "06-second-derivative": Prediction("b"),
    "06-limit": Prediction("c"),
    "06-crossings": Prediction(45, factor=1.5),
    "06-merge": Prediction("a"),
    "06-idle": Prediction(0.52, factor=1.2),
    "06-cached": Prediction("c"),
}
