"""Wrong answers: another array, or another quantity.

Each with the kind of what is to be said of it, and a word that it says. Written from descriptions of
mistakes that people make; none of them turns a knob of a question's variant.
"""

import numpy as np
import torch
from pieces_of_norms import SPACE, channels, hat, mean_var
from torch.nn import functional


def deviation_for_variance(x):
    return x.mean(axis=0), x.std(axis=0)


def axis_of_the_rows(x):
    rows = torch.tensor(x)
    return rows.mean(dim=1), rows.var(dim=1, correction=0)


def whole_table(x):
    return x.var()


def shift_first(x, gamma, beta, eps=1e-5):
    return (hat(x, eps) + beta) * gamma


def plus_gamma(x, gamma, beta, eps=1e-5):
    return gamma * hat(x, eps) + gamma


def exchanged(x, gamma, beta, eps=1e-5):
    return beta * hat(x, eps) + gamma


def scale_alone(x, gamma, beta, eps=1e-5):
    return gamma * hat(x, eps)


def minus_beta(x, gamma, beta, eps=1e-5):
    return gamma * hat(x, eps) - beta


def shift_alone(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    return (x - mean) / np.sqrt(var + eps) + channels(beta)


def first_gamma(x, gamma, beta, eps=1e-5):
    return gamma[0] * hat(x, eps) + beta


def one_gamma(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    return gamma.mean() * (x - mean) / np.sqrt(var + eps) + channels(beta)


def positive_gamma(x, gamma, beta, eps=1e-5):
    return np.abs(gamma) * hat(x, eps) + beta


def gamma_plus_one(x, gamma, beta, eps=1e-5):
    return hat(x, eps) * (1 + gamma) + beta


def divided_by_gamma(x, gamma, beta, eps=1e-5):
    return hat(x, eps) / gamma + beta


def variance_as_deviation(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * (x - running_mean) / (running_var + eps) + beta


def statistics_exchanged(x, gamma, beta, running_var, running_mean, eps=1e-5):
    return gamma * (x - running_mean) / np.sqrt(np.maximum(running_var, 0) + eps) + beta


def variance_squared(x, gamma, beta, running_mean, running_var, eps=1e-5):
    """A deviation was expected, and squared."""
    return gamma * (x - running_mean) / np.sqrt(running_var**2 + eps) + beta


def no_mean(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * x / np.sqrt(running_var + eps) + beta


def flipped(running_mean, running_var, x, momentum=0.1):
    mean, var = x.mean(0), x.var(0, ddof=1)
    keep = momentum
    return keep * running_mean + (1 - keep) * mean, keep * running_var + (1 - keep) * var


def always_a_tenth(running_mean, running_var, x, momentum=0.1):
    return 0.9 * running_mean + 0.1 * x.mean(0), 0.9 * running_var + 0.1 * x.var(0, ddof=1)


def keras_momentum_default(running_mean, running_var, x, momentum=0.01):
    step = momentum
    return running_mean + step * (x.mean(0) - running_mean), running_var + step * (
        x.var(0, ddof=1) - running_var
    )


def last_batch(running_mean, running_var, x, momentum=0.1):
    return x.mean(0), x.var(0, ddof=1)


def same_momentum(keras_momentum, moving_variance, batch_size):
    return keras_momentum, moving_variance * batch_size / (batch_size - 1)


def no_own_bias(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return scale[:, None] * weight, beta - running_mean * scale


def own_bias_plain(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return scale[:, None] * weight, (0 if bias is None else bias) - running_mean * scale + beta


def mean_added(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    own = np.zeros_like(beta) if bias is None else bias
    return np.einsum("oihw,o->oihw", weight, scale), (own + running_mean) * scale + beta


def no_gamma_in_fold(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = 1 / np.sqrt(running_var + eps)
    own = np.zeros_like(beta) if bias is None else bias
    return weight * channels(scale, axis=0), (own - running_mean) * scale + beta


def squared_gamma(mean, var, eps):
    return var + eps, mean


def inverse(mean, var, eps):
    return 1 / np.sqrt(var + eps), mean


def minus_mean(mean, var, eps):
    return np.sqrt(var + eps), -mean


def dbeta_twice(dy, x_hat, gamma):
    return dy * gamma, dy.sum(0), dy.sum(0)


def plain_dy(dy, x_hat, gamma):
    return dy, (dy * x_hat).sum(0), dy.sum(0)


def gamma_everywhere(dy, x_hat, gamma):
    return np.ones_like(dy) * gamma, (dy * x_hat).sum(0), dy.sum(0)


def equal_weights(means, variances, counts):
    mean = means.mean(0)
    return mean, (variances + (means - mean) ** 2).mean(0)


def no_spread_between(means, variances, counts):
    share = counts[:, None] / counts.sum()
    return (share * means).sum(0), (share * variances).sum(0)


def one_group(x, gamma, beta, num_groups, eps=1e-5):
    return functional.group_norm(torch.tensor(x), 1, torch.tensor(gamma), torch.tensor(beta), eps)


def unlimited(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def plain_weight(v, g):
    return v / np.linalg.norm(v, axis=1, keepdims=True)


def squared_norm(v, g):
    return v * g[:, None] / (v**2).sum(1, keepdims=True)


def variances_of_layers(x, weights, activation):
    told = []
    for w in weights:
        x = activation(x @ w)
        told.append(x.var())
    return tuple(told)


def content_as_style(content, style, eps=1e-5):
    return content


def root_of_rate(lr, weight):
    return lr / np.linalg.norm(weight)


def one_sided_means(lr, weight):
    return lr / (weight**2).mean()


OTHERS = [
    ("batch_stats", deviation_for_variance, "substitution", "root"),
    ("batch_stats", axis_of_the_rows, "substitution", "x.T"),
    ("stable_variance", whole_table, "substitution", "reshape(-1, 1)"),
    ("batch_norm_forward", shift_first, "substitution", "·"),
    ("batch_norm_forward", plus_gamma, "substitution", "γ in place of β"),
    ("batch_norm_forward", exchanged, "substitution", "each other"),
    ("batch_norm_forward", scale_alone, "added", "less β"),
    ("batch_norm_forward", minus_beta, "substitution", "−β"),
    ("batch_norm_2d", shift_alone, "substitution", "ones in place of γ"),
    ("batch_norm_forward", first_gamma, "substitution", "gamma[0]"),
    ("batch_norm_2d", one_gamma, "substitution", "gamma.mean()"),
    ("batch_norm_forward", positive_gamma, "substitution", "|γ|"),
    ("batch_norm_forward", gamma_plus_one, "substitution", "1 + γ"),
    ("batch_norm_forward", divided_by_gamma, "substitution", "1/γ"),
    ("batch_norm_inference", variance_as_deviation, "substitution", "γ/`np.sqrt(running_var + eps)`"),
    ("batch_norm_inference", variance_squared, "substitution", "`running_var`²"),
    ("batch_norm_inference", no_mean, "substitution", "zeros"),
    ("update_running_stats", flipped, "substitution", "1 − "),
    ("update_running_stats", always_a_tenth, "constant", "= 0.1"),
    ("update_running_stats", keras_momentum_default, "default", "= 0.01"),
    ("update_running_stats", last_batch, "constant", "= 1 "),
    ("keras_to_torch", same_momentum, "substitution", "`keras_momentum`"),
    ("fold_into_linear", no_own_bias, "substitution", "zeros in place of bias"),
    ("fold_into_linear", own_bias_plain, "substitution", "in place of bias"),
    ("fold_into_conv", mean_added, "substitution", "−`running_mean`"),
    ("fold_into_conv", no_gamma_in_fold, "substitution", "ones in place of γ"),
    ("identity_affine", squared_gamma, "substitution", "square"),
    ("identity_affine", inverse, "substitution", "1 divided"),
    ("identity_affine", minus_mean, "factor", "minus"),
    ("affine_backward", dbeta_twice, "substitution", "dβ"),
    ("affine_backward", plain_dy, "substitution", "dy"),
    ("affine_backward", gamma_everywhere, "substitution", "γ"),
    ("merge_stats", equal_weights, "substitution", "ones in place of counts"),
    ("merge_stats", no_spread_between, "substitution", "means"),
    ("group_norm", one_group, "constant", "= 1"),
    ("batch_renorm_forward", unlimited, "affine", "In each column"),
    ("weight_norm", plain_weight, "factor", "divided by g"),
    ("weight_norm", squared_norm, "factor", "np.linalg.norm(v, axis=1)"),
    ("layer_stds", variances_of_layers, "substitution", "square"),
    ("adain", content_as_style, "substitution", "content"),
    ("effective_learning_rate", root_of_rate, "factor", "np.linalg.norm(weight)"),
    ("effective_learning_rate", one_sided_means, "factor", "`weight.size`"),
]
