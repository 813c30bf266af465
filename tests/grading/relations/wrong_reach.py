"""Wrong answers: which entries reach which, and what is right up to a scale.

Each with the kind of what is to be said of it, and a word that it says. Written from descriptions of
mistakes that people make; none of them turns a knob of a question's variant.
"""

import numpy as np
import torch
from pieces_of_norms import SPACE, channels, hat, mean_var
from torch.nn import functional


def of_each_row(x, gamma, beta, eps=1e-5):
    return gamma * hat(x, eps, axis=1) + beta


def of_the_whole(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean()) / np.sqrt(x.var() + eps) + beta


def of_each_image(x, gamma, beta, eps=1e-5):
    made = functional.instance_norm(torch.tensor(x), eps=eps).numpy()
    return made * channels(gamma) + channels(beta)


def of_each_pixel(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, 0)
    return (x - mean) / np.sqrt(var + eps) * channels(gamma) + channels(beta)


def of_the_batch_too(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    return (x - mean) / np.sqrt(var + eps) * channels(gamma) + channels(beta)


def own_entry(dy, x, gamma, eps=1e-5):
    x_hat = hat(x, eps)
    return dy * gamma / np.sqrt(x.var(0) + eps), (dy * x_hat).sum(0), dy.sum(0)


def diagonal(dy, x, gamma, eps=1e-5):
    """Only what the own entry of x does to y."""
    n, x_hat = len(x), hat(x, eps)
    own = (1 - 1 / n - x_hat**2 / n) / np.sqrt(x.var(0) + eps)
    return dy * gamma * own, (dy * x_hat).sum(0), dy.sum(0)


def each_image_backward(dy, x, gamma, eps=1e-5):
    rows = torch.tensor(x, requires_grad=True)
    made = functional.instance_norm(rows, eps=eps)
    (made * torch.tensor(channels(gamma))).backward(torch.tensor(dy))
    mean, var = mean_var(x, SPACE)
    return rows.grad, (dy * (x - mean) / np.sqrt(var + eps)).sum(SPACE), dy.sum(SPACE)


def no_mean_path(dy, x, gamma, eps=1e-5):
    x_hat, d = hat(x, eps), dy * gamma
    return (d - x_hat * (d * x_hat).mean(0)) / np.sqrt(x.var(0) + eps), (dy * x_hat).sum(0), dy.sum(0)


def no_spread_path(dy, x, gamma, eps=1e-5):
    x_hat, d = hat(x, eps), dy * gamma
    return (d - d.mean(0)) / np.sqrt(x.var(0) + eps), (dy * x_hat).sum(0), dy.sum(0)


def centred_on_the_spread_path(dy, x, gamma, eps=1e-5):
    x_hat, d, inv = hat(x, eps), dy * gamma, 1 / np.sqrt(x.var(0) + eps)
    return inv * (d - d.mean(0) - (x - x.mean(0)) * (d * x_hat).mean(0)), (dy * x_hat).sum(0), dy.sum(0)


def floor_of_epsilon(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / np.maximum(x.std(0), eps) + beta


def epsilon_outside(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(0)) / (x.std(0) + eps) + beta


def variance_below(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, SPACE)
    return channels(gamma) * (x - mean) / (var + eps) + channels(beta)


def sample_variance_images(x, gamma, beta, eps=1e-5):
    rows = torch.tensor(x)
    var, mean = torch.var_mean(rows, dim=SPACE, keepdim=True)
    return (rows - mean) / torch.sqrt(var + eps) * torch.tensor(channels(gamma)) + torch.tensor(
        channels(beta)
    )


def not_centred(x, gamma, beta, eps=1e-5):
    return gamma * x / np.sqrt(x.var(0) + eps) + beta


def plain_x_hat(x, gamma, beta, eps=1e-5):
    return hat(x, eps)


def batch_in_evaluation(x, gamma, beta, running_mean, running_var, eps=1e-5):
    return gamma * hat(x, eps) + beta


def all_features(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, tuple(range(1, x.ndim)))
    return (x - mean) / np.sqrt(var + eps) * channels(gamma) + channels(beta)


def whole_sequence(x, gamma, beta, eps=1e-5):
    axes = tuple(range(1, x.ndim))
    mean, var = mean_var(x, axes)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


def rms_of_columns(x, gamma, eps=1e-6):
    return gamma * x / np.sqrt((x * x).mean(0, keepdims=True) + eps)


def own_shard(shards, gamma, beta, eps=1e-5):
    return [gamma * hat(shard, eps) + beta for shard in shards]


def style_of_all(content, style, eps=1e-5):
    (m, v), (target, spread) = mean_var(content, (2, 3)), mean_var(style, SPACE)
    return (content - m) / np.sqrt(v + eps) * np.sqrt(spread + eps) + target


def gamma_along_width(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, 0)
    return gamma[:1] * (x - mean) / np.sqrt(var + eps) + beta[:1]


def by_one_pass(x):
    return np.float32((x * x).mean(0)) - np.float32(x.mean(0)) ** 2


def float32_variance(x):
    x = np.asarray(x)
    return (x**2).mean(0) - x.mean(0) ** 2


def not_squared_mean(x):
    return x.mean(0), (x**2).mean(0)


def filters_of_inputs(weight, eps=1e-5):
    mean, var = mean_var(weight, SPACE)
    return (weight - mean) / np.sqrt(var + eps)


REACH = [
    ("batch_norm_forward", of_each_row, "reach", "not in other rows"),
    ("batch_norm_forward", of_the_whole, "reach", "in other columns too"),
    ("batch_norm_2d", of_each_image, "reach", "along axis 0"),
    ("batch_norm_2d", of_each_pixel, "reach", "along axes 2 and 3"),
    ("instance_norm", of_the_batch_too, "reach", "along axis 0 too"),
    ("batch_norm_backward", own_entry, "reach", "at one place alone"),
    ("batch_norm_backward", diagonal, "reach", "at one place alone"),
    ("batch_norm_2d_backward", each_image_backward, "reach", "along axis 0"),
    ("batch_norm_backward", no_mean_path, "shift", "plus a constant"),
    ("batch_norm_backward", no_spread_path, "span", "multiple of x"),
    ("batch_norm_backward", centred_on_the_spread_path, "span", "multiple of x"),
    ("batch_norm_forward", epsilon_outside, "scale", "less β"),
    ("batch_norm_2d", variance_below, "scale", "less β"),
    ("batch_norm_2d", sample_variance_images, "scale", "less β"),
    ("batch_norm_forward", not_centred, "shift", "plus a constant"),
    ("batch_norm_forward", plain_x_hat, "no-effect", "γ or β"),
    ("batch_norm_inference", batch_in_evaluation, "no-effect", "`running_mean` or `running_var`"),
    ("instance_norm", all_features, "reach", "along axis 1 too"),
    ("layer_norm", whole_sequence, "reach", "sequences"),
    ("rms_norm", rms_of_columns, "reach", "in other rows"),
    ("sync_batch_norm", own_shard, "reach", "does not change at all"),
    ("adain", style_of_all, "reach", "style"),
    ("stable_variance", float32_variance, "float64", "float32"),
    ("batch_stats", not_squared_mean, "invariance", "Add 10"),
    ("weight_standardize", filters_of_inputs, "reach", "axis 1"),
]
