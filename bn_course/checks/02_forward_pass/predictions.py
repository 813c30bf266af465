"""Lesson 02: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "02-variance": Prediction("b"),
    "02-small-deviation": Prediction(0.30, factor=1.25),
    "02-shift-and-scale": Prediction("c"),
    "02-batch-of-two": Prediction("a"),
    "02-undo-other-batch": Prediction("b"),
    "02-xor": Prediction("c"),
    "02-one-pass": Prediction("c"),
}
