"""Answers that make the mistakes that lessons 02 to 05, 11 and 12 warn of."""

import numpy as np

from bn_course.grading.catalogue import catalogue


def forward(axis=0, ddof=0, divisor=lambda var, eps: np.sqrt(var + eps), shift_first=False):
    def answer(x, gamma, beta, eps=1e-5):
        var = x.var(axis=axis, ddof=ddof, keepdims=True)
        x_hat = (x - x.mean(axis=axis, keepdims=True)) / divisor(var, eps)
        return gamma * (x_hat + beta) if shift_first else gamma * x_hat + beta

    return answer


def one_pass(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    return gamma * (x - mean) / np.sqrt((x**2).mean(axis=0) - mean**2 + eps) + beta


def backward(mean=1.0, spread=1.0, gamma_in=True, of_x=False, summed=True, ddof=0):
    """`batch_norm_backward` with shares of the two terms, and the other rows of lesson 03's table."""

    def answer(dy, x, gamma, eps=1e-5):
        std = np.sqrt(x.var(axis=0, ddof=ddof) + eps)
        x_hat = (x - x.mean(axis=0)) / std
        dx_hat = dy * gamma if gamma_in else dy
        means = dx_hat.mean(axis=0), (dx_hat * x_hat).mean(axis=0)
        shares = (len(x) if share == "N" else share for share in (mean, spread))
        terms = [share * term for share, term in zip(shares, means, strict=True)]
        each = dy * (x if of_x else x_hat), dy
        gradients = (g.sum(axis=0) for g in each) if summed else each
        return (dx_hat - terms[0] - x_hat * terms[1]) / std, *gradients

    return answer


def to_the_half(dx_hat, x, eps=1e-5):
    c = x - x.mean(axis=0)
    s = 1 / np.sqrt(x.var(axis=0) + eps)
    dvar = -0.5 * s * (dx_hat * c).sum(axis=0)
    dmean = -s * dx_hat.sum(axis=0)
    return dvar, dmean, dx_hat * s + dvar * 2 * c / len(x) + dmean / len(x)


def running(batch_var, average=lambda old, new, m: (1 - m) * old + m * new):
    def answer(running_mean, running_var, x, momentum=0.1):
        new = (1 - momentum) * running_mean + momentum * x.mean(axis=0)
        return new, average(running_var, batch_var(x), momentum)

    return answer


def inference(mean=None, var=lambda var, x: var):
    def answer(x, gamma, beta, running_mean, running_var, eps=1e-5):
        centre = running_mean if mean is None else mean(x)
        return gamma * (x - centre) / np.sqrt(var(running_var, x) + eps) + beta

    return answer


class EvaluatesLikeTraining(catalogue()["BatchNorm"].reference):
    def backward(self, dy):
        self._trained = True
        return super().backward(dy)


class SharedMemory(catalogue()["BatchNorm"].reference):
    shared = {}  # noqa: RUF012 - the mistake itself
    running_mean = property(lambda self: self.shared["mean"], lambda self, v: self.shared.update(mean=v))
    running_var = property(lambda self: self.shared["var"], lambda self, v: self.shared.update(var=v))


def without_bias(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    scale = gamma / np.sqrt(running_var + eps)
    return scale[:, None] * weight, beta - scale * running_mean


def images(axes, along=(1, -1, 1, 1)):
    def answer(x, gamma, beta, eps=1e-5):
        x_hat = (x - x.mean(axis=axes, keepdims=True)) / np.sqrt(x.var(axis=axes, keepdims=True) + eps)
        return gamma.reshape(along) * x_hat + beta.reshape(along)

    return answer


def in_columns(x, gamma, beta, eps=1e-5):
    return forward()(x.reshape(-1, x.shape[1]), gamma, beta, eps).reshape(x.shape)


def averaged(x, gamma, beta, eps=1e-5):
    var = x.var(axis=(2, 3)).mean(axis=0)[:, None, None]
    mean = x.mean(axis=(0, 2, 3))[:, None, None]
    return gamma[:, None, None] * (x - mean) / np.sqrt(var + eps) + beta[:, None, None]


def images_backward(count=None, params=(0, 2, 3)):
    def answer(dy, x, gamma, eps=1e-5):
        over = {"axis": (0, 2, 3), "keepdims": True}
        std = np.sqrt(x.var(**over) + eps)
        x_hat = (x - x.mean(**over)) / std
        m = len(x) if count == "N" else x.size / x.shape[1]
        sums = dy.sum(**over), (dy * x_hat).sum(**over)
        dx = gamma[:, None, None] / std * (dy - sums[0] / m - x_hat * sums[1] / m)
        return dx, (dy * x_hat).sum(axis=params), dy.sum(axis=params)

    return answer


def compared(x, gamma, beta, eps=1e-5, channel_axis=1):
    axes = tuple(i for i in range(x.ndim) if i != channel_axis)
    along = [1] * x.ndim
    along[channel_axis] = -1
    return images(axes, along)(x, gamma, beta, eps)


def grouped(split, axes, checked=True, together=lambda x: x, per_group=False):
    """`group_norm` over `axes` of `split(x, groups)`; `together` undoes the split before the reshape."""

    def answer(x, gamma, beta, num_groups, eps=1e-5):
        if x.shape[1] % num_groups and checked:
            raise ValueError
        parts = split(x, num_groups)
        std = np.sqrt(parts.var(axis=axes, keepdims=True) + eps)
        x_hat = together((parts - parts.mean(axis=axes, keepdims=True)) / std).reshape(x.shape)
        if per_group:
            gamma, beta = (np.repeat(v[:num_groups], x.shape[1] // num_groups) for v in (gamma, beta))
        return gamma[:, None, None] * x_hat + beta[:, None, None]

    return answer


def consecutive(x, groups):
    return x.reshape(len(x), groups, -1, *x.shape[2:])


def gamma_before_the_bracket(dy, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=-1, keepdims=True) + eps)
    x_hat = (x - x.mean(axis=-1, keepdims=True)) / std
    along = (dy * x_hat).mean(axis=-1, keepdims=True)
    others = tuple(range(x.ndim - 1))
    dx = gamma / std * (dy - dy.mean(axis=-1, keepdims=True) - x_hat * along)
    return dx, (dy * x_hat).sum(axis=others), dy.sum(axis=others)


def one_root(content, style, eps=1e-5):
    over = {"axis": (2, 3), "keepdims": True}
    x_hat = (content - content.mean(**over)) / np.sqrt(content.var(**over) + eps)
    return style.std(**over) * x_hat + style.mean(**over)


def masked(mean_of, var_of, padding=lambda beta: 0.0):
    """`masked_batch_norm`, with the mean and the variance made by hand of x and of what is valid."""

    def answer(x, lengths, gamma, beta, eps=1e-5):
        valid = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
        mean = mean_of(x, valid)
        y = gamma * (x - mean) / np.sqrt(var_of(x, valid, mean) + eps) + beta
        return np.where(valid, y, padding(beta))

    return answer


def mean_valid(x, valid):
    return (x * valid).sum(axis=(0, 1)) / valid.sum()


def var_valid(x, valid, mean):
    return ((x - mean) ** 2 * valid).sum(axis=(0, 1)) / valid.sum()


def var_of_zeros(x, valid, mean):
    return ((x * valid - mean) ** 2).mean(axis=(0, 1))


def by_all(x, valid):
    return (x * valid).sum(axis=(0, 1)) / valid[..., 0].size


def squares_by_all(x, valid, mean):
    return ((x - mean) ** 2 * valid).sum(axis=(0, 1)) / valid[..., 0].size


def each_step(x, lengths, gamma, beta, eps=1e-5):
    valid = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
    count = np.maximum(valid.sum(axis=0), 1)
    mean = (x * valid).sum(axis=0) / count
    var = ((x - mean) ** 2 * valid).sum(axis=0) / count
    return np.where(valid, gamma * (x - mean) / np.sqrt(var + eps) + beta, 0.0)
