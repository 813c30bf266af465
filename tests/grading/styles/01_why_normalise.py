"""Right answers to the questions of lesson 01, written in other ways."""

import numpy as np
import torch


def standardize_loops(x):
    y = [[0.0] * x.shape[1] for _ in x]
    for j in range(x.shape[1]):
        column = [float(v) for v in x[:, j]]
        mean = sum(column) / len(column)
        var = sum((v - mean) ** 2 for v in column) / len(column)
        for i, v in enumerate(column):
            y[i][j] = (v - mean) / var**0.5 if max(column) > min(column) else 0.0
    return y


def standardize_tiny_eps(x):
    return (x - x.mean(axis=0)) / (x.std(axis=0) + 1e-8)


def standardize_tiny_eps_inside(x):
    return (x - x.mean(0, keepdims=True)) / np.sqrt(x.var(0, keepdims=True) + 1e-12)


def standardize_in_place_on_a_copy(x):
    y = np.array(x, dtype=float)
    y -= y.mean(axis=0)
    std = np.sqrt(np.einsum("nd,nd->d", y, y) / len(y))
    varies = np.ptp(x, axis=0) > 0
    y[:, varies] /= std[varies]
    return y


def standardize_nan_to_num(x):
    centred = np.where(np.ptp(x, axis=0) == 0, 0, x - x.mean(axis=0))
    return np.nan_to_num(centred / (centred**2).mean(axis=0) ** 0.5)


def standardize_torch(x):
    t = torch.from_numpy(x)
    var, mean = torch.var_mean(t, dim=0, correction=0)
    return torch.where((t == t[0]).all(dim=0), 0.0, (t - mean) / var.sqrt())


def standardize_transposed(x):
    rows = x.T
    out = [(r - r.mean()) / (r.std() if r.std() > 1e-9 * abs(r).max() else 1.0) for r in rows]
    return np.array(out).T


def rate_svd(x):
    return 2 * len(x) / np.linalg.svd(x, compute_uv=False)[0] ** 2


def rate_gram(x):
    return 2 / np.linalg.eigvalsh(x @ x.T / len(x)).max()


def rate_general_eigenvalues(x):
    return float(2 / np.linalg.eig(x.T @ x / len(x))[0].real.max())


def rate_spectral_norm(x):
    return 2 / np.linalg.norm(x / np.sqrt(len(x)), 2) ** 2


def rate_power_iteration(x):
    hessian = x.T @ x / len(x)
    for _ in range(20):  # squaring doubles the power each time
        hessian = hessian @ hessian
        hessian /= np.trace(hessian)
    v = hessian.sum(axis=1)
    v /= np.linalg.norm(v)
    return 2 / (v @ (x.T @ x / len(x)) @ v)


def rate_torch(x):
    t = torch.from_numpy(x)
    return 2 / torch.linalg.eigvalsh(t.T @ t / t.shape[0])[-1]


def stds_recursive(x, weights, activation):
    if not weights:
        return []
    h = activation(x @ weights[0])
    return [h.std(), *stds_recursive(h, weights[1:], activation)]


def stds_einsum_array(x, weights, activation):
    stds = np.empty(len(weights))
    for i, weight in enumerate(weights):
        x = activation(np.einsum("ni,io->no", x, weight))
        stds[i] = np.sqrt(np.mean((x - np.mean(x)) ** 2))
    return stds


def stds_example_by_example(x, weights, activation):
    stds, rows = [], list(x)
    for weight in weights:
        rows = [activation(weight.T @ row) for row in rows]
        values = np.concatenate(rows)
        stds.append(float(np.sqrt(((values - values.mean()) ** 2).sum() / values.size)))
    return tuple(stds)


def stds_float32(x, weights, activation):
    h, stds = x.astype(np.float32), []
    for weight in weights:
        h = activation(h @ weight.astype(np.float32))
        stds.append(np.std(h, dtype=np.float64))
    return stds


STYLES = {
    "standardize": {
        "loops": standardize_loops,
        "tiny eps outside": standardize_tiny_eps,
        "tiny eps inside": standardize_tiny_eps_inside,
        "in place on a copy": standardize_in_place_on_a_copy,
        "nan_to_num": standardize_nan_to_num,
        "torch": standardize_torch,
        "transposed": standardize_transposed,
    },
    "max_stable_learning_rate": {
        "singular values": rate_svd,
        "xxᵀ instead of xᵀx": rate_gram,
        "general eigenvalues": rate_general_eigenvalues,
        "spectral norm": rate_spectral_norm,
        "power iteration": rate_power_iteration,
        "torch": rate_torch,
    },
    "layer_stds": {
        "recursive": stds_recursive,
        "einsum, an array": stds_einsum_array,
        "example by example": stds_example_by_example,
        "float32": stds_float32,
    },
}
