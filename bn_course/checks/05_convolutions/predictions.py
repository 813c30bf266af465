"""Lesson 05: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "05-shift": Prediction("b"),
    "05-parameters": Prediction(128.0, factor=1.05),
    "05-effective": Prediction("c"),
    "05-reshape": Prediction("c"),
    "05-sequence": Prediction("c"),
    "05-count": Prediction("b"),
    "05-fold-border": Prediction("b"),
}
