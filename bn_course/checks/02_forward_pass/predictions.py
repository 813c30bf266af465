"""Lesson 02: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "02-variance": Prediction(
        "b",
        texts=(
            "(4 + 1 + 9) / 2 = 7, as a statistics course teaches for a sample",
            "(4 + 1 + 9) / 3 = 4.667",
            "√4.667 = 2.160",
        ),
    ),
    "02-small-deviation": Prediction(0.30, factor=1.25),
    "02-shift-and-scale": Prediction(
        "c",
        texts=(
            "moves by 10",
            "becomes three times as wide",
            "stays as it is, as far as ε allows",
        ),
    ),
    "02-batch-of-two": Prediction(
        "a",
        texts=(
            "−1 and 1",
            "about 0 and 1",
            "something that depends on how far apart the two are",
        ),
    ),
    "02-undo-other-batch": Prediction(
        "b",
        texts=(
            "B as it was",
            "B, moved and stretched so that it has A's mean and deviation",
            "B, with mean 0 and deviation 1",
        ),
    ),
    "02-xor": Prediction(
        "c",
        texts=(
            "fits XOR: γ and β make the network non-linear",
            "fits XOR: dividing by σ does",
            "cannot fit XOR",
        ),
    ),
    "02-one-pass": Prediction(
        "c",
        texts=(
            "right to about three digits",
            "wrong by a few per cent",
            "worthless: 30, or −12",
        ),
    ),
}
