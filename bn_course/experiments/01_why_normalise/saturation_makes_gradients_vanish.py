"""Do saturated units make the gradient vanish with depth?"""

import numpy as np
import torch
from torch import nn

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded

DEPTH, WIDTH, BATCH = 20, 128, 64


def measure(seed, scale):
    numbers = {}
    for name, activation in (("tanh", nn.Tanh), ("sigmoid", nn.Sigmoid)):
        for label, gain in (("small", 1.0), ("large", 4.0)):
            saturated, growth = pass_through(activation, gain, seed)
            numbers |= {f"{name}_{label}": growth, f"{name}_{label}_saturated": saturated}
    return numbers


def pass_through(activation, gain, seed):
    """The share of units with a slope below 5 % of the largest, and log10 of the gradient's growth to the input."""
    with seeded(seed):
        layers = [nn.Linear(WIDTH, WIDTH, bias=False) for _ in range(DEPTH)]
        for layer in layers:
            nn.init.normal_(layer.weight, std=gain / WIDTH**0.5)
        x, dy = torch.randn(BATCH, WIDTH), torch.randn(BATCH, WIDTH)
    x.requires_grad_()
    h = x
    for layer in layers:
        z = layer(h)
        h = activation()(z)
    (slope,) = torch.autograd.grad(activation()(flat := z.detach().requires_grad_()).sum(), flat)
    largest = 1.0 if activation is nn.Tanh else 0.25
    h.backward(dy)
    return (slope < 0.05 * largest).float().mean().item(), np.log10((x.grad.norm() / dy.norm()).item())


def blamed(name):
    """More units saturate with larger weights, and the gradient is smaller."""
    more = Effect(
        f"share of the units that larger weights saturate ({name})",
        lambda n: n[f"{name}_large_saturated"] - n[f"{name}_small_saturated"],
        above=0,
        why="there must be some to blame",
    )
    smaller = Effect(
        f"powers of ten by which the gradient is larger with them ({name})",
        lambda n: n[f"{name}_large"] - n[f"{name}_small"],
        below=-0.5,
        why="over 20 layers a factor of three is little",
    )
    return more & smaller


EXPERIMENT = Experiment(
    claim="Saturated units make gradients vanish in deep nets.",
    source="usual explanation of why sigmoid and tanh nets are hard to train; compare Glorot and Bengio 2010, section 3",
    scope=Scope("random numbers", "20 layers of 128 units", horizon="at initialisation"),
    method="Weights of deviation gain/√128 with gain 1 and 4; ‖∂L/∂x‖ over ‖∂L/∂y‖.",
    measure=measure,
    holds=blamed("tanh") & blamed("sigmoid"),
    when={"the activation is tanh": blamed("tanh"), "the activation is sigmoid": blamed("sigmoid")},
    finding="tanh: {tanh_small_saturated:.0%} of the units saturated, gradient × 10^{tanh_small:.1f}; with larger weights {tanh_large_saturated:.0%} and × 10^{tanh_large:.1f}. Sigmoid: {sigmoid_small_saturated:.0%} and × 10^{sigmoid_small:.1f}; larger weights {sigmoid_large_saturated:.0%} and × 10^{sigmoid_large:.1f}. Where more units saturate, the gradient is larger",
)
