"""Lesson 02: items that come back in review."""

import numpy as np

from bn_course.review.computing import bn
from bn_course.review.item import RIGHT, ask, item, whole
from bn_course.review.lines import lines


@item("02-variance", idea="shares")
def variance(draw):
    x = np.array(whole(draw, 3))
    squares = ((x - x.mean()) ** 2).sum()
    return ask(
        f"A feature is {x[0]}, {x[1]}, {x[2]} in a batch of three. Which σ² does batch norm take?",
        x.var(),
        {
            RIGHT: squares / 3,
            "sample-variance": squares / 2,
            "no-sqrt": np.sqrt(squares / 3),
            "mean-not-subtracted": (x**2).mean(),
        },
        why="The mean of the squared distances from the mean, ÷ N: it standardises these numbers.",
    )


@item("02-small-deviation", idea="forgets")
def small_deviation(draw):
    sigma = float(draw.choice([0.001, 0.002, 0.003]))
    eps = 1e-5
    return ask(
        f"A feature has deviation {sigma:g}, and ε = 0.00001. The deviation of x̂ is about",
        bn([-sigma, sigma], eps=eps).std(),
        {
            RIGHT: sigma / np.sqrt(sigma**2 + eps),
            "no-eps": 1.0,
            "eps-outside-sqrt": sigma / (sigma + eps),
            "only-centred": sigma,
        },
        why="σ/√(σ² + ε): ε is a threshold, and features with σ below √ε are not scaled up to 1.",
    )


@item("02-shift-and-scale", idea="scale")
def shift_and_scale(draw):
    factor, shift = int(draw.integers(2, 7)), int(draw.integers(2, 40))
    x = np.array(whole(draw, 5))
    gamma, beta = 2.0, 1.0
    y = bn(x, gamma, beta)
    return ask(
        f"Every number of a feature is multiplied by {factor}, and {shift} is added, as when units change. γ and β stay, ε is tiny. Then y",
        bn(factor * x + shift, gamma, beta),
        {
            RIGHT: ("stays as it is", y),
            "shift-remembered": (f"moves by {shift}", y + shift),
            "scale-remembered": (f"becomes {factor} times as wide", factor * (y - beta) + beta),
        },
        why="The batch's own mean is subtracted, and its own deviation divides.",
    )


@item("02-batch-of-two", idea="counts")
def batch_of_two(draw):
    a, b = sorted(whole(draw, 2, 0, 90))
    return ask(
        f"A batch of two: {a} and {b}. γ = 1, β = 0, ε tiny. x̂ is",
        bn([a, b]),
        {
            RIGHT: ("−1 and 1", [-1.0, 1.0]),
            "sample-variance": ("−0.707 and 0.707", np.array([-1, 1]) / np.sqrt(2)),
            "min-max": ("0 and 1", [0.0, 1.0]),
            "only-centred": (f"{(a - b) / 2:g} and {(b - a) / 2:g}".replace("-", "−"), np.array([a - b, b - a]) / 2),
        },
        why="Two numbers lie one deviation from their mean, however far apart they are.",
    )


@item("02-undo-other-batch", idea="forgets")
def undo_other_batch(draw):
    a, b = np.array(whole(draw, 4)), np.array(whole(draw, 4, 20, 40))
    gamma, beta = a.std(), a.mean()
    return ask(
        "γ = √(σ² + ε) and β = μ undo batch norm for batch A. They stay as they are while batch B comes by, in training. What comes out?",
        bn(b, gamma, beta),
        {
            RIGHT: ("B, with A's mean and deviation", (b - b.mean()) / b.std() * a.std() + a.mean()),
            "undone-for-every-batch": ("B, as it was", b),
            "affine-ignored": ("B, with mean 0 and deviation 1", (b - b.mean()) / b.std()),
        },
        why="B's own statistics are taken away, and A's are put back.",
    )


@item("02-xor", idea="forgets")
def xor(draw):
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], float)
    for _ in range(3):
        x = x @ draw.normal(size=(x.shape[1], 8))
        x = (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) * draw.normal(size=8) + draw.normal(size=8)
    design = np.c_[x, np.ones(4)]
    target = np.array([0, 1, 1, 0], float)
    rest = target - design @ np.linalg.lstsq(design, target, rcond=1e-9)[0]
    return ask(
        "Hidden layers, each a linear layer and batch norm with any γ and β; no activation function. The four points of XOR are one batch. The best linear readout on top",
        bool(np.abs(rest).max() < 0.1),
        {
            RIGHT: ("cannot fit XOR", False),
            "affine-adds-nonlinearity": ("fits XOR: γ and β make the network non-linear", True),
        },
        why="For a given batch the map is affine, and affine maps of affine maps are affine.",
    )


@item("02-one-pass", idea="rounding")
def one_pass(draw):
    mean = int(draw.choice([10_000, 20_000, 50_000]))
    x = draw.normal(mean, 1, size=128).astype(np.float32)
    error = abs(float((x * x).mean() - x.mean() ** 2) - x.astype(float).var())
    return ask(
        f"128 numbers of mean {mean} and deviation 1, in float32. E[x²] − E[x]² gives a variance that is",
        "worthless" if error > 0.5 else "a few per cent" if error > 0.01 else "right",
        {
            RIGHT: ("worthless", "worthless"),
            "one-pass-variance": ("right to about three digits", "right"),
            "float32-is-nearly-enough": ("wrong by a few per cent", "a few per cent"),
        },
        why="The squares are so large that neighbouring float32 numbers lie further apart than 1.",
    )


@item("02-three-alike", idea="forgets")
def three_alike(draw):
    value, gamma, beta = whole(draw, 3, 2, 12)
    return ask(
        f"A column of x is {value}, {value}, {value}, γ = {gamma}, β = {beta}, ε = 0.001. What is y?",
        bn([value] * 3, gamma, beta, eps=1e-3)[0],
        {
            RIGHT: (f"{beta}, {beta}, {beta}", float(beta)),
            "gamma-after-shift": (f"{gamma * beta}, {gamma * beta}, {gamma * beta}", float(gamma * beta)),
            "affine-before": ("0, 0, 0", 0.0),
            "no-eps": ("NaN", np.nan),
        },
        why="x̂ is 0, so γ has nothing to scale, and β is what is left.",
    )


forward_lines = lines(
    "batch_norm_forward",
    "shares",
    """
    mean = x.mean(axis=0)
    var = x.var(axis=0)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma * x_hat + beta
    """,
    {
        "sample-variance": "var = x.var(axis=0, ddof=1)",
        "eps-outside-sqrt": "x_hat = (x - mean) / (np.sqrt(var) + eps)",
        "divides-by-variance": "x_hat = (x - mean) / (var + eps)",
        "mean-not-subtracted": "x_hat = x / np.sqrt(var + eps)",
        "gamma-after-shift": "return gamma * (x_hat + beta)",
        "beta-ignored": "return gamma * x_hat",
    },
)
