"""Pieces of which the wrong answers are made."""

import numpy as np

SPACE = (0, 2, 3)


def mean_var(x, axis=0, ddof=0, keepdims=True):
    return x.mean(axis, keepdims=keepdims), x.var(axis, ddof=ddof, keepdims=keepdims)


def hat(x, eps, axis=0):
    mean, var = mean_var(x, axis)
    return (x - mean) / np.sqrt(var + eps)


def channels(vector, ndim=4, axis=1):
    return vector.reshape([-1 if k == axis else 1 for k in range(ndim)])
