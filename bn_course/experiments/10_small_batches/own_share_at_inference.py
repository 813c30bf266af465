"""In training an example is 1/N of its own statistics; doing the same at inference does not mend the network."""

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from bn_course.experiments import Effect, Experiment, Table
from bn_course.nets import digits

from ._shared import POINT, SCOPE, error, recalibrated, trained
from .images_in_small_batches import trained_cnn


class WithOwnShare(nn.Module):
    """Statistics of a mixture: the population with weight 1 − share, the example itself with `share`.

    An example has a mean m' and a variance v' over its positions in each channel; of one value they are x
    and 0. The mixture's mean is (1 − share) m + share m', its variance (1 − share) v + share v' +
    share (1 − share) (m' − m)². With share = 1/N no single value exceeds √(N − 1) deviations, as in training.
    """

    def __init__(self, norm, share):
        super().__init__()
        self.norm, self.share = norm, share

    def forward(self, x):  # (N, C) or (N, C, H, W)
        norm, share = self.norm, self.share
        values = x.flatten(2) if x.ndim > 2 else x[:, :, None]  # (N, C, H·W)
        own_var, own_mean = torch.var_mean(values, 2, correction=0, keepdim=True)
        mean, var, weight, bias = (
            vector[:, None] for vector in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
        )
        mixed = (1 - share) * var + share * own_var + share * (1 - share) * (own_mean - mean).square()
        centred = values - (1 - share) * mean - share * own_mean
        return (weight * centred / torch.sqrt(mixed + norm.eps) + bias).view_as(x)


def measure(seed, scale):
    sizes, epochs = ([16, 8, 4, 2], 5) if scale == "full" else ([4, 2], 1)
    numbers = {"sizes": sizes, "plain": [], "full_share": [], "chosen": []}
    for size in sizes:
        found = shares(trained("batch", size, seed, epochs=epochs), size)
        for name, value in zip(("plain", "full_share", "chosen"), found, strict=True):
            numbers[name].append(value)
    cnn = trained_cnn("batch", 4, 2, seed, epochs=epochs)
    return {**numbers, "images": shares(cnn, 2)}


def shares(model, size):
    """Test error without a share, with 1/N, and with the share that is best on validation data."""
    model = recalibrated(model, size)
    arms = [with_own_share(model, part / size) for part in (0, 0.25, 0.5, 1)]
    chosen = min(arms, key=lambda arm: error(arm, digits().validation))
    return [error(arm) for arm in (arms[0], arms[-1], chosen)]


def with_own_share(model, share):
    layers = [WithOwnShare(x, share) if isinstance(x, _BatchNorm) else x for x in model]
    return nn.Sequential(*layers)


VALUES = Effect(
    "points gained with two examples, one value of each",
    lambda n: n["plain"][:, -1] - n["full_share"][:, -1],
    above=1.5,
    why=POINT,
)
IMAGES = Effect(
    "points gained with two images, a CNN",
    lambda n: n["images"][:, 0] - n["images"][:, 1],
    above=1.5,
    why=POINT,
)

EXPERIMENT = Experiment(
    claim="Letting an example count 1/N in its own statistics at inference, as it did in training, mends small batches.",
    source="the idea of Singh and Shrivastava 2019 (arXiv:1904.06031) and Summers and Dinneen 2020 (arXiv:1906.03548)",
    scope=SCOPE.but(model="ReLU MLP 4×64; a CNN", values="16 to 2, in the CNN 2 × 64, 16 and 4 positions"),
    method="As error_against_batch_size, rate 0.05·b/32, recalibrated; shares 0, 1/(4N), 1/(2N), 1/N in every layer, the share 1/N and the best of them on validation data; and a CNN of three convolutions with two images a batch, rate 0.2/16.",
    measure=measure,
    holds=VALUES & IMAGES,
    when={"an example has one value a feature": VALUES, "an example has several positions": IMAGES},
    finding="With two examples: {plain[3]:.1f} % wrong without, {full_share[3]:.1f} with 1/N; a CNN with two images {images[0]:.1f} and {images[1]:.1f}, and {images[2]:.1f} with the share that is best on validation data",
    table=Table(
        {"without": "plain", "share 1/N": "full_share", "share by validation": "chosen"},
        ("16 examples, % wrong", "8", "4", "2"),
        ".1f",
    ),
)
