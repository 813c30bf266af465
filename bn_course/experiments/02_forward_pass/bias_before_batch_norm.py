"""Does a bias in the layer before batch norm do anything?"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import digits, seeded


def measure(seed, scale):
    batch = digits().train[:128]
    with seeded(seed):
        linear = nn.Linear(64, 32)
        moved = torch.randn(32) * 10
    numbers = {}
    for name, norm in (("batch", nn.BatchNorm1d(32)), ("none", nn.Identity())):
        model = nn.Sequential(linear, norm, nn.ReLU(), nn.Linear(32, 10)).double()
        before = model(batch.x.double()).detach()
        functional.cross_entropy(model(batch.x.double()), batch.y).backward()
        numbers[f"{name}_gradient"] = (linear.bias.grad.norm() / linear.weight.grad.norm()).item()
        with torch.no_grad():
            linear.bias += moved
            numbers[name] = ((model(batch.x.double()) - before).norm() / before.norm()).item()
            linear.bias -= moved
        linear.zero_grad()
    return numbers


IDLE = Effect(
    "what moving the bias changes, and its gradient",
    lambda n: np.stack([n["batch"], n["batch_gradient"]], 1),
    below=1e-6,
    why="float64 rounds at 1e-16: whatever is larger than a millionth is no rounding",
    each=("outputs moved, of their size", "gradient, of the weights'"),
)

EXPERIMENT = Experiment(
    claim="A bias before batch norm is redundant: in f(γx̂ + β + b) one shift is too many.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.2; several popular articles keep the b",
    scope=Scope(
        "digits", "Linear(64, 32), norm, ReLU, Linear(32, 10)", values="128 × 1", horizon="at initialisation"
    ),
    method="Float64, training mode; normal numbers of deviation 10 are added to the first bias.",
    measure=measure,
    holds=IDLE,
    finding="Moving the bias moves the outputs by {batch:.0e} of their size with batch norm and by {none:.1f} without; its gradient is {batch_gradient:.0e} of the weights' with, {none_gradient:.2f} without",
)
