"""Right answers to the questions of lesson 11, written as different people write them."""

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  (everybody calls it F)

# ---- normalize ---------------------------------------------------------------------------------------


def normalize_flattened(x, axes, eps=1e-5):
    axes = sorted(axis % x.ndim for axis in np.atleast_1d(axes))
    ends = tuple(range(x.ndim - len(axes), x.ndim))
    moved = np.moveaxis(x, axes, ends)
    rows = moved.reshape(-1, np.prod(moved.shape[x.ndim - len(axes) :]))
    rows = (rows - rows.mean(1, keepdims=True)) / np.sqrt(rows.var(1, keepdims=True) + eps)
    return np.moveaxis(rows.reshape(moved.shape), ends, axes)


def normalize_expand_dims(x, axes, eps=1e-5):
    axes = tuple(np.atleast_1d(axes))
    mean, std = x.mean(axis=axes), np.sqrt(x.var(axis=axes) + eps)
    return (x - np.expand_dims(mean, axes)) / np.expand_dims(std, axes)


def normalize_in_place_on_a_copy(x, axes, eps=1e-5):
    axes = axes if isinstance(axes, int) else tuple(axes)
    y = x.copy()
    y -= y.mean(axis=axes, keepdims=True)
    y /= np.sqrt(np.square(y).mean(axis=axes, keepdims=True) + eps)
    return y


def normalize_torch(x, axes, eps=1e-5):
    x = torch.from_numpy(x)
    var, mean = torch.var_mean(x, dim=axes, correction=0, keepdim=True)
    return ((x - mean) * torch.rsqrt(var + eps)).numpy()


# ---- layer_norm --------------------------------------------------------------------------------------


def layer_loops(x, gamma, beta, eps=1e-5):
    rows = []
    for row in x.reshape(-1, x.shape[-1]):
        mean = sum(float(v) for v in row) / len(row)
        var = sum((float(v) - mean) ** 2 for v in row) / len(row)
        rows.append(gamma * (row - mean) / (var + eps) ** 0.5 + beta)
    return np.array(rows).reshape(x.shape)


def layer_transposed(x, gamma, beta, eps=1e-5):
    columns = x.T - x.T.mean(axis=0)
    columns = columns / np.sqrt((columns**2).mean(axis=0) + eps)
    return columns.T * gamma + beta


def layer_torch(x, gamma, beta, eps=1e-5):
    x, gamma, beta = (torch.from_numpy(a) for a in (x, gamma, beta))
    return F.layer_norm(x, x.shape[-1:], gamma, beta, eps)


