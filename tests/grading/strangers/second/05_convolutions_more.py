"""Strangers' answers to lesson 05, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    axes = tuple(a for a in range(x.ndim) if a != channel_axis)
    shape = [1] * x.ndim
    shape[channel_axis] = x.shape[channel_axis]
    mean = x.mean(axis=axes, keepdims=True)
    var = x.var(axis=axes, keepdims=True)
    return gamma.reshape(shape) * (x - mean) / np.sqrt(var + eps) + beta.reshape(shape)
""",
        "A negative channel axis is compared with counts from the front, so no axis is left out for −1.",
        "if a != channel_axis",
        keys="negative-axes",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    z = np.moveaxis(x, 1, -1)
    over = tuple(range(z.ndim - 1))
    y = gamma * (z - z.mean(over)) / np.sqrt(z.var(over) + eps) + beta
    return np.moveaxis(y, -1, 1)
""",
        "The channels are always taken from axis 1; the argument is not used.",
        "np.moveaxis(x, 1, -1)",
        keys="channel-axis-ignored",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    z = np.moveaxis(x, channel_axis, -1)
    over = tuple(range(z.ndim - 1))
    y = (z - z.mean(over)) / np.sqrt(z.var(over) + eps) * gamma + beta
    return y
""",
        "The channels stay on the last axis; they are not moved back.",
        "return y",
        keys="not-transposed-back left-channels-last",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    z = np.swapaxes(x, 0, channel_axis)
    out = np.empty(z.shape)
    for c in range(len(z)):
        out[c] = gamma[c] * (z[c] - z[c].mean()) / np.sqrt(z[c].var() + eps) + beta[c]
    return np.moveaxis(out, 0, channel_axis)
""",
        "np.swapaxes to the front and np.moveaxis back differ from rank 3 on: the other axes come out in"
        " another order.",
        "np.moveaxis(out, 0, channel_axis)",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    channel_axis %= x.ndim
    axes = tuple(set(range(x.ndim)) - {channel_axis})
    shape = np.ones(x.ndim, dtype=int)
    shape[channel_axis] = -1
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return gamma.reshape(shape) * (x - mean) / np.sqrt(var + 1e-5) + beta.reshape(shape)
""",
        "1e-5 is written in the formula; the argument is not used.",
        "var + 1e-5",
        keys="eps-hard-coded",
    ),
    right(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    y = np.array(x, dtype=float)
    for c in range(x.shape[channel_axis]):
        where = [slice(None)] * x.ndim
        where[channel_axis] = c
        part = x[tuple(where)]
        d = part - part.mean()
        y[tuple(where)] = gamma[c] * d / np.sqrt((d * d).sum() / d.size + eps) + beta[c]
    return y
""",
    ),
    right(
        "batch_norm_nd",
        """
import torch
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    t = torch.as_tensor(x).movedim(channel_axis, 0)
    flat = t.reshape(t.shape[0], -1)
    var, mean = torch.var_mean(flat, 1, correction=0, keepdim=True)
    g, b = (torch.as_tensor(a).unsqueeze(1) for a in (gamma, beta))
    out = torch.addcmul(b, g, (flat - mean) / (var + eps).sqrt())
    return out.reshape(t.shape).movedim(0, channel_axis).numpy()
""",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    axes = list(range(x.ndim))
    axes.pop(channel_axis)
    mean = x.mean(axis=tuple(axes), keepdims=True)
    var = x.var(axis=tuple(axes), keepdims=True, ddof=1)
    return gamma[0] * (x - mean) / np.sqrt(var + eps) + beta[0]
""",
        "The variance is ÷ (n − 1), and only γ's and β's first entries are used.",
        ["ddof=1", "gamma[0]"],
        keys="sample-variance scalar-gamma",
        kind="pair",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    return np.einsum("o,oikl->oikl", s, weight), beta - running_mean * s
""",
        "The convolution's own bias is dropped.",
        "beta - running_mean * s",
        keys="bias-not-folded",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    w = weight * s
    b = np.zeros_like(s) if bias is None else bias
    return w, (b - running_mean) * s + beta
""",
        "The scale runs along the last axis of the kernel, as in Keras' layout, and not along the outputs.",
        "weight * s",
        keys="fold-scales-rows-wrong",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    W, B = np.empty(weight.shape), np.empty(weight.shape[0])
    for o in range(weight.shape[0]):
        s = gamma[o] / np.sqrt(running_var[o] + eps)
        b = 0.0 if bias is None else bias[o]
        W[o] = weight[o] * s
        B[o] = s * (b + beta[o] - running_mean[o])
    return W, B
""",
        "β is multiplied by the scale with the rest.",
        "s * (b + beta[o] - running_mean[o])",
        keys="beta-scaled",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    factor = gamma * np.sqrt(running_var + eps)
    if bias is None:
        bias = np.zeros(weight.shape[0])
    new_weight = weight * factor[:, np.newaxis, np.newaxis, np.newaxis]
    new_bias = (bias - running_mean) * factor + beta
    return new_weight, new_bias
""",
        "It multiplies by the deviation where it must divide.",
        "gamma * np.sqrt(running_var + eps)",
        keys="multiplies-by-deviation",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var)
    b = 0 if bias is None else bias
    return weight * s.reshape(-1, 1, 1, 1), s * b - running_mean + beta
""",
        "ε is left out, and the running mean is subtracted unscaled.",
        ["np.sqrt(running_var)", "- running_mean"],
        keys="no-eps mean-not-scaled",
        kind="pair",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    k = gamma / (running_var + eps)
    for o in range(len(weight)):
        weight[o] *= k[o]
    base = -running_mean if bias is None else bias - running_mean
    return weight, k * base + beta
""",
        "weight is scaled in the caller's array, and by the variance.",
        ["running_var + eps", "weight[o] *="],
        keys="mutates-input divides-by-variance",
        kind="promise",
    ),
    right(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    S = np.diag(gamma / np.sqrt(running_var + eps))
    b = np.zeros(len(weight)) if bias is None else bias
    return np.tensordot(S, weight, axes=1), S @ (b - running_mean) + beta
""",
    ),
]
