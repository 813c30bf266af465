"""Lesson 08: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "08-noise": Prediction("b"),
    "08-plateau": Prediction("a"),
    "08-longer-weights": Prediction("b"),
    "08-every-step": Prediction("a"),
    "08-huge-rate": Prediction("c"),
    "08-decay": Prediction("c"),
    "08-fixed-affine": Prediction("b"),
    "08-plainest": Prediction("c"),
    "08-explosion": Prediction("c"),
    "08-smaller-weights": Prediction("b"),
}
