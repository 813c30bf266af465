"""The definitions, written out in float64: one function of arrays for each question that is one."""

import math

import numpy as np
import torch


def hat(x, axes, eps):
    """x̂ of a float64 tensor over `axes`, from sums alone."""
    count = math.prod(x.shape[a] for a in axes)
    c = x - x.sum(axes, keepdim=True) / count
    return c / ((c * c).sum(axes, keepdim=True) / count + eps) ** 0.5


def along(vector, ndim, axis):
    return vector.reshape([-1 if a == axis % ndim else 1 for a in range(ndim)])


def tensors(*arrays):
    return [torch.tensor(np.asarray(a), dtype=torch.float64) for a in arrays]


def norm(axes_of, axis):
    """The truth of a norm: statistics over axes_of(x), γ and β along `axis`."""

    def truth(x, gamma, beta, eps=1e-5):
        x, gamma, beta = tensors(x, gamma, beta)
        z = hat(x, axes_of(x.ndim), eps)
        return (along(gamma, x.ndim, axis) * z + along(beta, x.ndim, axis)).numpy()

    return truth


def norm_backward(axes_of, axis):
    def truth(dy, x, gamma, eps=1e-5):
        dy, x, gamma = tensors(dy, x, gamma)
        x, gamma, beta = x.requires_grad_(), gamma.requires_grad_(), torch.zeros_like(gamma).requires_grad_()
        y = along(gamma, x.ndim, axis) * hat(x, axes_of(x.ndim), eps) + along(beta, x.ndim, axis)
        return [g.numpy() for g in torch.autograd.grad(y, (x, gamma, beta), dy)]

    return truth


def batch(ndim):
    return tuple(a for a in range(ndim) if a != 1)


def last(ndim):
    return (ndim - 1,)


def instance(ndim):
    return tuple(range(2, ndim))


def column_stats(x):
    x = np.asarray(x, dtype=np.float64)
    mean = np.array([math.fsum(c) / len(c) for c in x.T])
    return mean, np.array(
        [math.fsum((v - m) ** 2 for v in c) / len(c) for c, m in zip(x.T, mean, strict=True)]
    )


def standardised(x):
    mean, var = column_stats(x)
    return np.where(var > 0, (x - mean) / np.sqrt(np.where(var > 0, var, 1)), 0)


def affine(dy, x_hat, gamma):
    n, d = dy.shape
    dgamma = [math.fsum(dy[i, j] * x_hat[i, j] for i in range(n)) for j in range(d)]
    return dy * gamma[None, :], np.array(dgamma), dy.T @ np.ones(n)


def standardise_back(dx_hat, x, eps=1e-5):
    g, x = tensors(dx_hat, x)
    mean = x.mean(0).requires_grad_()
    var = ((x - mean) ** 2).mean(0)
    dmean = torch.autograd.grad((x - mean) / (var + eps) ** 0.5, mean, g)[0]
    free = var.detach().requires_grad_()
    dvar = torch.autograd.grad((x - mean.detach()) / (free + eps) ** 0.5, free, g)[0]
    x = x.requires_grad_()
    return [t.numpy() for t in (dvar, dmean, torch.autograd.grad(hat(x, (0,), eps), x, g)[0])]


def running(mean, var, x, momentum=0.1):
    m, v = column_stats(x)
    return mean + momentum * (m - mean), var + momentum * (v * len(x) / (len(x) - 1) - var)


def inference(x, gamma, beta, mean, var, eps=1e-5):
    return (x - mean) * (gamma / (var + eps) ** 0.5) + beta


def folded(weight, bias, gamma, beta, mean, var, eps=1e-5):
    s = gamma / (var + eps) ** 0.5
    return (weight.T * s).T, s * ((0 if bias is None else bias) - mean) + beta


def any_axis(x, gamma, beta, eps=1e-5, channel_axis=1):
    k = channel_axis % x.ndim
    x, gamma, beta = tensors(x, gamma, beta)
    z = hat(x, tuple(a for a in range(x.ndim) if a != k), eps)
    return (along(gamma, x.ndim, k) * z + along(beta, x.ndim, k)).numpy()


def ghosts(x, gamma, beta, size, eps=1e-5):
    return np.concatenate([norm(batch, 1)(x[i : i + size], gamma, beta, eps) for i in range(0, len(x), size)])


def merged(means, variances, counts):
    n = counts.sum()
    mean = sum(c * m for c, m in zip(counts, means, strict=True)) / n
    return mean, sum(
        c * (v + (m - mean) ** 2) for c, m, v in zip(counts, means.astype(float), variances, strict=True)
    ) / n


def synchronised(shards, gamma, beta, eps=1e-5):
    y = norm(batch, 1)(np.concatenate(shards), gamma, beta, eps)
    return np.split(y, np.cumsum([len(s) for s in shards])[:-1])


def renormalised(x, gamma, beta, mean, var, r_max, d_max, eps=1e-5):
    m, v = column_stats(x)
    r = np.minimum(np.maximum(np.sqrt((v + eps) / (var + eps)), 1 / r_max), r_max)
    d = np.minimum(np.maximum((m - mean) / np.sqrt(var + eps), -d_max), d_max)
    return gamma * ((x - m) / np.sqrt(v + eps) * r + d) + beta


def grouped(x, gamma, beta, groups, eps=1e-5):
    n, c, h, w = x.shape
    (t,) = tensors(x)
    z = hat(t.reshape(n, groups, c // groups, h, w), (2, 3, 4), eps).reshape(x.shape).numpy()
    return gamma[:, None, None] * z + beta[:, None, None]


def restyled(content, style, eps=1e-5):
    c, s = tensors(content, style)
    mean = s.mean((2, 3), keepdim=True)
    return (hat(c, (2, 3), eps) * (((s - mean) ** 2).mean((2, 3), keepdim=True) + eps) ** 0.5 + mean).numpy()


def masked(x, lengths, gamma, beta, eps=1e-5):
    y = np.zeros(x.shape)
    places = [(n, t) for n, k in enumerate(lengths) for t in range(k)]
    for place, row in zip(
        places, norm(batch, 1)(np.stack([x[p] for p in places]), gamma, beta, eps), strict=True
    ):
        y[place] = row
    return y


def rms(x, gamma, eps=1e-6):
    return gamma * x / np.sqrt(np.sum(x * x, -1, keepdims=True) / x.shape[-1] + eps)


def slope(norms):
    k, y = np.arange(len(norms)) - (len(norms) - 1) / 2, [math.log(v) for v in norms]
    return math.exp(np.dot(k, y) / np.dot(k, k))


def settled(accuracies, target):
    good = [i for i in range(len(accuracies)) if all(a >= target for a in accuracies[i:])]
    return good[0] if good else None


def deep(x, weights, activation):
    stds = []
    for w in weights:
        x = activation(x @ w)
        stds.append(math.sqrt(np.mean((x - x.mean()) ** 2)))
    return stds


def gradient(f, x, h=1e-5):
    x = np.array(x, dtype=float)
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        out[i] = (f(x + step) - f(x - step)) / (2 * h)
    return out
