"""Lesson 05: items that come back in review."""

import numpy as np

from bn_course import norms
from bn_course.review.item import RIGHT, ask, item
from bn_course.review.lines import lines


def _images(draw, n=3, c=2, h=4, w=4):
    return draw.normal(1, 2, size=(n, c, h, w))


def _per_channel(x):
    return norms.batch_norm(x, np.ones(x.shape[1]), np.zeros(x.shape[1]))


@item("05-shift", idea="shares")
def shift(draw):
    x, by = _images(draw), int(draw.integers(1, 4))
    moved = x.copy()
    moved[0] = np.roll(x[0], by, axis=-1)
    follows = {
        "channel": np.allclose(_per_channel(moved)[0], np.roll(_per_channel(x)[0], by, axis=-1)),
        "position": np.allclose(norms.standardize(moved, (0,))[0], np.roll(norms.standardize(x, (0,))[0], by, axis=-1)),
    }
    found = [name for name, yes in follows.items() if yes]
    return ask(
        f"One image of a batch is moved by {by} pixels, round the edge. With which statistics is its output the old one, moved by {by} pixels?",
        found[0] if len(found) == 1 else "both" if found else "neither",
        {
            RIGHT: ("one for each channel", "channel"),
            "per-position": ("one for each channel and position", "position"),
            "all-shift-alike": ("with either", "both"),
            "other-batch-other-statistics": ("with neither: the batch is another one", "neither"),
        },
        why="The channel's numbers are the same ones in another order. A position's are not.",
    )


@item("05-parameters", idea="counts")
def parameters(draw):
    import torch

    c, size = int(draw.choice([32, 64, 128])), int(draw.choice([28, 56]))
    learned = sum(p.numel() for p in torch.nn.BatchNorm2d(c).parameters())
    return ask(
        f"A layer puts out {c} channels of {size} × {size} pixels. How many numbers does its batch norm learn?",
        learned,
        {
            RIGHT: (f"{2 * c}", 2 * c),
            "gamma-alone": (f"{c}", c),
            "statistics-are-learned": (f"{4 * c}", 4 * c),
            "per-position": (f"{2 * c * size**2}", 2 * c * size**2),
        },
        why="γ and β for each channel. μ and σ² are remembered, and not learned.",
    )


@item("05-values", idea="counts")
def values(draw):
    n, c, h = int(draw.choice([4, 8, 16])), int(draw.choice([3, 32, 64])), int(draw.choice([7, 8, 14]))
    x = np.zeros((n, c, h, h))
    return ask(
        f"A batch of {n} images with {c} channels of {h} × {h}. How many numbers go into one mean of batch norm?",
        x.size // x.mean(axis=(0, 2, 3)).size,
        {
            RIGHT: (f"{n * h * h}", n * h * h),
            "n-instead-of-nhw": (f"{n}", n),
            "per-instance": (f"{h * h}", h * h),
            "global-statistics": (f"{n * c * h * h}", n * c * h * h),
        },
        why="N·H·W: every axis but the channels.",
    )


@item("05-effective", idea="counts")
def effective(draw):
    n, pixels = int(draw.choice([8, 16])), 32 * 32
    levels = draw.normal(size=(2000, n, 1))  # each image has one brightness, and little else
    means = (levels + 0.1 * draw.normal(size=(2000, n, 8))).mean(axis=(1, 2))
    worth = 1.0 / means.var()
    nearest = min((n, 60 * n, n * pixels), key=lambda guess: abs(np.log(guess / worth)))
    return ask(
        f"A batch of {n} images of 32 × 32 pixels. The pixels of an image are almost alike: images differ in brightness. As an estimate of the mean, the {n * pixels} numbers are worth about as many independent ones as",
        nearest,
        {
            RIGHT: (f"{n}", n),
            "every-pixel-counts": (f"{n * pixels}", n * pixels),
            "pixels-count-some": (f"{60 * n}", 60 * n),
        },
        why="Neighbouring pixels repeat each other. N is what makes a batch reliable.",
    )


