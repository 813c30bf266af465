"""Lesson 14: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "14-evaluate": Prediction("c"),
    "14-capstone": Prediction("c"),
    "14-checkpoint": Prediction(0.19, factor=1.1),
    "14-freeze": Prediction("c"),
    "14-average": Prediction("c"),
    "14-fold": Prediction("b"),
    "14-gan": Prediction("b"),
    "14-last-batch": Prediction("c"),
    "14-detached": Prediction("c"),
    "14-alarms": Prediction("a"),
}
