"""Lesson 10: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "10-batch-of-two": Prediction("c"),
    "10-two-numbers": Prediction("b"),
    "10-gradient-of-two": Prediction("c"),
    "10-two-images": Prediction("c"),
    "10-recalibrate": Prediction("b"),
    "10-sorted": Prediction("c"),
    "10-one-class": Prediction("b"),
    "10-messages": Prediction("b"),
    "10-accumulate": Prediction("b"),
}
