"""Right answers to the questions of lesson 05, written as different people write them."""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (everybody calls it F)

# ---- batch_norm_2d -----------------------------------------------------------------------------------


def forward_loops(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y = np.zeros_like(x)
    for c in range(C):
        values = [float(x[n, c, h, w]) for n in range(N) for h in range(H) for w in range(W)]
        mean = sum(values) / len(values)
        var = sum((v - mean) ** 2 for v in values) / len(values)
        y[:, c] = gamma[c] * (x[:, c] - mean) / (var + eps) ** 0.5 + beta[c]
    return y


def forward_two_dimensional(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    table = x.transpose(0, 2, 3, 1).reshape(-1, C)
    table = (table - table.mean(axis=0)) / np.sqrt(table.var(axis=0) + eps) * gamma + beta
    return table.reshape(N, H, W, C).transpose(0, 3, 1, 2)


def forward_einsum(x, gamma, beta, eps=1e-5):
    m = x.size / x.shape[1]
    centred = x - np.einsum("nchw->c", x.astype(np.float64))[:, None, None] / m
    var = np.einsum("nchw,nchw->c", centred, centred) / m
    return np.einsum("nchw,c->nchw", centred, gamma / np.sqrt(var + eps)) + beta[:, None, None]


def forward_in_place_on_a_copy(x, gamma, beta, eps=1e-5):
    y = x.copy()
    y -= y.mean(axis=(0, 2, 3), keepdims=True)
    y /= np.sqrt((y * y).mean(axis=(0, 2, 3), keepdims=True) + eps)
    y *= gamma[:, np.newaxis, np.newaxis]
    y += beta[:, np.newaxis, np.newaxis]
    return y


def forward_torch(x, gamma, beta, eps=1e-5):
    tensors = [torch.from_numpy(a) for a in (x, gamma, beta)]
    return F.batch_norm(tensors[0], None, None, *tensors[1:], training=True, eps=eps)


def forward_list(x, gamma, beta, eps=1e-5):
    channels = []
    for plane, g, b in zip(np.swapaxes(x, 0, 1), gamma, beta, strict=True):
        channels.append(g * (plane - plane.mean()) / np.sqrt(plane.var() + eps) + b)
    return np.swapaxes(np.array(channels), 0, 1).tolist()


# ---- batch_norm_2d_backward --------------------------------------------------------------------------


def backward_two_dimensional(dy, x, gamma, eps=1e-5):
    N, C, H, W = x.shape
    dy, x = (a.transpose(0, 2, 3, 1).reshape(-1, C) for a in (dy, x))
    inv_std = 1 / np.sqrt(x.var(axis=0) + eps)
    x_hat = (x - x.mean(axis=0)) * inv_std
    dgamma, dbeta = (dy * x_hat).sum(axis=0), dy.sum(axis=0)
    dx = gamma * inv_std / len(x) * (len(x) * dy - dbeta - x_hat * dgamma)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


def backward_chain(dy, x, gamma, eps=1e-5):
    """Node by node, as in the paper, with γ inside."""
    axes, m = (0, 2, 3), x.size / x.shape[1]
    centred = x - x.mean(axis=axes, keepdims=True)
    std = np.sqrt((centred**2).mean(axis=axes, keepdims=True) + eps)
    dx_hat = dy * gamma.reshape(1, -1, 1, 1)
    dvar = (dx_hat * centred).sum(axis=axes, keepdims=True) * -0.5 / std**3
    dmean = -(dx_hat / std).sum(axis=axes, keepdims=True)
    dx = dx_hat / std + dvar * 2 * centred / m + dmean / m
    return dx, (dy * centred / std).sum(axis=axes), dy.sum(axis=axes)


def backward_torch(dy, x, gamma, eps=1e-5):
    x, gamma = (torch.from_numpy(a).requires_grad_() for a in (x, gamma))
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = F.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
    return torch.autograd.grad(y, (x, gamma, beta), torch.from_numpy(dy))


def backward_loops(dy, x, gamma, eps=1e-5):
    dx, dgamma, dbeta = np.empty_like(x), [], []
    for c in range(x.shape[1]):
        d, values = dy[:, c].ravel(), x[:, c].ravel()
        std = np.sqrt(values.var() + eps)
        x_hat = (values - values.mean()) / std
        flat = gamma[c] / std * (d - d.mean() - x_hat * (d @ x_hat) / d.size)
        dx[:, c] = flat.reshape(x[:, c].shape)
        dgamma.append(d @ x_hat)
        dbeta.append(d.sum())
    return dx, dgamma, dbeta


# ---- batch_norm_nd -----------------------------------------------------------------------------------


def nd_move_and_flatten(x, gamma, beta, eps=1e-5, channel_axis=1):
    last = np.moveaxis(x, channel_axis, -1)
    table = last.reshape(-1, last.shape[-1])
    table = (table - table.mean(axis=0)) / np.sqrt(table.var(axis=0) + eps) * gamma + beta
    return np.moveaxis(table.reshape(last.shape), -1, channel_axis)


def nd_loops(x, gamma, beta, eps=1e-5, channel_axis=1):
    y = np.empty_like(x)
    where, out = np.moveaxis(x, channel_axis, 0), np.moveaxis(y, channel_axis, 0)
    for c, values in enumerate(where):
        out[c] = gamma[c] * (values - values.mean()) / np.sqrt(values.var() + eps) + beta[c]
    return y


def nd_swap_to_front(x, gamma, beta, eps=1e-5, channel_axis=1):
    front = x.swapaxes(0, channel_axis)
    flat = front.reshape(front.shape[0], -1)
    flat = flat - flat.mean(axis=1)[:, None]
    flat = flat / np.sqrt((flat**2).mean(axis=1) + eps)[:, None] * gamma[:, None] + beta[:, None]
    return flat.reshape(front.shape).swapaxes(0, channel_axis)


def nd_torch(x, gamma, beta, eps=1e-5, channel_axis=1):
    tensors = [torch.from_numpy(a) for a in (x, gamma, beta)]
    first = tensors[0].movedim(channel_axis, 1)
    y = F.batch_norm(first, None, None, *tensors[1:], training=True, eps=eps)
    return y.movedim(1, channel_axis)


# ---- fold_into_conv ----------------------------------------------------------------------------------


def fold_by_channel(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    folded_weight, folded_bias = weight.copy(), []
    for o in range(len(weight)):
        scale = gamma[o] / (running_var[o] + eps) ** 0.5
        folded_weight[o] *= scale
        old = 0.0 if bias is None else bias[o]
        folded_bias.append(beta[o] + (old - running_mean[o]) * scale)
    return folded_weight, folded_bias


def fold_einsum(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    shift = beta - scale * running_mean
    if bias is not None:
        shift = shift + scale * bias
    return np.einsum("oihw,o->oihw", weight, scale), shift


def fold_matrix(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = np.diag(gamma / np.sqrt(running_var + eps))
    bias = np.zeros(len(weight)) if bias is None else bias
    rows = weight.reshape(len(weight), -1)
    return (scale @ rows).reshape(weight.shape), scale @ (bias - running_mean) + beta


def fold_torch(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    from torch.nn.utils.fusion import fuse_conv_bn_weights

    given = (weight, bias, running_mean, running_var)
    tensors = [None if a is None else torch.from_numpy(a) for a in given]
    weight, bias = fuse_conv_bn_weights(*tensors, eps, torch.from_numpy(gamma), torch.from_numpy(beta))
    return weight, bias


STYLES = {
    "batch_norm_2d": {
        "loops": forward_loops,
        "as (N·H·W, C)": forward_two_dimensional,
        "einsum": forward_einsum,
        "in place on its own copy": forward_in_place_on_a_copy,
        "torch": forward_torch,
        "a list of channels": forward_list,
    },
    "batch_norm_2d_backward": {
        "as (N·H·W, C)": backward_two_dimensional,
        "node by node": backward_chain,
        "torch": backward_torch,
        "channel by channel": backward_loops,
    },
    "batch_norm_nd": {
        "channels last, flattened": nd_move_and_flatten,
        "loops": nd_loops,
        "swapped to the front": nd_swap_to_front,
        "torch": nd_torch,
    },
    "fold_into_conv": {
        "channel by channel": fold_by_channel,
        "einsum": fold_einsum,
        "a diagonal matrix": fold_matrix,
        "torch": fold_torch,
    },
}
