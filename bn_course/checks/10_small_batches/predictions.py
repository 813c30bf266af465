"""Lesson 10: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "10-batch-of-two": Prediction(
        "c",
        texts=(
            "about 5 %: noisier, and there are sixteen times as many updates",
            "about 15 %",
            "more than half",
        ),
    ),
    "10-two-numbers": Prediction(
        "b",
        texts=(
            "about −0.1 and 0.1, and about −1.5 and 1.5",
            "−1 and 1, both times",
            "−0.7 and 0.7, both times",
        ),
    ),
    "10-gradient-of-two": Prediction(
        "c",
        texts=(
            "all of it",
            "half",
            "nothing",
        ),
    ),
    "10-two-images": Prediction(
        "c",
        texts=(
            "nothing, since there are two examples",
            "half: two directions for each image are gone, of four",
            "126 parts of 128",
        ),
    ),
    "10-recalibrate": Prediction(
        "b",
        texts=(
            "both",
            "A alone",
            "B alone",
            "neither",
        ),
    ),
    "10-sorted": Prediction(
        "c",
        texts=(
            "97 %: fifty examples are plenty",
            "85 %",
            "15 %",
        ),
    ),
    "10-one-class": Prediction(
        "b",
        texts=(
            "by both batch norm and layer norm",
            "by layer norm alone",
            "by neither",
        ),
    ),
    "10-messages": Prediction(
        "b",
        texts=(
            "its whole shard, N·D numbers",
            "2D + 1 numbers",
            "D numbers, its mean",
        ),
    ),
    "10-accumulate": Prediction(
        "b",
        texts=(
            "for layer norm and for batch norm",
            "for layer norm alone",
            "for neither",
        ),
    ),
}
