"""What the experiments of lesson 07 share: four networks for the digits, and what it is to have got there."""

from torch import nn

from bn_course.experiments import Scope
from bn_course.nets import initialise, mlp

SCOPE = Scope("digits", values="128 × 1", optimiser="SGD with momentum 0.9, batches of 128", test=500)
TARGET = 0.95
NETS = {  # hidden layers, activation, initialisation
    "he_4": ([64] * 4, nn.ReLU, "he"),
    "he_10": ([64] * 10, nn.ReLU, "he"),
    "default_4": ([64] * 4, nn.ReLU, None),
    "sigmoid_3": ([100] * 3, nn.Sigmoid, "xavier"),
}


def network(name: str, norm: str) -> nn.Sequential:
    """The network of NETS that is called `name`."""
    hidden, activation, how = NETS[name]
    model = mlp([64, *hidden, 10], norm, activation)
    return model if how is None else initialise(model, how)
