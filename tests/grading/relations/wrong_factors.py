"""Wrong answers: a factor, and which number it is.

Each with the kind of what is to be said of it, and a word that it says. Written from descriptions of
mistakes that people make; none of them turns a knob of a question's variant.
"""

import numpy as np
import torch
from pieces_of_norms import SPACE, channels, hat, mean_var


def halves(x):
    return x / 2


def sample_deviation(x):
    spread = x.std(0, ddof=1)
    return (x - x.mean(0)) / np.where(spread == 0, 1, spread)


def by_the_norm(x):
    centred = x - x.mean(0)
    length = np.linalg.norm(centred, axis=0)
    return centred / np.where(length == 0, 1, length)


def unbiased(x):
    n, total = len(x), x.sum(axis=0)
    mean = total / n
    return mean, sum((row - mean) ** 2 for row in x) / (n - 1)


def torch_var(x):
    return torch.tensor(x).var(dim=0).numpy()


def sum_of_squares(x):
    return np.square(x - x.mean(axis=0)).sum(axis=0)


def mean_gradients(dy, x_hat, gamma):
    return dy * gamma, np.mean(dy * x_hat, axis=0), np.mean(dy, axis=0)


def gamma_twice(dy, x_hat, gamma):
    d = dy * gamma
    return d * gamma, (dy * x_hat).sum(0), dy.sum(0)


def gamma_in_dbeta(dy, x_hat, gamma):
    d = dy * gamma
    return d, (dy * x_hat).sum(0), d.sum(0)


def centred_in_dgamma(dy, x, gamma, eps=1e-5):
    x_hat = hat(x, eps)
    d = dy * gamma
    dx = (d - d.mean(0) - x_hat * (d * x_hat).mean(0)) / np.sqrt(x.var(0) + eps)
    return dx, np.einsum("nd,nd->d", dy, x - x.mean(0)), dy.sum(0)


def sums_not_means(dy, x, gamma, eps=1e-5):
    """The famous formula with its 1/N in front forgotten."""
    n = len(x)
    x_hat = hat(x, eps)
    d = dy * gamma
    inv = 1 / np.sqrt(x.var(0) + eps)
    return inv * (n * d - d.sum(0) - x_hat * (d * x_hat).sum(0)), (dy * x_hat).sum(0), dy.sum(0)


def divided_by_features(dy, x, gamma, eps=1e-5):
    dx, dgamma, dbeta = sums_not_means(dy, x, gamma, eps)
    return dx / x.shape[1], dgamma, dbeta


def minus_dx(dy, x, gamma, eps=1e-5):
    dx, dgamma, dbeta = sums_not_means(dy, x, gamma, eps)
    return -dx / len(x), dgamma, dbeta


def no_gamma_in_dx(dy, x, gamma, eps=1e-5):
    dx, dgamma, dbeta = sums_not_means(dy, x, np.ones_like(gamma), eps)
    return dx / len(x), dgamma, dbeta


def without_inv_std(dy, x, gamma, eps=1e-5):
    x_hat = hat(x, eps)
    d = dy * gamma
    return d - d.mean(0) - x_hat * (d * x_hat).mean(0), (dy * x_hat).sum(0), dy.sum(0)


