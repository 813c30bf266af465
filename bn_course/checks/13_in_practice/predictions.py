"""Lesson 13: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "13-int8": Prediction("c"),
    "13-freeze": Prediction("a"),
    "13-which-shift": Prediction("c"),
    "13-discriminator": Prediction("b"),
    "13-bfloat16": Prediction(3.34, factor=1.2),
    "13-largest-weight": Prediction("c"),
    "13-range": Prediction("a"),
}
