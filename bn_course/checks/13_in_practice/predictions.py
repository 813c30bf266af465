"""Lesson 13: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "13-int8": Prediction(
        "c",
        texts=(
            "folding first is worse, since it spreads the channels",
            "folding first is better, since there are fewer layers to round",
            "both give the same weights",
        ),
    ),
    "13-freeze": Prediction(
        "a",
        texts=(
            "γ and β, and nothing else",
            "γ, β and the running statistics; the layer normalises with the running statistics",
            "γ, β and the running statistics; the layer normalises with those of the batch",
        ),
    ),
    "13-which-shift": Prediction(
        "c",
        texts=(
            "with noise of deviation 1",
            "inverted: dark strokes on a light ground instead of light on dark",
            "with 0.3 of the contrast",
            "all of them: batch norm removes the shift of the distribution",
        ),
    ),
    "13-discriminator": Prediction(
        "b",
        texts=(
            "as many: the weights are the same",
            "about half of them",
            "all of them: there is nothing to hide behind",
        ),
    ),
    "13-bfloat16": Prediction(3.34, factor=1.2),
    "13-largest-weight": Prediction(
        "c",
        texts=(
            "stays: the feature is as important as it was",
            "is 1000 times larger, as the numbers are",
            "is 1000 times smaller, and the predictions are the same",
        ),
    ),
    "13-range": Prediction(
        "a",
        texts=(
            "learning rates: fewer of them work",
            "accuracy, several points",
            "nothing: the norm was never needed",
        ),
    ),
}
