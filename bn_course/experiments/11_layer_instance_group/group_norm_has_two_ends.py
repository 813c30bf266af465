"""One group is layer norm, a group a channel is instance norm, and a batch of one is instance norm, too."""

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded

CHANNELS, SIZE = 12, 5


def measure(seed, scale):
    with seeded(seed):
        x = 2 + 3 * torch.randn(4, CHANNELS, SIZE, SIZE, dtype=torch.float64)
        dy = torch.randn_like(x)
    whole = nn.LayerNorm((CHANNELS, SIZE, SIZE))
    instance, batch = nn.InstanceNorm2d(CHANNELS), nn.BatchNorm2d(CHANNELS)
    return {
        "one_group_layer": apart(nn.GroupNorm(1, CHANNELS), whole, x, dy),
        "all_groups_instance": apart(nn.GroupNorm(CHANNELS, CHANNELS), instance, x, dy),
        "one_image_batch_instance": apart(batch, instance, x[:1], dy[:1]),
        "three_groups_layer": apart(nn.GroupNorm(3, CHANNELS), whole, x, dy),
        "three_groups_instance": apart(nn.GroupNorm(3, CHANNELS), instance, x, dy),
    }


def apart(one, other, x, dy):
    """The largest difference between two layers, in the output and in the gradient of the input."""
    return max((a - b).abs().max().item() for a, b in zip(run(one, x, dy), run(other, x, dy), strict=True))


def run(layer, x, dy):
    x = x.clone().requires_grad_()
    y = layer.double()(x)
    return y.detach(), torch.autograd.grad(y, x, dy)[0]


def apart_from(names, **bound):
    return Effect(
        "largest difference", lambda n: np.stack([n[name] for name in names], axis=1), each=names, **bound
    )


ENDS = apart_from(
    ("one_group_layer", "all_groups_instance", "one_image_batch_instance"),
    below=1e-12,
    why="rounding in float64",
)
BETWEEN = apart_from(
    ("three_groups_layer", "three_groups_instance"), above=1e-3, why="the ends must not be all the same"
)

EXPERIMENT = Experiment(
    claim="Group norm with one group is layer norm over C, H and W; with a group a channel it is instance norm; and batch "
    "norm of a single image is instance norm as well.",
    source="Wu & He 2018, arXiv:1803.08494, section 3; the last part: this course, lesson 05",
    scope=Scope("random numbers", model="one layer", values="25 positions × 1 to 12 channels, of one image"),
    method="PyTorch's layers as they are made (γ = 1, β = 0) on four random images of 12 channels, float64; the largest "
    "difference in the output and in the gradient of the input. Batch norm in training mode.",
    measure=measure,
    holds=ENDS & BETWEEN,
    finding="Differences: {one_group_layer:.0e}, {all_groups_instance:.0e} and {one_image_batch_instance:.0e}. Three groups "
    "differ from both ends, by {three_groups_layer:.2f} and {three_groups_instance:.2f}",
)
