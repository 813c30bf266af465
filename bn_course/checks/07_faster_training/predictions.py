"""Lesson 07: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "07-widest": Prediction(
        "c",
        texts=(
            "in the ten-layer ReLU network with He's initialisation: depth is what batch norm is for",
            "by about the same factor in all four",
            "in the sigmoid network and in the one with the default initialisation",
        ),
    ),
    "07-equal-rate": Prediction(
        "b",
        texts=(
            "every network gets to 95 %",
            "the one with the default initialisation gets to 95 %, the ten-layer one does not",
            "none gets to 95 %",
        ),
    ),
    "07-step-cost": Prediction(1.4, factor=1.3),
    "07-articles": Prediction(
        "b",
        texts=(
            "higher: large rates need batch norm",
            "far below 0.8",
            "about 0.8: batch norm and a larger rate do the same",
        ),
    ),
    "07-scale": Prediction(
        "c",
        texts=(
            "at chance: nothing is left of the signal after five layers",
            "clearly worse than with He's",
            "as well as with He's",
        ),
    ),
    "07-depth": Prediction(
        "b",
        texts=(
            "It trains, about as well as 20 layers.",
            "It stays at chance. With residual connections it trains.",
            "It stays at chance, with residual connections too: 100 steps are too few for 100 layers.",
        ),
    ),
    "07-placement": Prediction(
        "c",
        texts=(
            "before is better with all three",
            "after is better with all three",
            "it depends on the activation",
        ),
    ),
    "07-full-batch": Prediction(
        "b",
        texts=(
            "a tenth of the steps: each looks at ten times as much",
            "somewhat fewer steps, and several times as many examples",
            "as many steps, and ten times as many examples",
        ),
    ),
    "07-zero-gamma": Prediction(
        "b",
        texts=(
            "is worse: a dead branch learns late",
            "trains where the ordinary start fails",
            "makes no difference: after a step they are alike",
        ),
    ),
    "07-decay": Prediction(
        "a",
        texts=(
            "within two points everywhere",
            "costs several points: γ is pulled to 0 and the layer goes quiet",
            "gains several points: the more is regularised, the better",
        ),
    ),
}
