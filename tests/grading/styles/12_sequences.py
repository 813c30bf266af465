"""Right answers to the questions of lesson 12, written as different people write them."""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (everybody calls it F)

# ---- masked_batch_norm -------------------------------------------------------------------------------


def masked_loops(x, lengths, gamma, beta, eps=1e-5):
    N, T, D = x.shape
    y = np.zeros((N, T, D))
    for d in range(D):
        values = [float(x[n, t, d]) for n in range(N) for t in range(lengths[n])]
        mean = sum(values) / len(values)
        var = sum((v - mean) ** 2 for v in values) / len(values)
        for n in range(N):
            for t in range(lengths[n]):
                y[n, t, d] = gamma[d] * (x[n, t, d] - mean) / (var + eps) ** 0.5 + beta[d]
    return y


def masked_with_weights(x, lengths, gamma, beta, eps=1e-5):
    mask = (np.arange(x.shape[1])[None, :] < lengths[:, None])[:, :, None]
    count = mask.sum()
    mean = (x * mask).sum(axis=(0, 1)) / count
    centred = (x - mean) * mask
    var = (centred**2).sum(axis=(0, 1)) / count
    return (gamma * centred / np.sqrt(var + eps) + beta) * mask


def masked_concatenated(x, lengths, gamma, beta, eps=1e-5):
    steps = np.concatenate([sequence[:length] for sequence, length in zip(x, lengths, strict=True)])
    scale = gamma / np.sqrt(steps.var(axis=0) + eps)
    y = np.zeros_like(x)
    for row, sequence, length in zip(y, x, lengths, strict=True):
        row[:length] = (sequence[:length] - steps.mean(axis=0)) * scale + beta
    return y


def masked_numpy_ma(x, lengths, gamma, beta, eps=1e-5):
    padding = np.arange(x.shape[1]) >= lengths[:, None]
    data = np.ma.array(x, mask=np.repeat(padding[:, :, None], x.shape[2], axis=2))
    y = gamma * (data - data.mean(axis=(0, 1))) / np.ma.sqrt(data.var(axis=(0, 1)) + eps) + beta
    return y.filled(0.0)


def masked_torch(x, lengths, gamma, beta, eps=1e-5):
    x, gamma, beta = (torch.from_numpy(a) for a in (x, gamma, beta))
    valid = torch.arange(x.shape[1]) < torch.from_numpy(lengths)[:, None]
    y = torch.zeros_like(x)
    y[valid] = F.batch_norm(x[valid], None, None, gamma, beta, training=True, eps=eps)
    return y


# ---- rms_norm ----------------------------------------------------------------------------------------


def rms_loops(x, gamma, eps=1e-6):
    rows = x.reshape(-1, x.shape[-1])
    y = [
        [g * v / (sum(u * u for u in row) / len(row) + eps) ** 0.5 for g, v in zip(gamma, row, strict=True)]
        for row in rows
    ]
    return np.array(y).reshape(x.shape)


def rms_einsum(x, gamma, eps=1e-6):
    square = np.einsum("...d,...d->...", x, x) / x.shape[-1]
    return np.einsum("...d,d,...->...d", x, gamma, 1 / np.sqrt(square + eps))


def rms_from_length(x, gamma, eps=1e-6):
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    return gamma * x / np.hypot(length / x.shape[-1] ** 0.5, eps**0.5)


def rms_in_place_on_a_copy(x, gamma, eps=1e-6):
    y = x.copy()
    y /= np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + eps)
    y *= gamma
    return y


def rms_torch(x, gamma, eps=1e-6):
    return F.rms_norm(torch.from_numpy(x), gamma.shape, torch.from_numpy(gamma), eps)


# ---- weight_norm -------------------------------------------------------------------------------------


def weight_loops(v, g):
    return [
        [float(length) * value / sum(u * u for u in row) ** 0.5 for value in row]
        for row, length in zip(v.tolist(), g, strict=True)
    ]


def weight_diagonal(v, g):
    return np.diag(g / np.sqrt(np.einsum("oi,oi->o", v, v))) @ v


def weight_columns(v, g):
    return (v.T * (g / np.linalg.norm(v, axis=1))).T


def weight_torch(v, g):
    return torch._weight_norm(torch.from_numpy(v), torch.from_numpy(g)[:, None], 0)


STYLES = {
    "masked_batch_norm": {
        "loops": masked_loops,
        "a mask of weights": masked_with_weights,
        "concatenated": masked_concatenated,
        "masked arrays": masked_numpy_ma,
        "torch": masked_torch,
    },
    "rms_norm": {
        "loops": rms_loops,
        "einsum": rms_einsum,
        "from the length": rms_from_length,
        "in place on its own copy": rms_in_place_on_a_copy,
        "torch": rms_torch,
    },
    "weight_norm": {
        "loops": weight_loops,
        "a diagonal matrix": weight_diagonal,
        "columns": weight_columns,
        "torch": weight_torch,
    },
}
