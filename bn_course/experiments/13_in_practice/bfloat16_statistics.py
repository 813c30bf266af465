"""Mixed precision: may the running statistics be 16 bits wide too?"""

import torch
from torch import nn

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, initialise, mlp, seeded, train

from ._shared import HIDDEN, POINT, SCOPE, percent, sgd

MOMENTA = (0.1, 0.01)


def measure(seed, scale):
    steps = 600 if scale == "full" else 300
    numbers = {"float32": [], "bfloat16": [], "bfloat16_batch": [], "stuck_at": []}
    for momentum in MOMENTA:
        wide, narrow = network(torch.float32, momentum, seed), network(torch.bfloat16, momentum, seed)
        for net in (wide, narrow):
            train(net, digits(), sgd(net, 0.1), steps, seed=seed, every=steps)
        numbers["float32"].append(percent(wide, digits().test))
        numbers["bfloat16"].append(percent(narrow, digits().test))
        numbers["bfloat16_batch"].append(percent(narrow, digits().test, training=True))
        numbers["stuck_at"].append(stuck(momentum))
    return numbers


class Cast(nn.Module):
    """A layer in a type of its own, inside a network of another."""

    def __init__(self, layer, dtype):
        super().__init__()
        self.layer, self.dtype = layer.to(dtype), dtype

    def forward(self, x):
        return self.layer(x.to(self.dtype))


def network(norms, momentum, seed):
    """Linear layers in bfloat16, batch norm with its buffers and parameters in `norms`."""
    with seeded(seed):
        model = initialise(mlp([64, *HIDDEN, 10], lambda d: nn.BatchNorm1d(d, momentum=momentum)), "he")
    parts = [Cast(layer, norms if isinstance(layer, nn.BatchNorm1d) else torch.bfloat16) for layer in model]
    return nn.Sequential(*parts, Cast(nn.Identity(), torch.float32))


def stuck(momentum):
    """Where a bfloat16 running mean comes to rest on its way from 0 to 5."""
    layer, x = nn.BatchNorm1d(1, momentum=momentum).bfloat16(), torch.tensor([[4.0], [6.0]]).bfloat16()
    for _ in range(3000):
        layer(x)
    return layer.running_mean.item()


LOST = Effect(
    "points lost in bfloat16",
    lambda n: n["float32"] - n["bfloat16"],
    above=1.5,
    why=POINT,
    each=("momentum 0.1", "momentum 0.01"),
)

EXPERIMENT = Experiment(
    claim="In mixed precision, batch norm and its statistics must stay in float32.",
    source="Micikevicius et al. 2018, Mixed Precision Training, section 3.3, arXiv:1710.03740",
    scope=SCOPE.but(horizon="600 steps"),
    method="Digits, ReLU MLP 4×64 with linear layers in bfloat16, He initialisation, SGD with momentum 0.9 at rate 0.1, 600 steps; batch norm in float32 or bfloat16, its momentum 0.1 or 0.01; evaluation mode. Beside it, the running mean of a feature whose mean is 5.",
    measure=measure,
    holds=LOST,
    when={"the momentum is small (0.01; at 0.1 it makes no difference)": LOST.at(1)},
    finding="At momentum 0.1: {float32[0]:.0f} % in float32 and {bfloat16[0]:.0f} % in bfloat16; at 0.01: {float32[1]:.0f} and {bfloat16[1]:.0f} %, though with batch statistics it is {bfloat16_batch[1]:.0f} %. A running mean on its way to 5 stops at {stuck_at[0]:.2f} and at {stuck_at[1]:.2f}",
)
