"""What the experiments of lesson 08 share: three networks, and what is looked at in them."""

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from bn_course.experiments import Scope
from bn_course.nets import initialise, mlp, seeded

SCOPE = Scope("digits", values="128 × 1", optimiser="plain SGD, batches of 128")
NETS = {  # sizes, activation, initialisation
    "relu": ([64, 64, 64, 64, 64, 10], nn.ReLU, "he"),
    "tanh": ([64, 64, 64, 64, 64, 10], nn.Tanh, "xavier"),
    "sigmoid": ([64, 100, 100, 100, 10], nn.Sigmoid, "xavier"),
}


def build(net, norm, seed=0):
    """One of NETS, with a norm, freshly initialised."""
    sizes, activation, how = NETS[net]
    with seeded(seed):
        return initialise(mlp(sizes, norm, activation), how)


def linears(model):
    return [layer for layer in model.modules() if isinstance(layer, nn.Linear)]


def hidden(model):
    """The weights of the hidden layers: those that a norm follows, where there is one."""
    return [layer.weight for layer in linears(model)[:-1]]


def plain_sgd(model, rate):
    return torch.optim.SGD(model.parameters(), lr=rate)


def rate_for_hidden(model, rate, rest=0.1, decay=0.0):
    """SGD with `rate` and `decay` for the hidden layers' weights, and `rest` for everything else."""
    chosen = hidden(model)
    ids = {id(weight) for weight in chosen}
    others = [p for p in model.parameters() if id(p) not in ids]
    groups = [{"params": chosen, "lr": rate, "weight_decay": decay}, {"params": others, "lr": rest}]
    return torch.optim.SGD(groups)


def growth(model, batch):
    """How many times the gradient's norm grows from one hidden layer to the one below it.

    The layers next to input and output have other shapes and are left out.
    """
    norms = [g.norm().item() for g in weight_gradients(model, batch)]
    inner = np.log(norms[2:-2])
    return float(np.exp(-np.polyfit(range(len(inner)), inner, 1)[0]))


def weight_gradients(model, batch):
    """∂L/∂W of every linear layer, the first layer first."""
    weights = [layer.weight for layer in linears(model)]
    return torch.autograd.grad(cross_entropy(model(batch.x), batch.y), weights)


def steps_to(history, target, never):
    """Updates until the validation accuracy is `target` and stays so; `never` where it does not."""
    reached = [accuracy >= target for accuracy in history.accuracy]
    if history.diverged or not reached[-1]:
        return float(never)
    below = [i for i, there in enumerate(reached) if not there]
    return float(history.steps[below[-1] + 1 if below else 0])
