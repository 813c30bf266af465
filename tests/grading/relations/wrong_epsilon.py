"""Wrong answers: ε: another value, another place.

Each with the kind of what is to be said of it, and a word that it says. Written from descriptions of
mistakes that people make; none of them turns a knob of a question's variant.
"""

from math import sqrt

import numpy as np
import torch
from pieces_of_norms import SPACE, channels, hat, mean_var
from torch.nn import functional


def own_epsilon(x, gamma, beta, eps=1e-5):
    tiny = 3e-7
    return gamma * (x - x.mean(0)) / (x.var(0) + tiny) ** 0.5 + beta


def torch_s_epsilon(x, gamma, beta, eps=1e-5):
    tensors = map(torch.tensor, (x, gamma, beta))
    rows, weight, bias = tensors
    return functional.batch_norm(rows, None, None, weight, bias, training=True).numpy()


def squared_epsilon(x, gamma, beta, eps=1e-5):
    out = np.empty_like(x)
    for j, column in enumerate(x.T):
        spread = np.hypot(column.std(), eps)  # √(σ² + ε²)
        out[:, j] = gamma[j] * (column - column.mean()) / spread + beta[j]
    return out


def keras_default(x, gamma, beta, eps=0.001):
    mean, var = mean_var(x)
    return beta + (x - mean) * gamma / np.sqrt(var + eps)


def root_of_epsilon(x, gamma, beta, eps=1e-5):
    mean, var = mean_var(x)
    return beta + gamma * (x - mean) / np.sqrt(var + np.sqrt(eps))


def twice_epsilon(x, gamma, beta, eps=1e-5):
    var = x.var(axis=0) + eps
    return (x - x.mean(axis=0)) / np.sqrt(var + eps) * gamma + beta


def no_epsilon_2d(x, gamma, beta, eps=1e-5):
    mean = x.mean(SPACE, keepdims=True)
    centred = x - mean
    power = np.einsum("nchw,nchw->c", centred, centred) / (x.size / x.shape[1])
    scaled = centred / np.sqrt(channels(power))
    return channels(gamma) * scaled + channels(beta)


def fixed_epsilon_2d(x, gamma, beta, eps=1e-5):
    return functional.batch_norm(
        torch.tensor(x), None, None, torch.tensor(gamma), torch.tensor(beta), True, eps=1e-4
    )


def layer_norm_epsilon(x, gamma, beta, eps=1e-5):
    return functional.layer_norm(torch.tensor(x), x.shape[-1:], torch.tensor(gamma), torch.tensor(beta))


def rms_epsilon(x, gamma, eps=1e-6):
    return gamma * x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)


def rms_default(x, gamma, eps=1e-5):
    return gamma * x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)


def group_norm_epsilon(x, gamma, beta, num_groups, eps=1e-5):
    made = functional.group_norm(torch.tensor(x), num_groups, torch.tensor(gamma), torch.tensor(beta), 1e-3)
    return made.numpy()


def instance_epsilon(x, gamma, beta, eps=1e-5):
    made = functional.instance_norm(torch.tensor(x), eps=2e-5)
    return made.numpy() * channels(gamma) + channels(beta)


def inference_default(x, gamma, beta, running_mean, running_var, eps=1e-3):
    return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta


def fold_epsilon(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + 1e-6)
    own = 0.0 if bias is None else bias
    return weight * scale[:, None], (own - running_mean) * scale + beta


