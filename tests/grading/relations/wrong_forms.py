"""Wrong answers: another form; rounded, constant, or kept.

Each with the kind of what is to be said of it, and a word that it says. Written from descriptions of
mistakes that people make; none of them turns a knob of a question's variant.
"""

import numpy as np
import torch
from pieces_of_norms import SPACE, channels, hat, mean_var
from torch.nn import functional


def variance_first(x):
    return x.var(0), x.mean(0)


def with_deviation(x):
    return x.mean(0), x.var(0), x.std(0)


def variance_alone(x):
    return x.var(0)


def as_columns(x):
    return x.mean(0, keepdims=True).T, x.var(0, keepdims=True).T


def turned(x, gamma, beta, eps=1e-5):
    return (gamma * hat(x, eps) + beta).T


def channels_last(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    y = (x - mean) / np.sqrt(var + eps) * channels(gamma) + channels(beta)
    return y.transpose(0, 2, 3, 1)


def flat(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    y = (x - mean) / np.sqrt(var + eps) * channels(gamma) + channels(beta)
    return y.reshape(len(x), -1)


def gradients_first(dy, x_hat, gamma):
    return (dy * x_hat).sum(0), dy.sum(0), dy * gamma


def dbeta_forgotten(dy, x_hat, gamma):
    return dy * gamma, (dy * x_hat).sum(0)


def for_each_example(dy, x_hat, gamma):
    return dy * gamma, dy * x_hat, dy


def all_added_up(dy, x_hat, gamma):
    return dy * gamma, (dy * x_hat).sum(), dy.sum()


def one_dimension_left(dy, x, gamma, eps=1e-5):
    rows = torch.tensor(x, requires_grad=True)
    weight = torch.tensor(gamma, requires_grad=True)
    flatly = rows.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
    y = functional.batch_norm(flatly, None, None, weight, None, True, eps=eps)
    y.backward(torch.tensor(dy).permute(0, 2, 3, 1).reshape(-1, x.shape[1]))
    return rows.grad, weight.grad[None, :, None, None], dy.sum(SPACE)[None, :, None, None]


def bias_first(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    own = 0 if bias is None else bias
    return (own - running_mean) * scale + beta, weight * scale[:, None]


def weight_turned(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    own = 0 if bias is None else bias
    return weight.T * scale, (own - running_mean) * scale + beta


FORMS = [
    ("batch_stats", variance_first, "reordered", "var and mean"),
    ("batch_stats", with_deviation, "too many", "Value 3"),
    ("batch_stats", variance_alone, "missing", "var alone"),
    ("batch_norm_forward", turned, "transposed", "transposed"),
    ("batch_norm_2d", channels_last, "transposed", "transposed"),
    ("batch_norm_2d", flat, "reshaped", "Reshape"),
    ("affine_backward", gradients_first, "reordered", "dγ, dβ and `dx_hat`"),
    ("affine_backward", dbeta_forgotten, "missing", "dβ is missing"),
    ("affine_backward", for_each_example, "not summed", "Added up"),
    ("affine_backward", all_added_up, "summed", "added up"),
    ("batch_norm_2d_backward", one_dimension_left, "reshaped", "dγ"),
    ("fold_into_linear", bias_first, "reordered", "bias and weight"),
    ("fold_into_linear", weight_turned, "transposed", "weight"),
]


def four_decimals(x, gamma, beta, eps=1e-5):
    return np.array([[round(float(v), 4) for v in row] for row in gamma * hat(x, eps) + beta])


def two_decimals(x):
    return np.round(x.mean(0), 2), np.round(x.var(0), 2)


def half_precision(x, gamma, beta, eps=1e-5):
    return (gamma * hat(x, eps) + beta).astype(np.float16)


def epsilon_in_variance(x):
    return x.mean(0), x.var(0) + 1e-3


def plus_one(lr, weight):
    return lr / (weight**2).sum() + 1


class Counting:
    """Right at first; each call moves what the next one says."""

    __name__ = "counting"

    def __init__(self):
        self.calls = 0

    def __call__(self, x):
        self.calls += 1
        return x.mean(0), x.var(0) + 0.01 * self.calls


def noisy(x, gamma, beta, eps=1e-5):
    return gamma * hat(x, eps) + beta + np.random.default_rng().normal(size=x.shape)


KEPT = [
    ("batch_norm_forward", four_decimals, "rounded", "4 decimals"),
    ("batch_stats", two_decimals, "rounded", "2 decimals"),
    ("batch_norm_forward", half_precision, "rounded", "half precision"),
    ("batch_stats", epsilon_in_variance, "added", "plus 0.001"),
    ("effective_learning_rate", plus_one, "added", "plus 1"),
    ("batch_stats", Counting(), "state", "again"),
    ("batch_norm_forward", noisy, "state", "again"),
]
