"""Lesson 11: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "11-neighbours": Prediction("b"),
    "11-parameters": Prediction("c"),
    "11-groups": Prediction("b"),
    "11-light": Prediction("c"),
    "11-energy": Prediction("a"),
    "11-digits": Prediction("b"),
    "11-adain": Prediction("c"),
    "11-layer-norm": Prediction("b"),
    "11-weights": Prediction("b"),
}
