"""Is a network whose only 'activation' is batch norm more than a linear one?"""

import torch
from torch import nn
from torch.nn import functional

from bn_course.experiments import Effect, Experiment, Scope
from bn_course.nets import seeded

CORNERS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def measure(seed, scale):
    steps = 400 if scale == "full" else 200
    xor = (CORNERS[:, 0] != CORNERS[:, 1]).long()
    return {
        "batch_norm": right(learnt(nn.BatchNorm1d(16), xor, seed, steps), xor),
        "relu": right(learnt(nn.ReLU(), xor, seed, steps), xor),
        "batch_norm_bend": bend(learnt(nn.BatchNorm1d(16), xor, seed, steps)),
        "relu_bend": bend(learnt(nn.ReLU(), xor, seed, steps)),
    }


def learnt(layer, labels, seed, steps):
    """A net of two linear layers with `layer` between them, trained on noisy corners; evaluation mode."""
    with seeded(seed):
        model = nn.Sequential(nn.Linear(2, 16), layer, nn.Linear(16, 2))
        optimiser = torch.optim.Adam(model.parameters(), lr=0.03)
        for _ in range(steps):
            corner = torch.randint(4, (64,))
            loss = functional.cross_entropy(model(CORNERS[corner] + 0.1 * torch.randn(64, 2)), labels[corner])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    return model.eval()


@torch.no_grad()
def right(model, labels):
    """The share of noisy corners that the model has right."""
    with seeded(99):
        corner = torch.randint(4, (2000,))
        x = CORNERS[corner] + 0.1 * torch.randn(2000, 2)
    return (model(x).argmax(1) == labels[corner]).float().mean().item()


@torch.no_grad()
def bend(model):
    """How far the model is from affine: ‖f(a) + f(b) − 2f((a + b)/2)‖ over the spread of f."""
    with seeded(98):
        a, b = torch.randn(2, 500, 2)
    apart = model(a) + model(b) - 2 * model((a + b) / 2)
    return (apart.norm() / (model(a) - model(a).mean(0)).norm()).item()


LEARNS = Effect(
    "share of XOR that is right",
    lambda n: n["batch_norm"],
    above=0.85,
    why="a straight line can have three of the four corners right; ten points more are no luck",
)
BENT = Effect(
    "departure from an affine map",
    lambda n: n["batch_norm_bend"],
    above=1e-2,
    why="float32 rounds at 1e-7, and ReLU bends by about one",
)

EXPERIMENT = Experiment(
    claim="The scale and shift of batch norm add non-linearity.",
    source="said in several popular articles on batch normalisation",
    scope=Scope(
        "XOR of two noisy inputs",
        "one hidden layer of 16",
        values="64 × 1",
        optimiser="Adam at 0.03, batches of 64",
        horizon="400 steps",
        test=2000,
    ),
    method="Linear(2, 16), the layer, Linear(16, 2); evaluation mode. A straight line gets at most three quarters right.",
    measure=measure,
    holds=LEARNS | BENT,
    finding="XOR: {batch_norm:.0%} right with batch norm between the layers, {relu:.0%} with ReLU; departure from an affine map {batch_norm_bend:.0e} against {relu_bend:.1f}",
)
