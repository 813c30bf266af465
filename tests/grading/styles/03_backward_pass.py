"""Right answers to lesson 03, written in different ways."""

import numpy as np
import torch


def affine_by_loops(dy, x_hat, gamma):
    n, d = dy.shape
    dx_hat, dgamma, dbeta = np.zeros((n, d)), np.zeros(d), np.zeros(d)
    for i in range(n):
        for j in range(d):
            dx_hat[i, j] = dy[i, j] * gamma[j]
            dgamma[j] += dy[i, j] * x_hat[i, j]
            dbeta[j] += dy[i, j]
    return dx_hat, dgamma, dbeta


def affine_by_einsum(dy, x_hat, gamma):
    return (
        np.einsum("nd,d->nd", dy, gamma),
        np.einsum("nd,nd->d", dy, x_hat),
        np.einsum("nd->d", dy),
    )


def affine_by_autograd(dy, x_hat, gamma):
    x_hat, gamma = (torch.from_numpy(a).requires_grad_() for a in (x_hat, gamma))
    beta = torch.zeros_like(gamma, requires_grad=True)
    (gamma * x_hat + beta).backward(torch.from_numpy(dy))
    return x_hat.grad, gamma.grad, beta.grad


def affine_as_lists(dy, x_hat, gamma):
    ones = np.ones(len(dy))
    return [(np.diag(gamma) @ dy.T).T.tolist(), np.diag(dy.T @ x_hat).tolist(), ones @ dy]


def standardize_by_nodes(dx_hat, x, eps=1e-5):
    n = len(x)
    mean = x.mean(axis=0)
    c = x - mean
    var = (c**2).mean(axis=0)
    s = 1 / np.sqrt(var + eps)
    ds = (dx_hat * c).sum(axis=0)
    dvar = ds * -0.5 * s**3
    dc = dx_hat * s + dvar * 2 * c / n
    dmean = -dc.sum(axis=0)
    return dvar, dmean, dc + dmean / n


def standardize_by_autograd(dx_hat, x, eps=1e-5):
    x = torch.from_numpy(x).requires_grad_()
    mean = x.mean(dim=0)
    var = ((x - mean) ** 2).mean(dim=0)
    for node in (mean, var):
        node.retain_grad()
    ((x - mean) / torch.sqrt(var + eps)).backward(torch.from_numpy(dx_hat))
    return var.grad, mean.grad, x.grad


def standardize_by_loops(dx_hat, x, eps=1e-5):
    n, d = x.shape
    dvar, dmean, dx = np.zeros(d), np.zeros(d), np.zeros((n, d))
    for j in range(d):
        column = [float(v) for v in x[:, j]]
        mean = sum(column) / n
        var = sum((v - mean) ** 2 for v in column) / n
        for i in range(n):
            dvar[j] -= 0.5 * float(dx_hat[i, j]) * (column[i] - mean) * (var + eps) ** -1.5
            dmean[j] -= float(dx_hat[i, j]) / (var + eps) ** 0.5
        for i in range(n):
            direct = float(dx_hat[i, j]) / (var + eps) ** 0.5
            dx[i, j] = direct + dvar[j] * 2 * (column[i] - mean) / n + dmean[j] / n
    return dvar, dmean, dx


def standardize_with_kept_axes(dx_hat, x, eps=1e-5):
    deviation = np.sqrt(x.var(axis=0, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=0, keepdims=True)) / deviation
    total = dx_hat.sum(axis=0, keepdims=True)
    along = (dx_hat * x_hat).sum(axis=0, keepdims=True)
    dx = (dx_hat - total / len(x) - x_hat * along / len(x)) / deviation
    return (-along / (2 * deviation**2))[0], (-total / deviation)[0], dx


def backward_in_three_terms(dy, x, gamma, eps=1e-5):
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
    dx = gamma * inv_std * (dy - dbeta / len(x) - x_hat * dgamma / len(x))
    return dx, dgamma, dbeta


