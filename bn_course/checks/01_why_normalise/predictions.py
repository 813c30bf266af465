"""Lesson 01: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "01-unit": Prediction("c"),
    "01-overshoot": Prediction("b"),
    "01-centre-or-scale": Prediction("b"),
    "01-bias": Prediction("b"),
    "01-vanish": Prediction(2.0**-10, factor=3),
    "01-sigmoid": Prediction("c"),
    "01-covariate": Prediction("b"),
}
