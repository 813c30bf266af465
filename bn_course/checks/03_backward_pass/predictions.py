"""Lesson 03: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "03-one-example": Prediction("c"),
    "03-step": Prediction("b"),
    "03-doubled-batch": Prediction("b"),
    "03-mean-through-variance": Prediction("a"),
    "03-stretch": Prediction("b"),
    "03-batch-of-two": Prediction("a"),
    "03-detached": Prediction("b"),
}
