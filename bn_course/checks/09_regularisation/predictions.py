"""Lesson 09: the outcomes that its predictions are about."""

from bn_course.grading.question import Prediction

PREDICTIONS = {
    "09-quarter-noise": Prediction(
        "b",
        texts=(
            "falls to a quarter",
            "falls to a half",
            "stays, since σ does",
        ),
    ),
    "09-half-the-data": Prediction(
        "b",
        texts=(
            "4000 batches are too few to see all of the noise",
            "a batch holds no example twice, so two batches of 512 share about half of their examples",
            "the law 1/√N is an approximation for small N",
        ),
    ),
    "09-ghost-size": Prediction(
        "c",
        texts=(
            "512: the best estimate of μ and σ is best",
            "4: the more noise, the better the regularisation",
            "something in between",
        ),
    ),
    "09-small-batch": Prediction(
        "c",
        texts=(
            "stays: there is no noise of a batch to gain from",
            "falls: only the gradient has become noisier",
            "rises by several points",
        ),
    ),
    "09-memorised": Prediction(
        "c",
        texts=(
            "under a fifth: the noise prevents it",
            "about a half",
            "practically all",
        ),
    ),
    "09-variance-shift": Prediction(0.41, factor=1.25),
    "09-decay": Prediction(
        "c",
        texts=(
            "fall to a few per cent as well",
            "fall to about a half",
            "stay nearly all",
        ),
    ),
    "09-monte-carlo": Prediction(
        "c",
        texts=(
            "clearly, on both",
            "on neither",
            "on the overconfident network, and by less than the temperature does",
        ),
    ),
}
