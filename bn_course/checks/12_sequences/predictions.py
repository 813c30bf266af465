"""Lesson 12: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "12-padding": Prediction("c"),
    "12-cost": Prediction("b"),
    "12-shared": Prediction("b"),
    "12-longer": Prediction("c"),
    "12-rms": Prediction("a"),
    "12-leak": Prediction("b"),
    "12-fails": Prediction("b"),
    "12-time": Prediction("c"),
    "12-order": Prediction("b"),
    "12-weights": Prediction("c"),
    "12-bln": Prediction("c"),
}
