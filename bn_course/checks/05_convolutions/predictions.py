"""Lesson 05: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "05-shift": Prediction(
        "b",
        texts=(
            "both of them",
            "one statistic a channel only",
            "neither: the batch is another one, so its statistics are others",
        ),
    ),
    "05-parameters": Prediction(128.0, factor=1.05),
    "05-effective": Prediction(
        "c",
        texts=(
            "16 000",
            "1000",
            "30",
        ),
    ),
    "05-reshape": Prediction(
        "c",
        texts=(
            "one channel",
            "one image",
            "a bit of every channel",
        ),
    ),
    "05-sequence": Prediction(
        "c",
        texts=(
            "normalises each of the 16 channels, as wanted",
            "raises, because the channels are not where it expects them",
            "normalises each of the 16 time steps",
        ),
    ),
    "05-count": Prediction(
        "b",
        texts=(
            "has the right direction, and is H·W times too large",
            "is wrong, and gradient descent would now move the mean of x, which should not matter",
            "is hardly wrong: with many pixels the correction terms are small",
        ),
    ),
    "05-fold-border": Prediction(
        "b",
        texts=(
            "exact everywhere",
            "exact inside, wrong along the border",
            "wrong everywhere by a little",
        ),
    ),
}
