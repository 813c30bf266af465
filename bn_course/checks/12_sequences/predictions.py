"""Lesson 12: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "12-padding": Prediction(
        "c",
        texts=(
            "0.5: half of the numbers do not vary at all",
            "0.71: half of the variance",
            "more than 1",
        ),
    ),
    "12-cost": Prediction(
        "b",
        texts=(
            "is a great deal worse",
            "is about as good",
            "does not train",
        ),
    ),
    "12-shared": Prediction(
        "b",
        texts=(
            "about 95 %: running statistics estimate the same thing",
            "clearly fewer",
            "more: running statistics are less noisy",
        ),
    ),
    "12-longer": Prediction(
        "c",
        texts=(
            "about 90 %, as the network with layer norm does",
            "about 70 %",
            "about half or less",
        ),
    ),
    "12-rms": Prediction(
        "a",
        texts=(
            "for x and 3x",
            "for x and x + 10",
            "for all three",
        ),
    ),
    "12-leak": Prediction(
        "b",
        texts=(
            "they stay: the mask forbids it",
            "they move",
            "only those next to the end move",
        ),
    ),
    "12-fails": Prediction(
        "b",
        texts=(
            "next to nothing: there batch norm fails",
            "at least nine tenths of that",
            "about half of that",
        ),
    ),
    "12-time": Prediction(
        "c",
        texts=(
            "7 % to 64 % less time",
            "about half of the norm's own time less, too little to notice",
            "more",
        ),
    ),
    "12-order": Prediction(
        "b",
        texts=(
            "diverges: its loss becomes infinite",
            "learns how frequent each character is, and nothing more",
            "learns, more slowly than pre-norm",
        ),
    ),
    "12-weights": Prediction(
        "c",
        texts=(
            "none: the start is soon forgotten",
            "about half",
            "about all of it",
        ),
    ),
    "12-bln": Prediction(
        "c",
        texts=(
            "fewer steps than both",
            "as many as the better of the two",
            "more than both",
        ),
    ),
}
