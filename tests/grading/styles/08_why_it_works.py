"""Right answers to the questions of lesson 08, written in other ways."""

import math

import numpy as np
import torch


def effective_by_norm(lr, weight):
    return lr / np.linalg.norm(weight) ** 2


def effective_by_loop(lr, weight):
    total = 0.0
    for value in weight.ravel():
        total += float(value) ** 2
    return lr / total


def effective_by_vdot(lr, weight):
    return np.divide(lr, np.vdot(weight, weight))


def effective_in_torch(lr, weight):
    return lr / torch.from_numpy(weight).square().sum()


def effective_by_rows(lr, weight):
    rows = weight.reshape(len(weight), -1)
    return 1 / sum(row @ row / lr for row in rows)


def range_by_loop(loss, w, grad, step_sizes):
    low, high = math.inf, -math.inf
    for size in step_sizes:
        value = loss(w - size * grad)
        low, high = min(low, value), max(high, value)
    return [low, high]


def range_sorted(loss, w, grad, step_sizes):
    values = sorted(loss(w + -s * grad) for s in list(step_sizes))
    return values[0], values[-1]


def range_as_array(loss, w, grad, step_sizes):
    points = w - np.multiply.outer(step_sizes, grad)
    return np.quantile([loss(p) for p in points], [0, 1])


def range_in_place_on_a_copy(loss, w, grad, step_sizes):
    values = []
    for size in step_sizes:
        there = w.copy()
        there -= size * grad
        values.append(loss(there))
    return np.min(values), np.max(values)


def growth_by_formula(norms):
    logs = [math.log(v) for v in norms]
    middle, mean = (len(logs) - 1) / 2, sum(logs) / len(logs)
    above = sum((i - middle) * (v - mean) for i, v in enumerate(logs))
    below = sum((i - middle) ** 2 for i in range(len(logs)))
    return math.exp(above / below)


def growth_by_lstsq(norms):
    table = np.column_stack([np.ones(len(norms)), np.arange(1, len(norms) + 1)])
    return np.exp(np.linalg.lstsq(table, np.log(norms), rcond=None)[0][1])


def growth_in_base_ten(norms):
    return 10 ** np.polyfit(range(len(norms)), np.log10(norms), 1)[0]


def growth_by_polynomial(norms):
    line = np.polynomial.Polynomial.fit(np.arange(len(norms)), np.log2(norms), 1).convert()
    return 2 ** line.coef[1]


def growth_by_covariance(norms):
    layers = np.arange(len(norms))
    covariance = np.cov(layers, np.log(norms))
    return np.exp(covariance[0, 1] / covariance[0, 0])


STYLES = {
    "effective_learning_rate": {
        "norm squared": effective_by_norm,
        "loop": effective_by_loop,
        "vdot": effective_by_vdot,
        "torch": effective_in_torch,
        "row by row": effective_by_rows,
    },
    "loss_range_along_gradient": {
        "loop, a list": range_by_loop,
        "sorted": range_sorted,
        "outer product, an array": range_as_array,
        "in place on a copy": range_in_place_on_a_copy,
    },
    "gradient_growth_per_layer": {
        "formula": growth_by_formula,
        "least squares": growth_by_lstsq,
        "base ten": growth_in_base_ten,
        "polynomial": growth_by_polynomial,
        "covariance": growth_by_covariance,
    },
}