def fold_conv_no_epsilon(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma * running_var**-0.5
    own = 0.0 if bias is None else bias
    return np.einsum("oihw,o->oihw", weight, scale), (own - running_mean) * scale + beta


def identity_epsilon(mean, var, eps):
    return np.array([sqrt(v + 1e-5) for v in var]), mean


def standardise_epsilon(weight, eps=1e-5):
    centred = weight - weight.mean((1, 2, 3), keepdims=True)
    return centred / np.sqrt((centred**2).mean((1, 2, 3), keepdims=True) + 1e-10)


def normalize_epsilon(x, axes, eps=1e-5):
    mean = x.mean(axis=axes, keepdims=True)
    var = ((x - mean) ** 2).mean(axis=axes, keepdims=True)
    return (x - mean) / np.sqrt(var)


def sync_epsilon(shards, gamma, beta, eps=1e-5):
    rows = np.concatenate(shards)
    y = gamma * hat(rows, 1e-8) + beta
    return np.split(y, np.cumsum([len(s) for s in shards])[:-1])


def adain_epsilon(content, style, eps=1e-5):
    (m, v), (target, spread) = mean_var(content, (2, 3)), mean_var(style, (2, 3))
    return (content - m) / np.sqrt(v + 1e-5) * np.sqrt(spread + 1e-5) + target


def masked_default(x, lengths, gamma, beta, eps=1e-8):
    mask = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
    n = lengths.sum()
    mean = (x * mask).sum((0, 1)) / n
    var = (((x - mean) ** 2) * mask).sum((0, 1)) / n
    return np.where(mask, gamma * (x - mean) / np.sqrt(var + eps) + beta, 0.0)


def backward_epsilon(dy, x, gamma, eps=1e-5):
    x_hat = hat(x, 1e-7)
    inv = 1 / np.sqrt(x.var(0) + 1e-7)
    d = dy * gamma
    return inv * (d - d.mean(0) - x_hat * (d * x_hat).mean(0)), (dy * x_hat).sum(0), dy.sum(0)


def layer_backward_epsilon(dy, x, gamma, eps=1e-5):
    rows = torch.tensor(x, requires_grad=True)
    weight = torch.tensor(gamma, requires_grad=True)
    functional.layer_norm(rows, x.shape[-1:], weight, torch.zeros_like(weight)).backward(torch.tensor(dy))
    return rows.grad, weight.grad, dy.reshape(-1, dy.shape[-1]).sum(0)


EPSILON = [
    ("batch_norm_forward", own_epsilon, "constant", "ε = 3e-07"),
    ("batch_norm_forward", torch_s_epsilon, "constant", "ε = 1e-05"),
    ("batch_norm_forward", squared_epsilon, "square", "ε²"),
    ("batch_norm_forward", keras_default, "default", "left out"),
    ("batch_norm_forward", root_of_epsilon, "substitution", "√ε"),
    ("batch_norm_forward", twice_epsilon, "substitution", "2·ε"),
    ("batch_norm_2d", no_epsilon_2d, "zero", "ε = 0"),
    ("batch_norm_2d", fixed_epsilon_2d, "constant", "ε = 0.0001"),
    ("layer_norm", layer_norm_epsilon, "constant", "ε = 1e-05"),
    ("rms_norm", rms_epsilon, "constant", "ε = 1e-05"),
    ("rms_norm", rms_default, "default", "1e-06"),
    ("group_norm", group_norm_epsilon, "constant", "ε = 0.001"),
    ("instance_norm", instance_epsilon, "constant", "ε = 2e-05"),
    ("batch_norm_inference", inference_default, "default", "ε = 0.001"),
    ("fold_into_linear", fold_epsilon, "constant", "ε = 1e-06"),
    ("fold_into_conv", fold_conv_no_epsilon, "no-effect", "ε"),
    ("identity_affine", identity_epsilon, "constant", "ε = 1e-05"),
    ("weight_standardize", standardise_epsilon, "constant", "ε = 1e-10"),
    ("normalize", normalize_epsilon, "zero", "ε = 0"),
    ("sync_batch_norm", sync_epsilon, "constant", "ε = 1e-08"),
    ("adain", adain_epsilon, "constant", "ε = 1e-05"),
    ("masked_batch_norm", masked_default, "default", "ε = 1e-08"),
    ("batch_norm_backward", backward_epsilon, "constant", "ε = 1e-07"),
    ("layer_norm_backward", layer_backward_epsilon, "constant", "ε = 1e-05"),
]
