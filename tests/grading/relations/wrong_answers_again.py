"""More wrong answers: another array in an argument's place, another form, another reach, another call."""

import numpy as np
import torch
from torch.nn import functional
from wrong_answers import SPACE, channels, hat, mean_var

# ---- another array, or another quantity ----------------------------------------------------------------


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


def padding_counts(x, lengths, gamma, beta, eps=1e-5):
    mean, var = mean_var(x, (0, 1))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta


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
    ("update_running_stats", always_a_tenth, "substitution", "= 0.1"),
    ("update_running_stats", keras_momentum_default, "default", "= 0.01"),
    ("update_running_stats", last_batch, "substitution", "= 1 "),
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
    ("masked_batch_norm", padding_counts, "no-effect", "lengths"),
    ("group_norm", one_group, "substitution", "= 1"),
    ("batch_renorm_forward", unlimited, "affine", "In each column"),
    ("weight_norm", plain_weight, "factor", "divided by g"),
    ("weight_norm", squared_norm, "factor", "np.linalg.norm(v, axis=1)"),
    ("layer_stds", variances_of_layers, "substitution", "square"),
    ("adain", content_as_style, "substitution", "content"),
    ("effective_learning_rate", root_of_rate, "factor", "np.linalg.norm(weight)"),
    ("effective_learning_rate", one_sided_means, "factor", "`weight.size`"),
]


# ---- another form --------------------------------------------------------------------------------------


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


# ---- rounded, constant, or kept --------------------------------------------------------------------------


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


# ---- which entries reach which, and what is right up to a scale -------------------------------------------


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
