"""Right answers to lesson 02, written in different ways."""

import numpy as np
import torch


def stats_by_loops(x):
    n, d = x.shape
    mean = [sum(float(x[i, j]) for i in range(n)) / n for j in range(d)]
    var = [sum((float(x[i, j]) - mean[j]) ** 2 for i in range(n)) / n for j in range(d)]
    return mean, var


def stats_by_einsum(x):
    mean = np.einsum("nd->d", x) / len(x)
    centred = x - mean
    return mean, np.einsum("nd,nd->d", centred, centred) / len(x)


def stats_by_torch(x):
    var, mean = torch.var_mean(torch.from_numpy(x), dim=0, correction=0)
    return mean, var


def stats_in_one_array(x):
    return np.stack([x.mean(axis=0), x.var(axis=0)])


def stats_transposed(x):
    rows = np.ascontiguousarray(x.T)
    return rows.mean(axis=1), rows.var(axis=1)


def forward_by_loops(x, gamma, beta, eps=1e-5):
    n, d = x.shape
    y = np.zeros((n, d))
    for j in range(d):
        mean = sum(float(v) for v in x[:, j]) / n
        var = sum((float(v) - mean) ** 2 for v in x[:, j]) / n
        for i in range(n):
            y[i, j] = gamma[j] * (float(x[i, j]) - mean) / (var + eps) ** 0.5 + beta[j]
    return y


def forward_by_einsum(x, gamma, beta, eps=1e-5):
    centred = x - np.einsum("nd->d", x) / len(x)
    inv_std = 1 / np.sqrt(np.einsum("nd,nd->d", centred, centred) / len(x) + eps)
    return np.einsum("nd,d->nd", centred, gamma * inv_std) + beta


def forward_in_place(x, gamma, beta, eps=1e-5):
    y = x.copy()
    y -= y.mean(axis=0)
    y /= np.sqrt(np.mean(y * y, axis=0) + eps)
    y *= gamma
    y += beta
    return y


def forward_as_one_line_of_scale_and_shift(x, gamma, beta, epsilon=1e-5):
    scale = gamma / np.sqrt(x.var(axis=0) + epsilon)
    return x * scale + (beta - x.mean(axis=0) * scale)


def forward_by_torch(x, gamma, beta, eps=1e-5):
    x, gamma, beta = map(torch.from_numpy, (x, gamma, beta))
    return torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)


def forward_in_float64_and_one_pass(x, gamma, beta, eps=1e-5):
    x = x.astype(np.float64)
    var = (x * x).mean(axis=0) - x.mean(axis=0) ** 2  # sound at mean 1000 in float64
    return gamma * (x - x.mean(axis=0)) / np.sqrt(var + eps) + beta


def identity_by_lists(mean, var, eps):
    return [float(v + eps) ** 0.5 for v in var], list(mean)


def identity_by_power(mean, var, eps):
    return np.power(var + eps, 0.5), 0 + mean


def identity_by_torch(mean, var, eps):
    return (torch.from_numpy(var) + eps).sqrt(), torch.from_numpy(mean)


def variance_in_float64(x):
    return x.astype(np.float64).var(axis=0).astype(np.float32)


def variance_by_welford(x):
    mean = np.zeros(x.shape[1])
    squares = np.zeros(x.shape[1])
    for count, row in enumerate(x, start=1):
        delta = row - mean
        mean += delta / count
        squares += delta * (row - mean)
    return squares / len(x)


def variance_shifted(x):
    """One pass is sound after subtracting any value near the mean."""
    shifted = x - x[0]
    return (shifted**2).mean(axis=0) - shifted.mean(axis=0) ** 2


def variance_two_pass(x):
    return np.mean((x - x.mean(axis=0)) ** 2, axis=0)


def variance_by_pairs(x):
    """Half the mean squared distance between two examples drawn with replacement, in blocks."""
    total = np.zeros(x.shape[1])
    for row in x:
        total += ((x - row) ** 2).sum(axis=0)
    return total / (2 * len(x) ** 2)


STYLES = {
    "batch_stats": {
        f.__name__: f
        for f in (
            stats_by_loops,
            stats_by_einsum,
            stats_by_torch,
            stats_in_one_array,
            stats_transposed,
        )
    },
    "batch_norm_forward": {
        f.__name__: f
        for f in (
            forward_by_loops,
            forward_by_einsum,
            forward_in_place,
            forward_as_one_line_of_scale_and_shift,
            forward_by_torch,
            forward_in_float64_and_one_pass,
        )
    },
    "identity_affine": {f.__name__: f for f in (identity_by_lists, identity_by_power, identity_by_torch)},
    "stable_variance": {
        f.__name__: f
        for f in (
            variance_in_float64,
            variance_by_welford,
            variance_shifted,
            variance_two_pass,
            variance_by_pairs,
        )
    },
}
