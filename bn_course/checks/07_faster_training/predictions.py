"""Lesson 07: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "07-widest": Prediction("c"),
    "07-equal-rate": Prediction("b"),
    "07-step-cost": Prediction(1.4, factor=1.3),
    "07-articles": Prediction("b"),
    "07-scale": Prediction("c"),
    "07-depth": Prediction("b"),
    "07-placement": Prediction("c"),
    "07-full-batch": Prediction("b"),
    "07-zero-gamma": Prediction("b"),
    "07-decay": Prediction("a"),
}
