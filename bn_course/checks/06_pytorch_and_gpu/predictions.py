"""Lesson 06: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "06-momentum-zero": Prediction(
        "a",
        texts=(
            "what it was at the start: 0",
            "the mean of the last batch",
            "the plain average of the ten means",
        ),
    ),
    "06-untracked": Prediction(
        "a",
        texts=(
            "the statistics of the batch that it is given",
            "mean 0 and variance 1",
            "nothing: it raises an error",
        ),
    ),
    "06-parity": Prediction(
        "b",
        texts=(
            "are the same in every bit",
            "differ in the last bits",
            "differ by about 10⁻⁵, since ε does",
        ),
    ),
    "06-second-derivative": Prediction(
        "b",
        texts=(
            "both checks pass",
            "the first derivatives pass, the second fail",
            "both fail",
        ),
    ),
    "06-limit": Prediction(
        "c",
        texts=(
            "arithmetic",
            "the memory: it needs about twice the time of the arithmetic",
            "the memory: it needs about twenty times the time",
        ),
    ),
    "06-crossings": Prediction(45, factor=1.5),
    "06-merge": Prediction(
        "a",
        texts=(
            "about as good as two passes over everything",
            "about as bad as E[x²] − E[x]²",
            "between the two",
        ),
    ),
    "06-idle": Prediction(0.52, factor=1.2),
    "06-cached": Prediction(
        "c",
        texts=(
            "rung 2: the cache has half of x anyway",
            "rung 3: pass 2 begins with what pass 1 read last",
            "rung 4: a group of channels goes through both passes before the next",
        ),
    ),
}
