"""Lesson 08: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "08-noise": Prediction(
        "b",
        texts=(
            "about as slowly as without batch norm, or more slowly, since the inputs move again",
            "about as fast as with batch norm",
            "half-way between the two",
        ),
    ),
    "08-plateau": Prediction(
        "a",
        texts=(
            "that of the plain sigmoid net",
            "that of the sigmoid net with batch norm",
            "neither: they are alike",
        ),
    ),
    "08-longer-weights": Prediction(
        "b",
        texts=(
            "is ten times as long",
            "is a tenth as long",
            "is the same, since nothing has changed",
        ),
    ),
    "08-every-step": Prediction(
        "a",
        texts=(
            "grows at every step",
            "grows and shrinks, as the data will have it",
            "settles after a while",
        ),
    ),
    "08-huge-rate": Prediction(
        "c",
        texts=(
            "the loss is NaN",
            "the accuracy is that of a network whose hidden layers were never trained",
            "the accuracy is above 95 %",
        ),
    ),
    "08-decay": Prediction(
        "c",
        texts=(
            "makes the function simpler, as anywhere else",
            "does nothing at all",
            "does what a growing learning rate does",
        ),
    ),
    "08-fixed-affine": Prediction(
        "b",
        texts=(
            "collapses: the layers cannot represent what they need",
            "stays within a point or two",
            "falls by about ten points",
        ),
    ),
    "08-plainest": Prediction(
        "c",
        texts=(
            "layer norm: it standardises too, at every step",
            "dividing alone: the scale is what matters",
            "subtracting alone",
        ),
    ),
    "08-explosion": Prediction(
        "c",
        texts=(
            "about as large: that is what batch norm is for",
            "about a thousand times smaller",
            "twenty times larger, or more",
        ),
    ),
    "08-smaller-weights": Prediction(
        "b",
        texts=(
            "half as large: 0.6",
            "what it was: 1.21",
            "larger: 2.42",
        ),
    ),
}
