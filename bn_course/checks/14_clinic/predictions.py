"""Lesson 14: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "14-evaluate": Prediction(
        "c",
        texts=(
            "about 98 %: the model has not changed",
            "about 90 %: the statistics of 50 examples are noisy",
            "below 20 %",
        ),
    ),
    "14-capstone": Prediction(
        "c",
        texts=(
            "for the smallest only: batch norm needs more than a few examples",
            "for the largest only: 4000 examples are then few steps",
            "at both ends",
        ),
    ),
    "14-checkpoint": Prediction(0.19, factor=1.1),
    "14-freeze": Prediction(
        "c",
        texts=(
            "its weights: `requires_grad` was switched off after the optimiser had seen them",
            "γ and β of its norms",
            "no parameter at all",
        ),
    ),
    "14-average": Prediction(
        "c",
        texts=(
            "it cannot be done: between good networks lie bad ones",
            "some epochs of training, from there",
            "one pass over training data, without changing any weight",
        ),
    ),
    "14-fold": Prediction(
        "b",
        texts=(
            "some of its γ are negative",
            "its convolutions have biases",
            "it is in half precision",
        ),
    ),
    "14-gan": Prediction(
        "b",
        texts=(
            "−8 again: same weights, same points",
            "near 0: could be either",
            "about +8",
        ),
    ),
    "14-last-batch": Prediction(
        "c",
        texts=(
            "refuses as well: one example is one example",
            "takes it, and what comes out is as good as from any batch",
            "takes it, and in this one step the network has another kind of norm",
        ),
    ),
    "14-detached": Prediction(
        "c",
        texts=(
            "in both: a wrong gradient is a wrong gradient",
            "with γ and β learned: they get wrong gradients too",
            "with γ and β fixed",
        ),
    ),
    "14-alarms": Prediction(
        "a",
        texts=(
            "none",
            "one or two: the small batches, or the high rate",
            "about half: running statistics always lag",
        ),
    ),
}
