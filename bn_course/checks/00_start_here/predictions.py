"""Lesson 00: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {"00-slide-mean": Prediction(
        "b",
        texts=(
            "moves up with it",
            "stays where it is",
            "spreads out",
        ),
    )}