def layer_einsum(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(-1, dtype=np.float64)[..., None]
    var = np.einsum("...d,...d->...", centred, centred) / x.shape[-1]
    return np.einsum("...d,...,d->...d", centred, 1 / np.sqrt(var + eps), gamma) + beta


# ---- layer_norm_backward -----------------------------------------------------------------------------


def layer_backward_torch(dy, x, gamma, eps=1e-5):
    x, gamma = (torch.from_numpy(a).requires_grad_() for a in (x, gamma))
    beta = torch.zeros_like(gamma, requires_grad=True)
    y = F.layer_norm(x, x.shape[-1:], gamma, beta, eps)
    return torch.autograd.grad(y, (x, gamma, beta), torch.from_numpy(dy))


def layer_backward_chain(dy, x, gamma, eps=1e-5):
    """Node by node."""
    D = x.shape[-1]
    centred = x - x.mean(-1, keepdims=True)
    std = np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    dx_hat = dy * gamma
    dvar = (dx_hat * centred).sum(-1, keepdims=True) * -0.5 / std**3
    dmean = -(dx_hat / std).sum(-1, keepdims=True)
    dx = dx_hat / std + dvar * 2 * centred / D + dmean / D
    table = dy.reshape(-1, D)
    return dx, (table * (centred / std).reshape(-1, D)).sum(0), table.sum(0)


def layer_backward_jacobian(dy, x, gamma, eps=1e-5):
    """One row at a time, by its Jacobian: (I − 11ᵀ/D − x̂x̂ᵀ/D)/std."""
    D = x.shape[-1]
    dx, dgamma, dbeta = np.empty_like(x), np.zeros(D), np.zeros(D)
    for i in np.ndindex(x.shape[:-1]):
        std = np.sqrt(x[i].var() + eps)
        x_hat = (x[i] - x[i].mean()) / std
        jacobian = (np.eye(D) - 1 / D - np.outer(x_hat, x_hat) / D) / std
        dx[i] = jacobian @ (gamma * dy[i])
        dgamma += dy[i] * x_hat
        dbeta += dy[i]
    return [dx, dgamma, dbeta]


# ---- instance_norm -----------------------------------------------------------------------------------


def instance_loops(x, gamma, beta, eps=1e-5):
    y = np.empty_like(x)
    for n, image in enumerate(x):
        for c, plane in enumerate(image):
            y[n, c] = gamma[c] * (plane - plane.mean()) / np.sqrt(plane.var() + eps) + beta[c]
    return y


def instance_as_batch_norm(x, gamma, beta, eps=1e-5):
    """Every channel of every image as a channel of one image."""
    N, C, H, W = x.shape
    one = torch.from_numpy(x).reshape(1, N * C, H, W)
    gamma, beta = (torch.from_numpy(p).repeat(N) for p in (gamma, beta))
    return F.batch_norm(one, None, None, gamma, beta, training=True, eps=eps).reshape(N, C, H, W)


def instance_rows(x, gamma, beta, eps=1e-5):
    N, C, _, _ = x.shape
    rows = x.reshape(N, C, -1)
    rows = rows - rows.mean(2)[:, :, None]
    rows = rows / np.sqrt((rows**2).mean(2) + eps)[:, :, None]
    return (rows * gamma[:, None] + beta[:, None]).reshape(x.shape)


def instance_torch(x, gamma, beta, eps=1e-5):
    x, gamma, beta = (torch.from_numpy(a) for a in (x, gamma, beta))
    return F.instance_norm(x, weight=gamma, bias=beta, eps=eps)


# ---- group_norm --------------------------------------------------------------------------------------


def group_torch(x, gamma, beta, num_groups, eps=1e-5):
    x, gamma, beta = (torch.from_numpy(a) for a in (x, gamma, beta))
    if x.shape[1] % num_groups:
        raise RuntimeError("groups do not divide channels")
    return F.group_norm(x, num_groups, gamma, beta, eps)


def group_split(x, gamma, beta, num_groups, eps=1e-5):
    """np.split refuses what does not divide."""
    parts = np.split(x, num_groups, axis=1)
    parts = [
        (p - p.mean((1, 2, 3), keepdims=True)) / np.sqrt(p.var((1, 2, 3), keepdims=True) + eps) for p in parts
    ]
    return np.concatenate(parts, axis=1) * gamma[:, None, None] + beta[:, None, None]


def group_loops(x, gamma, beta, num_groups, eps=1e-5):
    size, rest = divmod(x.shape[1], num_groups)
    assert rest == 0, "groups do not divide channels"
    y = np.empty_like(x)
    for n in range(len(x)):
        for begin in range(0, x.shape[1], size):
            group = slice(begin, begin + size)
            values = x[n, group]
            x_hat = (values - values.mean()) / np.sqrt(values.var() + eps)
            y[n, group] = gamma[group, None, None] * x_hat + beta[group, None, None]
    return y


def group_five_axes(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups != 0:
        raise ValueError(f"{num_groups} groups do not divide {C} channels")
    five = x.reshape(N, num_groups, C // num_groups, H, W)
    five = (five - five.mean((2, 3, 4), keepdims=True)) / np.sqrt(five.var((2, 3, 4), keepdims=True) + eps)
    return five.reshape(x.shape) * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)


# ---- adain -------------------------------------------------------------------------------------------


def adain_instance_norm(content, style, eps=1e-5):
    """Instance norm whose γ and β are the style's."""
    N, C = content.shape[:2]
    out = np.empty_like(content)
    for n in range(N):
        for c in range(C):
            x, s = content[n, c], style[n, c]
            out[n, c] = np.sqrt(s.var() + eps) * (x - x.mean()) / np.sqrt(x.var() + eps) + s.mean()
    return out


def adain_one_affine_map(content, style, eps=1e-5):
    """y = scale·content + shift."""
    over = {"axis": (2, 3), "keepdims": True, "dtype": np.float64}
    scale = np.sqrt((style.var(**over) + eps) / (content.var(**over) + eps))
    return scale * content + (style.mean(**over) - scale * content.mean(**over))


def adain_torch(content, style, eps=1e-5):
    content, style = torch.from_numpy(content), torch.from_numpy(style)
    var, mean = torch.var_mean(style, (2, 3), correction=0, keepdim=True)
    return torch.sqrt(var + eps) * F.instance_norm(content, eps=eps) + mean


# ---- weight_standardize ------------------------------------------------------------------------------


def weight_rows(weight, eps=1e-5):
    rows = weight.reshape(len(weight), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return (rows / np.sqrt(np.square(rows).mean(axis=1, keepdims=True) + eps)).reshape(weight.shape)


def weight_by_output(weight, eps=1e-5):
    return [(w - w.mean()) / (w.var() + eps) ** 0.5 for w in weight]


def weight_torch(weight, eps=1e-5):
    """As layer norm of each output's weights."""
    weight = torch.from_numpy(weight)
    return F.layer_norm(weight, weight.shape[1:], eps=eps)


STYLES = {
    "normalize": {
        "moved to the end and flattened": normalize_flattened,
        "expand_dims": normalize_expand_dims,
        "in place on a copy": normalize_in_place_on_a_copy,
        "torch": normalize_torch,
    },
    "layer_norm": {
        "loops": layer_loops,
        "transposed": layer_transposed,
        "torch": layer_torch,
        "einsum": layer_einsum,
    },
    "layer_norm_backward": {
        "torch": layer_backward_torch,
        "node by node": layer_backward_chain,
        "Jacobians": layer_backward_jacobian,
    },
    "instance_norm": {
        "loops": instance_loops,
        "as batch norm": instance_as_batch_norm,
        "rows": instance_rows,
        "torch": instance_torch,
    },
    "group_norm": {
        "torch": group_torch,
        "np.split": group_split,
        "loops": group_loops,
        "five axes": group_five_axes,
    },
    "adain": {
        "loops": adain_instance_norm,
        "one affine map": adain_one_affine_map,
        "torch": adain_torch,
    },
    "weight_standardize": {
        "rows": weight_rows,
        "output by output, a list": weight_by_output,
        "torch": weight_torch,
    },
}