def backward_by_nodes(dy, x, gamma, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return standardize_by_nodes(dy * gamma, x, eps)[2], (dy * x_hat).sum(axis=0), dy.sum(axis=0)


def backward_by_torch(dy, x, gamma, eps=1e-5):
    x, gamma, dy = (torch.from_numpy(a) for a in (x, gamma, dy))
    x, gamma = x.requires_grad_(), gamma.requires_grad_()
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
    y.backward(dy)
    return x.grad, gamma.grad, beta.grad


def backward_by_jacobian(dy, x, gamma, eps=1e-5):
    n, d = x.shape
    dx, dgamma, dbeta = np.zeros((n, d)), [], []
    for j in range(d):
        centred = x[:, j] - x[:, j].mean()
        deviation = (centred @ centred / n + eps) ** 0.5
        x_hat = centred / deviation
        jacobian = (np.eye(n) - 1 / n - np.outer(x_hat, x_hat) / n) / deviation
        dx[:, j] = jacobian.T @ (gamma[j] * dy[:, j])
        dgamma.append(dy[:, j] @ x_hat)
        dbeta.append(sum(dy[:, j]))
    return [dx, dgamma, dbeta]


def backward_in_place(dy, x, gamma, eps=1e-5):
    x_hat = x.copy()
    x_hat -= x_hat.mean(axis=0)
    inv_std = 1 / np.sqrt(np.mean(x_hat * x_hat, axis=0) + eps)
    x_hat *= inv_std
    dx = dy * gamma
    along = (dx * x_hat).mean(axis=0)
    dx -= dx.mean(axis=0)
    dx -= x_hat * along
    dx *= inv_std
    return dx, np.sum(dy * x_hat, axis=0), np.sum(dy, axis=0)


def numerical_with_two_copies(f, x, h=1e-5):
    gradient = np.zeros(np.shape(x))
    for index in np.ndindex(np.shape(x)):
        above, below = np.array(x, dtype=float), np.array(x, dtype=float)
        above[index] += h
        below[index] -= h
        gradient[index] = (f(above) - f(below)) / (2 * h)
    return gradient


def numerical_in_place(f, x, h=1e-5):
    if x.dtype.kind != "f":
        x = x.astype(float)
    gradient = np.zeros_like(x)
    for index in np.ndindex(*x.shape):
        old = x[index].copy()
        x[index] = old + h
        above = f(x)
        x[index] = old - h
        gradient[index] = (above - f(x)) / h / 2
        x[index] = old
    return gradient


def numerical_by_unit_vectors(f, x, h=1e-5):
    x = np.asarray(x, dtype=float)
    steps = h * np.eye(x.size).reshape(x.size, *x.shape)
    slopes = [(f(x + step) - f(x - step)) / (2 * h) for step in steps]
    return np.array(slopes).reshape(x.shape)


def numerical_as_flat_list(f, x, h=1e-5):
    flat, slopes = [float(v) for v in np.asarray(x).flat], []
    for k in range(len(flat)):
        ends = [np.array([v + (s * h if i == k else 0) for i, v in enumerate(flat)]) for s in (1, -1)]
        up, down = (f(end.reshape(x.shape)) for end in ends)
        slopes.append((up - down) / (2 * h))
    return np.reshape(slopes, x.shape)


STYLES = {
    "affine_backward": {
        "loops": affine_by_loops,
        "einsum": affine_by_einsum,
        "autograd": affine_by_autograd,
        "lists": affine_as_lists,
    },
    "standardize_backward": {
        "nodes": standardize_by_nodes,
        "autograd": standardize_by_autograd,
        "loops": standardize_by_loops,
        "kept axes": standardize_with_kept_axes,
    },
    "batch_norm_backward": {
        "three terms": backward_in_three_terms,
        "nodes": backward_by_nodes,
        "torch": backward_by_torch,
        "Jacobian": backward_by_jacobian,
        "in place": backward_in_place,
    },
    "numerical_gradient": {
        "two copies": numerical_with_two_copies,
        "in place": numerical_in_place,
        "unit vectors": numerical_by_unit_vectors,
        "flat list": numerical_as_flat_list,
    },
}
