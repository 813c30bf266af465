"""The loss along the gradient, and how far a gradient can be trusted."""

import numpy as np
import torch
from torch.nn.functional import cross_entropy

WALK = (0.05, 0.1, 0.2, 0.4, 0.8)  # step sizes


def along_gradient(model, batch):
    """At the model's weights w with gradient g, over the step sizes s of WALK:

    `range`: largest minus smallest loss at w − s·g; `turn`: the largest ‖g(w − s·g) − g‖ / ‖g‖.
    The model is left as it was.
    """
    kept = {name: value.clone() for name, value in model.state_dict().items()}
    parameters = list(model.parameters())
    slopes = torch.autograd.grad(cross_entropy(model(batch.x), batch.y), parameters)
    start = [p.detach().clone() for p in parameters]
    losses, turns = [], []
    for size in WALK:
        with torch.no_grad():
            for p, w, g in zip(parameters, start, slopes, strict=True):
                p.copy_(w - size * g)
        loss = cross_entropy(model(batch.x), batch.y)
        there = torch.autograd.grad(loss, parameters)
        losses.append(loss.item())
        turns.append(norm([a - b for a, b in zip(there, slopes, strict=True)]) / norm(slopes))
    model.load_state_dict(kept)
    return max(losses) - min(losses), max(turns)


def norm(tensors):
    return float(np.sqrt(sum(t.double().square().sum().item() for t in tensors)))


def curvature(model, batch):
    """gᵀHg / gᵀg, the second derivative of the loss along its gradient."""
    parameters = list(model.parameters())
    slopes = torch.autograd.grad(cross_entropy(model(batch.x), batch.y), parameters, create_graph=True)
    fixed = [g.detach() for g in slopes]
    product = torch.autograd.grad(sum((g * f).sum() for g, f in zip(slopes, fixed, strict=True)), parameters)
    square = norm(fixed) ** 2
    return sum((h.double() * f.double()).sum().item() for h, f in zip(product, fixed, strict=True)) / square
