"""A layer before batch norm computes the same with weights of any length."""

import numpy as np
import torch
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.experiments import Effect, Experiment
from bn_course.nets import digits, norm_layer

from ._shared import SCOPE, build, hidden

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


ROUNDING = "float64, and an ε that is nothing"


def invariant(norm):
    """Loss and gradient are those that the statement says."""
    names = (f"{norm}_cosine", f"{norm}_loss_change")
    same = Effect(
        "of gradient and weights, and of the losses",
        lambda n: np.stack([n[name] for name in names], 1),
        below=1e-9,
        why=ROUNDING,
        each=(f"|cos|, {norm}", f"difference, {norm}"),
    )
    shorter = Effect(
        f"the gradient's factor, away from 10, {norm}",
        lambda n: abs(n[f"{norm}_gradient_ratio"] - FACTOR),
        below=1e-6,
        why=ROUNDING,
    )
    return same & shorter


EXPERIMENT = Experiment(
    claim="The length of a hidden layer's weights changes nothing but the gradient, which is divided by it and stands at right angles to the weights.",
    source="Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.3; Salimans and Kingma 2016, arXiv:1602.07868, section 2.1",
    scope=SCOPE.but(model="ReLU 4×64, float64", values="256 × 1", optimiser="", horizon="at initialisation"),
    method="He initialisation, one batch, ε 1e-30; all hidden weights multiplied by 10.",
    measure=measure,
    holds=invariant("batch") & invariant("none"),
    when={"a batch norm follows": invariant("batch")},
    finding="With batch norm |cos(gradient, w)| is at most {batch_cosine:.0e}, the loss changes by {batch_loss_change:.0e} and the gradient is divided by {batch_gradient_ratio:.4f}; without, {none_cosine:.2f}, {none_loss_change:.0e} and {none_gradient_ratio:.1e}",
)
