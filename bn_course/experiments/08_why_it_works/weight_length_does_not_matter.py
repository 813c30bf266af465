"""A layer before batch norm computes the same with weights of any length."""

import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.experiments import DOES_NOT_HOLD, HOLDS, Experiment, holds_when
from bn_course.nets import digits, norm_layer

from ._shared import build, hidden

FACTOR = 10.0


def measure(seed, scale):
    return {f"{norm}_{name}": value for norm in ("none", "batch") for name, value in look(norm, seed).items()}


def look(norm, seed):
    """Loss and gradient of the hidden weights, in float64, as they are and FACTOR times as long."""
    model = build("relu", exact if norm == "batch" else norm, seed).double()
    batch = digits().train[:256]
    loss, slopes = at(model, batch)
    with torch.no_grad():
        for weight in hidden(model):
            weight *= FACTOR
    long_loss, long_slopes = at(model, batch)
    pairs = list(zip(slopes, hidden(model), strict=True))
    return {
        "cosine": max(abs(cosine_similarity(g.flatten(), w.flatten(), dim=0)).item() for g, w in pairs),
        "loss_change": abs(long_loss - loss),
        "gradient_ratio": (slopes[0].norm() / long_slopes[0].norm()).item(),
    }


def exact(features):
    """Batch norm with an ε that rounding swallows: ε is what keeps the layer from being exactly invariant."""
    layer = norm_layer("batch", features)
    layer.eps = 1e-30
    return layer


def at(model, batch):
    loss = cross_entropy(model(batch.x.double()), batch.y)
    return loss.item(), torch.autograd.grad(loss, hidden(model))


def verdict(numbers):
    def invariant(norm):
        same = max(numbers[f"{norm}_cosine"].max(), numbers[f"{norm}_loss_change"].max()) < 1e-9
        return same and abs(numbers[f"{norm}_gradient_ratio"] - FACTOR).max() < 1e-6

    if not invariant("batch"):
        return DOES_NOT_HOLD
    return HOLDS if invariant("none") else holds_when("a batch norm follows")


EXPERIMENT = Experiment(
    claim="The length of a hidden layer's weights changes nothing but the gradient, which is divided by it and stands at right angles to the weights.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.3; Salimans and Kingma 2016, arXiv:1602.07868, section 2.1",
    method="Digits, ReLU 4×64, He initialisation, one batch of 256, float64, ε 1e-30; all hidden weights multiplied by 10.",
    measure=measure,
    verdict=verdict,
    finding="With batch norm |cos(gradient, w)| is at most {batch_cosine:.0e}, the loss changes by {batch_loss_change:.0e} and the gradient is divided by {batch_gradient_ratio:.4f}; without, {none_cosine:.2f}, {none_loss_change:.0e} and {none_gradient_ratio:.1e}",
)
