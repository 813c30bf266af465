"""Right answers to lesson 00, written in different ways."""

import numpy as np


def sum_of_itself(x):
    return x + x


def loop(x):
    out = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        out[index] = 2 * x[index]
    return out


def in_place_on_a_copy(x):
    x = x.copy()
    x *= 2
    return x


def as_lists(x):
    return (2 * x).tolist()


STYLES = {"double": {f.__name__: f for f in (sum_of_itself, loop, in_place_on_a_copy, as_lists)}}
