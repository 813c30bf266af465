"""Lesson 01: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "01-unit": Prediction(
        "c",
        texts=(
            "the same: the problem is the same",
            "10⁴ times smaller",
            "10⁸ times smaller",
        ),
    ),
    "01-overshoot": Prediction(
        "b",
        texts=(
            "flies off, further with each step",
            "jumps from one side of the minimum to the other, and settles",
            "approaches from one side, slowly",
        ),
    ),
    "01-centre-or-scale": Prediction(
        "b",
        texts=(
            "dividing by σ: scales are the problem",
            "subtracting μ: means are the problem",
            "much the same",
        ),
    ),
    "01-bias": Prediction(
        "b",
        texts=(
            "b has settled, at a value that makes the loss smallest",
            "b has grown steadily, and the loss is what it was",
            "loss and b have both blown up",
        ),
    ),
    "01-vanish": Prediction(2.0**-10, factor=3),
    "01-sigmoid": Prediction(
        "c",
        texts=(
            "as different: the size of the signal stays the same",
            "about 20 times less",
            "a thousand million times less, or worse",
        ),
    ),
    "01-covariate": Prediction(
        "b",
        texts=(
            "both models",
            "the line only",
            "neither: the rule is the same",
        ),
    ),
}
