"""Lesson 04: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "04-neighbours": Prediction(
        "b",
        texts=(
            "the same: an example has its own row, and rows do not mix",
            "different, some above 0 and some below",
            "different in the last digits, from rounding",
        ),
    ),
    "04-batch-of-one": Prediction(
        "b",
        texts=(
            "the example as it was, since there is nothing to compare it with",
            "β, whatever the example was",
            "NaN, a division by zero",
        ),
    ),
    "04-start": Prediction(0.9**10, factor=1.15),
    "04-bessel": Prediction(0.75, factor=1.1),
    "04-forgot-eval": Prediction(
        "c",
        texts=(
            "nothing changes: without gradients nothing can be trained",
            "the predictions change, and the model stays as it was",
            "the predictions change, and the model too",
        ),
    ),
    "04-keras": Prediction(
        "c",
        texts=(
            "nothing agrees: one layer remembers a hundred batches, the other a single one",
            "all their running statistics agree",
            "the running means agree and the running variances do not",
        ),
    ),
    "04-momentum": Prediction(
        "a",
        texts=(
            "0.001",
            "0.1",
            "0.99",
        ),
    ),
    "04-fold": Prediction(
        "b",
        texts=(
            "are the same in every bit",
            "differ by rounding",
            "differ by about 10⁻³, since the running statistics are only estimates",
        ),
    ),
}
