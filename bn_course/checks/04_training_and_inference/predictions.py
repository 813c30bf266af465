"""Lesson 04: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "04-neighbours": Prediction("b"),
    "04-batch-of-one": Prediction("b"),
    "04-start": Prediction(0.9**10, factor=1.15),
    "04-bessel": Prediction(0.75, factor=1.1),
    "04-forgot-eval": Prediction("c"),
    "04-keras": Prediction("c"),
    "04-momentum": Prediction("a"),
    "04-fold": Prediction("b"),
}
