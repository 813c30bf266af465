"""How the probes of lesson 01 use an answer."""

import numpy as np

ACTIVATIONS = {
    "identity": lambda a: a,
    "relu": lambda a: np.maximum(a, 0),
    "tanh": np.tanh,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
}


def with_activation(answer, x, weights, activation):
    """Call `answer(x, weights, activation)` with the activation that is called so."""
    return answer(x, weights, ACTIVATIONS[activation])
