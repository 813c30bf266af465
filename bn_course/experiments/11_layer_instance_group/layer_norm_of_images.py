"""'Layer norm' of an image means two operations, by who says it."""

import numpy as np
import torch
from torch.nn import GroupNorm

from bn_course.experiments import Effect, Experiment
from bn_course.nets import cnn, digits
from bn_course.nets.norms import LayerNorm

from ._shared import SCOPE, percent, tuned


def measure(seed, scale):
    small, data = scale == "small", digits(image=True)
    rates, steps = ((0.1,), 40) if small else ((0.03, 0.1, 0.3), 400)
    whole, pointwise = (lambda c: GroupNorm(1, c)), (lambda c: LayerNorm(c, axis=1))
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(4, 16, 8, 8, generator=generator, dtype=torch.float64)
    lit = x * torch.tensor([1.0, 3.0]).repeat_interleave(4)  # the right half has three times the contrast
    found = {"apart": largest(whole(16).double()(x) - pointwise(16).double()(x))}
    for name, make in {"whole": whole, "pointwise": pointwise}.items():
        layer = make(16).double()
        found[f"{name}_moved"] = largest(layer(lit) - layer(x))
        found[f"{name}_accuracy"] = percent(
            tuned(lambda m=make: cnn((16, 32), m), rates, data, steps, seed), data.test
        )
    return found


def largest(change):
    return change.abs().max().item()


SAME = Effect("largest difference of the two", lambda n: n["apart"], below=1e-6, why="rounding in float64")
ALIKE = Effect(
    "how far contrast in one half moves the output",
    lambda n: np.stack([n["whole_moved"], n["pointwise_moved"]], axis=1),
    above=1e-3,
    why="above what ε does",
    each=("over C, H, W", "at each position"),
)

EXPERIMENT = Experiment(
    claim="Layer norm in a convolutional network is one operation.",
    source="taken for granted where a table says 'LN'; Wu & He 2018, arXiv:1803.08494, figure 2, mean C, H and W together; "
    "Liu et al. 2022 (ConvNeXt), arXiv:2201.03545, mean C at each position",
    scope=SCOPE,
    method="Both on the same random feature maps, float64, then with three times the contrast in the right half of each. "
    "Digits, CNN 16-32, 400 steps, each at its best of three rates; test accuracy.",
    measure=measure,
    holds=SAME | ALIKE,
    finding="The two differ by up to {apart:.1f}. Three times the contrast in half of the image moves the one over C, H, W by "
    "{whole_moved:.1f} and the one at each position by {pointwise_moved:.0e}. On digits they reach {whole_accuracy:.1f} "
    "and {pointwise_accuracy:.1f} %",
)
