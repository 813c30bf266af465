"""'Instance normalisation is normalisation over the batch dimension.'"""

import torch
from torch.nn import BatchNorm2d

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets.norms import InstanceNorm


def measure(seed, scale):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(8, 6, 5, 5, generator=generator, dtype=torch.float64)
    others = x.clone()
    others[1:] = 1 + 3 * torch.randn(7, 6, 5, 5, generator=generator, dtype=torch.float64)
    layers = {"instance": InstanceNorm(6), "batch": BatchNorm2d(6)}
    return {name: moved(layer.double(), x, others) for name, layer in layers.items()}


@torch.no_grad()
def moved(layer, x, others):
    """The largest change in the first image's output when the other images are exchanged."""
    return (layer(x)[0] - layer(others)[0]).abs().max().item()


DEPENDS = Effect(
    "how far its output moves with the other images",
    lambda n: n["instance"],
    above=1e-9,
    why="rounding in float64",
)
SEEN = Effect(
    "the same of batch norm", lambda n: n["batch"], above=0.1, why="the measurement must see what depends"
)

EXPERIMENT = Experiment(
    claim="Instance normalisation is normalisation over the batch dimension.",
    source="said in articles; against Ulyanov, Vedaldi & Lempitsky 2016, arXiv:1607.08022, whose statistics are of one image",
    scope=Scope("random numbers", model="one layer", values="25 positions of one image"),
    method="Eight random images of six channels in training mode, float64. Seven of them are exchanged for others; "
    "the number is the largest change in the output of the eighth.",
    measure=measure,
    holds=DEPENDS | ~SEEN,
    finding="When the other images change, the output moves by {instance:.1g} with instance norm and by {batch:.2f} "
    "with batch norm: the batch has no part in instance norm",
)
