"""Lesson 09: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "09-quarter-noise": Prediction("b"),
    "09-half-the-data": Prediction("b"),
    "09-ghost-size": Prediction("c"),
    "09-small-batch": Prediction("c"),
    "09-memorised": Prediction("c"),
    "09-variance-shift": Prediction(0.41, factor=1.25),
    "09-decay": Prediction("c"),
    "09-monte-carlo": Prediction("c"),
}
