"""Lesson 03: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "03-one-example": Prediction(
        "c",
        texts=(
            "one: only example 0 has anything to do with the loss",
            "none: batch norm takes the gradient away",
            "all six",
        ),
    ),
    "03-step": Prediction(
        "b",
        texts=(
            "10⁻¹⁵: the smaller the step, the closer to the derivative",
            "10⁻⁵",
            "0.1",
        ),
    ),
    "03-doubled-batch": Prediction(
        "b",
        texts=(
            "is half of what it was",
            "stays as it was",
            "is twice what it was",
        ),
    ),
    "03-mean-through-variance": Prediction(
        "a",
        texts=(
            "exactly nothing, always",
            "nothing if ε = 0, and a little otherwise",
            "−2μ·dσ², because σ² is the mean of x², less μ²",
        ),
    ),
    "03-stretch": Prediction(
        "b",
        texts=(
            "5·x̂/σ",
            "zero, nearly",
            "−5·x̂/σ",
        ),
    ),
    "03-batch-of-two": Prediction(
        "a",
        texts=(
            "practically nothing",
            "half",
            "as much as in any batch",
        ),
    ),
    "03-detached": Prediction(
        "b",
        texts=(
            "diverges within a few steps, at every learning rate",
            "trains: nearly as well at some learning rates, clearly worse at others",
            "behaves the same, since the forward pass is the same",
        ),
    ),
}