@item("05-reshape", idea="shares")
def reshape(draw):
    n, c = 2, int(draw.choice([3, 4]))
    channel = np.broadcast_to(np.arange(c)[None, :, None, None], (n, c, 2, 3))
    column = channel.reshape(-1, c)[:, 0]
    return ask(
        f"x has shape (N, C, H, W) = ({n}, {c}, 2, 3). Somebody writes `x.reshape(-1, C)`. A column of this table holds",
        "one channel" if len(set(column)) == 1 else "every channel",
        {
            RIGHT: ("a bit of every channel", "every channel"),
            "reshaped-without-transpose": ("one channel", "one channel"),
            "reshape-keeps-images": ("one image", "one image"),
        },
        why="reshape reads memory in order, where the channels come before the pixels. Move the axis first.",
    )


@item("05-sequence", idea="shares")
def sequence(draw):
    import torch

    n, size = int(draw.choice([4, 8])), int(draw.choice([8, 16]))
    x = torch.from_numpy(draw.normal(size=(n, size, size)) + np.arange(size)[:, None]).float()
    y = torch.nn.BatchNorm1d(size)(x).detach().numpy()
    step = np.abs(y.mean(axis=(0, 2))).max() < 1e-4
    return ask(
        f"{n} sequences of {size} steps with {size} channels, as (N, T, C) = ({n}, {size}, {size}), go into `nn.BatchNorm1d({size})`. It",
        "steps" if step else "channels",
        {
            RIGHT: ("normalises each time step", "steps"),
            "channels-found-by-themselves": ("normalises each channel, as wanted", "channels"),
            "wrong-layout-raises": ("raises: the channels are not on axis 1", "raises"),
        },
        why="Axis 1 is taken for the channels, and here its length happens to fit.",
    )


@item("05-count", idea="paths")
def count(draw):
    x, dy = _images(draw), _images(draw)
    x_hat = norms.standardize(x, (0, 2, 3))
    m = len(x)  # the mistake: N for N·H·W
    sums = [v.sum(axis=(0, 2, 3), keepdims=True) for v in (dy, dy * x_hat)]
    dx = dy - sums[0] / m - x_hat * sums[1] / m
    moved = np.abs(dx.mean(axis=(0, 2, 3))).max() > 1e-3
    return ask(
        "In the backward pass for images somebody divides by N where N·H·W belongs. dx",
        "moves" if moved else "right",
        {
            RIGHT: ("would move the mean of x, which must not matter", "moves"),
            "n-instead-of-nhw": ("has the right direction, and is H·W times too large", "scaled"),
            "many-pixels-forgive": ("is hardly wrong: the corrections are small", "right"),
        },
        why="The corrections are H·W times too large, so Σdx is no longer 0.",
    )


@item("05-fold-border", idea="modes")
def fold_border(draw):
    scale, shift = 2.0, float(draw.integers(1, 5))
    x, kernel = draw.normal(size=12), draw.normal(size=3)
    before = np.convolve(np.pad(scale * x + shift, 1), kernel, "valid")
    folded = np.convolve(np.pad(x, 1), scale * kernel, "valid") + shift * kernel.sum()
    wrong = ~np.isclose(before, folded)
    border = wrong[[0, -1]].all() and not wrong[1:-1].any()
    return ask(
        "Batch norm, and then a convolution that pads with zeros. Batch norm is folded into the convolution behind it, which is",
        "border" if border else "exact" if not wrong.any() else "everywhere",
        {
            RIGHT: ("exact inside, wrong along the border", "border"),
            "fold-either-way": ("exact everywhere", "exact"),
            "fold-is-an-estimate": ("wrong everywhere by a little", "everywhere"),
        },
        why="The padding was 0 after batch norm. Now it is 0 before, and β reaches it.",
    )


image_lines = lines(
    "batch_norm_2d",
    "shares",
    """
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    x_hat = (x - mean) / np.sqrt(var + eps)
    return gamma[:, None, None] * x_hat + beta[:, None, None]
    """,
    {
        "per-position": "var = x.var(axis=0, keepdims=True)",
        "per-instance": "var = x.var(axis=(2, 3), keepdims=True)",
        "sample-variance": "var = x.var(axis=(0, 2, 3), keepdims=True, ddof=1)",
        "divides-by-variance": "x_hat = (x - mean) / (var + eps)",
        "gamma-after-shift": "return gamma[:, None, None] * (x_hat + beta[:, None, None])",
    },
)
