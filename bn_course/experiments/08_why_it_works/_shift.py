"""Internal covariate shift, measured in the two ways that it has been defined."""

import copy

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cosine_similarity, cross_entropy

from bn_course.nets import batches, digits, seeded

from ._shared import build, plain_sgd

EVERY = 10


def follow(net, norm, rate, steps, seed, gradients=True):
    """Train, and return how much the layers' inputs shift a step, and the mean training loss.

    `inputs`: how far the means and deviations of a hidden layer's inputs move in one step, root mean square
    over the features, in units of the layer's typical deviation; on 512 fixed examples; mean over layers
    and steps. `gradient`: 1 − cos, between a layer's gradient before and after the layers below it are
    updated, as Santurkar et al. define the shift (2018, definition 2.1); median over looks.
    """
    with seeded(seed):  # of the noise, where the norm makes some
        return _follow(net, norm, rate, steps, seed, gradients)


def _follow(net, norm, rate, steps, seed, gradients):
    model = build(net, norm, seed)
    optimiser, drawn = plain_sgd(model, rate), batches(digits().train, 128, seed)
    shifts, turns, losses = [], [], []
    moments = layer_moments(model)
    for step in range(steps):
        batch = next(drawn)
        before = copy.deepcopy(model) if gradients and step % EVERY == 0 else None
        optimiser.zero_grad()
        loss = cross_entropy(model(batch.x), batch.y)
        losses.append(loss.item())
        loss.backward()
        optimiser.step()
        old, moments = moments, layer_moments(model)
        shifts.append(moved(old, moments))
        if before is not None:
            turns.append(turned(before, model, batch))
    return {
        "inputs": float(np.mean(shifts)),
        "gradient": float(np.median(turns)) if turns else 0.0,
        "loss": float(np.mean(losses)),
    }


@torch.no_grad()
def layer_moments(model):
    """Mean and deviation of each input of each linear layer but the first, over 512 training examples."""
    kept = {name: value.clone() for name, value in model.named_buffers()}
    h, found = digits().train.x[:512], []
    for layer in model:
        if isinstance(layer, nn.Linear):
            found.append((h.mean(0), h.std(0)))
        h = layer(h)
    for name, value in model.named_buffers():
        value.copy_(kept[name])
    return found[1:]


def moved(old, new):
    """How far the moments moved, in units of the layer's root mean square deviation; mean over layers."""
    layers = []
    for (mean, std), (new_mean, new_std) in zip(old, new, strict=True):
        square = ((new_mean - mean) ** 2 + (new_std - std) ** 2).mean()
        layers.append((square / (std**2).mean().clamp(min=1e-12)).sqrt().item())
    return np.mean(layers)


def turned(before, after, batch):
    """1 − cos between gradients of each layer with the layers below it as before and as after the step."""
    places = [i for i, layer in enumerate(before) if isinstance(layer, nn.Linear)][1:]
    gaps = []
    for place in places:
        weight = before[place].weight
        pair = []
        for below in (before, after):
            mixed = nn.Sequential(*copy.deepcopy(below)[:place], *before[place:])
            (slope,) = torch.autograd.grad(cross_entropy(mixed(batch.x), batch.y), weight)
            pair.append(slope.flatten().double())
        gaps.append(max(1 - cosine_similarity(*pair, dim=0).item(), 1e-12))
    return np.mean(gaps)