def images_without_count(dy, x, gamma, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    x_hat = (x - mean) / np.sqrt(var + eps)
    d = dy * channels(gamma)
    m = x.shape[0] * x.shape[2] * x.shape[3]
    rest = m * d - d.sum(SPACE, keepdims=True) - x_hat * (d * x_hat).sum(SPACE, keepdims=True)
    return rest / np.sqrt(var + eps), (dy * x_hat).sum(SPACE), dy.sum(SPACE)


def images_mean_gradients(dy, x, gamma, eps=1e-5):
    dx, dgamma, dbeta = images_without_count(dy, x, gamma, eps)
    m = x.size / x.shape[1]
    return dx / m, dgamma / m, dbeta / m


def layer_backward_factor(dy, x, gamma, eps=1e-5):
    mean, var = mean_var(x, -1)
    x_hat = (x - mean) / np.sqrt(var + eps)
    d, n = dy * gamma, x.shape[-1]
    dx = n * d - d.sum(-1, keepdims=True) - x_hat * (d * x_hat).sum(-1, keepdims=True)
    lead = tuple(range(x.ndim - 1))
    return dx / np.sqrt(var + eps), (dy * x_hat).sum(lead), dy.sum(lead)


def dvar_without_half(dx_hat, x, eps=1e-5):
    inv = 1 / np.sqrt(x.var(0) + eps)
    x_hat = (x - x.mean(0)) * inv
    dvar = -(dx_hat * (x - x.mean(0))).sum(0) * inv**3
    dx = inv * (dx_hat - dx_hat.mean(0) - x_hat * (dx_hat * x_hat).mean(0))
    return dvar, -(dx_hat.sum(0) * inv), dx


def one_h(f, x, h=1e-5):
    return two_sided(f, x, h) / h


def two_h_multiplied(f, x, h=1e-5):
    return two_sided(f, x, h) / 2 * h


def backwards(f, x, h=1e-5):
    return -two_sided(f, x, h) / (2 * h)


def two_sided(f, x, h):
    base = np.array(x, dtype=float)
    grad = np.zeros_like(base)
    for i in np.ndindex(base.shape):
        up, down = base.copy(), base.copy()
        up[i] += h
        down[i] -= h
        grad[i] = f(up) - f(down)
    return grad


def one_over_lambda(x):
    return 1 / np.linalg.eigvalsh(x.T @ x / len(x)).max()


def unscaled_hessian(x):
    return 2 / np.linalg.eigvalsh(x.T @ x).max()


def rate_over_norm(lr, weight):
    return lr * (weight**2).mean()


def keras_population(keras_momentum, moving_variance, batch_size):
    return 1 - keras_momentum, moving_variance * (batch_size - 1) / batch_size


def keras_twice(keras_momentum, moving_variance, batch_size):
    return 1 - keras_momentum, moving_variance * (batch_size / (batch_size - 1)) ** 2


def elements_not_bytes(shape, dtype, op):
    return bytes_moved(shape, dtype, op) // 2


def bytes_moved(shape, dtype, op):
    size = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2}[str(dtype).removeprefix("torch.")]
    return int(np.prod(shape)) * size * {"training": 3, "inference": 2, "backward": 5}[op]


def unnormalised_weight(v, g):
    return v * g[:, None]


FACTORS = [
    ("double", halves, "factor", "1/4"),
    ("standardize", sample_deviation, "affine", "factor"),
    ("standardize", by_the_norm, "affine", "factor"),
    ("batch_stats", unbiased, "factor", "n/(n − 1)"),
    ("stable_variance", torch_var, "factor", "n/(n − 1)"),
    ("stable_variance", sum_of_squares, "factor", "times `x.shape[0]`"),
    ("affine_backward", mean_gradients, "factor", "divided by `dy.shape[0]`"),
    ("affine_backward", gamma_twice, "factor", "times γ"),
    ("affine_backward", gamma_in_dbeta, "factor", "dβ times γ"),
    ("batch_norm_backward", centred_in_dgamma, "factor", "np.sqrt(x.var(axis=0) + eps)"),
    ("batch_norm_backward", sums_not_means, "factor", "times `dy.shape[0]`"),
    ("batch_norm_backward", divided_by_features, "factor", "`dy.shape[0] / dy.shape[1]`"),
    ("batch_norm_backward", minus_dx, "factor", "minus"),
    ("batch_norm_backward", no_gamma_in_dx, "factor", "divided by γ"),
    ("batch_norm_backward", without_inv_std, "factor", "times `np.sqrt(x.var(axis=0) + eps)`"),
    ("batch_norm_2d_backward", images_without_count, "factor", "`dy.size / dy.shape[1]`"),
    ("batch_norm_2d_backward", images_mean_gradients, "factor", "divided by `dy.size / dy.shape[1]`"),
    ("layer_norm_backward", layer_backward_factor, "factor", "times `len(gamma)`"),
    ("standardize_backward", dvar_without_half, "factor", "times 2"),
    ("numerical_gradient", one_h, "factor", "times 2"),
    ("numerical_gradient", two_h_multiplied, "factor", "times h²"),
    ("numerical_gradient", backwards, "factor", "minus"),
    ("max_stable_learning_rate", one_over_lambda, "factor", "1/2"),
    ("max_stable_learning_rate", unscaled_hessian, "factor", "divided by `x.shape[0]`"),
    ("keras_to_torch", keras_population, "factor", "(n − 1)/n"),
    ("keras_to_torch", keras_twice, "factor", "n/(n − 1)"),
]
