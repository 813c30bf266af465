"""'Layer normalisation uses the layer's own parameters.' Weight normalisation does."""

import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded

FEATURES = 12


@torch.no_grad()
def measure(seed, scale):
    """How far what is divided by moves, relatively, when something else is exchanged."""
    with seeded(seed):
        x, y = torch.randn(2, 8, FEATURES, dtype=torch.float64)
        scales = torch.rand(8, 1, dtype=torch.float64) + 1.5
        layers = [nn.LayerNorm(FEATURES), nn.LayerNorm(FEATURES)]
        linears = [weight_norm(nn.Linear(FEATURES, FEATURES, bias=False)) for _ in range(2)]
        for parameter in layers[1].parameters():
            nn.init.normal_(parameter)
    layers, linears = ([module.double() for module in pair] for pair in (layers, linears))
    mixed = torch.cat([x[:1], 3 * y[1:]])
    return {
        "layer_parameters": moved(layer_divisor(layers[0], x), layer_divisor(layers[1], x)),
        "layer_others": moved(layer_divisor(layers[0], x)[0], layer_divisor(layers[0], mixed)[0]),
        "layer_input": moved(layer_divisor(layers[0], x), layer_divisor(layers[0], scales * x)),
        "weight_parameters": moved(weight_divisor(linears[0], x), weight_divisor(linears[1], x)),
        "weight_input": moved(weight_divisor(linears[0], x), weight_divisor(linears[0], scales * x)),
    }


def layer_divisor(layer, x):
    """√(σ² + ε) of each example, seen from outside: the spread that goes in by the spread that comes out."""
    x_hat = (layer(x) - layer.bias) / layer.weight
    return x.std(1) / x_hat.std(1)


def weight_divisor(linear, x):
    """‖v‖ of each output, likewise: v·x by g·(v·x)/‖v‖, times g."""
    g, v = (getattr(linear.parametrizations.weight, f"original{i}") for i in (0, 1))
    return g[:, 0] * ((x @ v.T) / linear(x)).median(0).values


def moved(before, after):
    return (after / before - 1).abs().max().item()


USES = Effect(
    "relative change of its divisor with other parameters",
    lambda n: n["layer_parameters"],
    above=1e-6,
    why="rounding in float64 is far below",
)

EXPERIMENT = Experiment(
    claim="Layer normalisation uses the layer's own parameters.",
    source="said in articles; against Ba, Kiros & Hinton 2016, arXiv:1607.06450, whose statistics are of the summed inputs",
    scope=Scope("random numbers", model="one layer", values="12 features of one example"),
    method="nn.LayerNorm and a weight-normalised linear layer on the same eight random examples, float64. What each "
    "divides by is read off from outside, before and after an exchange of the parameters, of the other examples, or "
    "a scaling of the inputs by 1.5 to 2.5; the numbers are relative changes.",
    measure=measure,
    holds=USES,
    finding="What layer norm divides by moves, relatively, by {layer_parameters:.0e} with other parameters, by "
    "{layer_others:.0g} with other examples beside, and by {layer_input:.1f} with the input. It is weight normalisation "
    "whose divisor is made of parameters: {weight_parameters:.1f} with them, {weight_input:.0e} with the input",
)
