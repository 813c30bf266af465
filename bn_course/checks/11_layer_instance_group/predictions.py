"""Lesson 11: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "11-neighbours": Prediction(
        "b",
        texts=(
            "all four norms: they are all given the whole batch",
            "batch norm alone",
            "batch norm and instance norm",
        ),
    ),
    "11-parameters": Prediction(
        "c",
        texts=(
            "changes: it is made of the layer's parameters",
            "changes in training, and not at inference",
            "does not change: it is made of the example's own features",
        ),
    ),
    "11-groups": Prediction(
        "b",
        texts=(
            "G = 1",
            "G = 6",
            "never: one is of groups, the other of instances",
        ),
    ),
    "11-light": Prediction(
        "c",
        texts=(
            "batch norm",
            "layer norm, over C, H and W",
            "instance norm",
        ),
    ),
    "11-energy": Prediction(
        "a",
        texts=(
            "instance norm",
            "layer norm, over C, H and W",
            "batch norm, since every image has another direction",
        ),
    ),
    "11-digits": Prediction(
        "b",
        texts=(
            "worse by more than 3 points",
            "within 3 points",
            "better by more than 3 points",
        ),
    ),
    "11-adain": Prediction(
        "c",
        texts=(
            "the mean of each channel",
            "the deviation of each channel",
            "the correlations between channels",
        ),
    ),
    "11-layer-norm": Prediction(
        "b",
        texts=(
            "the one over C, H and W",
            "the one at each position",
            "neither",
        ),
    ),
    "11-weights": Prediction(
        "b",
        texts=(
            "after short and long training",
            "after a short training, and hardly after a long one",
            "never",
        ),
    ),
}
