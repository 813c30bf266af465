"""What the positions of a channel are worth in a trained network, counted in independent values."""

from functools import lru_cache

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import Data, Split, cnn, digits, initialise, seeded, train
from bn_course.nets.tune import sgd

CHANNELS = (16, 32, 32)
SIDE = 24  # of a piece of a photograph, in pixels


def measure(seed, scale):
    """For each layer: its positions, and what an image is worth for μ and σ², in the median channel."""
    steps = {"digits": 200, "photographs": 150} if scale == "full" else {"digits": 10, "photographs": 5}
    numbers = {}
    for data in (digits(image=True), photographs()):
        with seeded(seed):
            model = initialise(cnn(CHANNELS, classes=data.classes))
        train(model, data, sgd(model, 0.1), steps[data.name], 64, seed=seed, every=steps[data.name])
        layers = [worth(h) for h in before_norms(model, data.train.x[:500])]
        for name, values in zip(("positions", "mean", "var"), zip(*layers, strict=True), strict=True):
            numbers[f"{data.name}_{name}"] = list(values)
    return numbers


@lru_cache
def photographs():
    """Squares of three photographs, turned by 0, 90, 180 or 270 degrees: which of the four is the class.

    Source: scikit-learn's China and flower, Matplotlib's portrait of Grace Hopper.
    """
    from matplotlib.cbook import get_sample_data
    from PIL import Image
    from sklearn.datasets import load_sample_images

    with get_sample_data("grace_hopper.jpg") as file:
        pictures = [np.asarray(Image.open(file)), *load_sample_images().images]
    pictures = [picture.mean(2) for picture in pictures]
    rng = np.random.default_rng(0)
    x, y = np.empty((1200, 1, SIDE, SIDE)), rng.integers(4, size=1200)
    for place, turns in enumerate(y):
        grey = pictures[place % 3]
        top, left = (rng.integers(length - SIDE) for length in grey.shape)
        x[place, 0] = np.rot90(grey[top : top + SIDE, left : left + SIDE], turns)
    x = torch.tensor((x - x.mean()) / x.std(), dtype=torch.float32)
    parts = [Split(x[a:b], torch.tensor(y[a:b])) for a, b in ((0, 1000), (1000, 1100), (1100, 1200))]
    return Data("photographs", *parts, classes=4)


@torch.no_grad()
def before_norms(model, x):
    """What enters each batch norm, (N, C, H, W), with the batch's statistics below it."""
    model.train()
    kept = {name: value.clone() for name, value in model.named_buffers()}
    inputs = []
    for layer in model:
        if isinstance(layer, nn.BatchNorm2d):
            inputs.append(x)
        x = layer(x)
    for name, value in model.named_buffers():
        value.copy_(kept[name])
    return inputs


def worth(h):
    """H·W, and how many independent values an image is worth for μ and for σ², median over channels.

    For μ: the variance of a value over that of an image's mean. For σ²: the same of squared deviations.
    """
    values = h.double().flatten(2)  # (N, C, H·W)
    deviations = values - values.mean((0, 2), keepdim=True)
    return values.shape[2], *(independent(x) for x in (deviations, deviations**2))


def independent(x):
    return (x.var((0, 2), correction=0) / x.mean(2).var(0, correction=0)).median().item()


def least(of):
    """The share of its positions that an image is worth, where it is least: over layers, for μ and for σ²."""

    def share(n):
        both = [n[f"{of}_{name}"] / n[f"{of}_positions"] for name in ("mean", "var")]
        return np.concatenate(both, axis=1).min(1)

    return Effect(
        f"least share of its positions that an image is worth, {of}",
        share,
        above=0.5,
        why="a batch that has lost more than half of its values is another batch",
        blind=True,
    )


DIGITS, PHOTOGRAPHS = least("digits"), least("photographs")

EXPERIMENT = Experiment(
    claim="In a convolution a channel averages over N·H·W values, so an image counts for about as many values as it has positions.",
    source="popular articles",
    scope=Scope(
        "digits; three photographs",
        model="CNN of 16, 32 and 32 channels",
        values="500 × 8 × 8 to 2 × 2; 500 × 24 × 24 to 6 × 6",
        optimiser="SGD with momentum 0.9, batches of 64",
        horizon="200 steps; 150",
    ),
    method="A CNN of 16, 32 and 32 channels with batch norm, He initialisation, SGD with momentum 0.9 at rate 0.1, batches of 64: 200 steps on digits of 8×8 pixels, and 150 on squares of 24×24 of three photographs, turned by a multiple of 90°, by how much being the class. Inputs of each norm, 500 training images. Worth of an image: variance of a value over variance of an image's mean, and the same of squared deviations; median over channels.",
    measure=measure,
    holds=DIGITS & PHOTOGRAPHS,
    when={"the images are as alike in brightness and contrast as digits": DIGITS},
    finding="Digits: the {digits_positions[0]:.0f}, {digits_positions[1]:.0f} and {digits_positions[2]:.0f} positions of an image are worth {digits_mean[0]:.0f}, {digits_mean[1]:.0f} and {digits_mean[2]:.1f} independent values for μ and {digits_var[0]:.0f}, {digits_var[1]:.0f} and {digits_var[2]:.1f} for σ²; photographs: {photographs_positions[0]:.0f}, {photographs_positions[1]:.0f} and {photographs_positions[2]:.0f} are worth {photographs_mean[0]:.1f}, {photographs_mean[1]:.1f} and {photographs_mean[2]:.1f} for μ and {photographs_var[0]:.1f}, {photographs_var[1]:.1f} and {photographs_var[2]:.1f} for σ²",
)
