"""Strangers' answers to lesson 05, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    flat = x.reshape(-1, C)
    mu, v = flat.mean(axis=0), flat.var(axis=0)
    y = gamma * (flat - mu) / np.sqrt(v + eps) + beta
    return y.reshape(N, C, H, W)
""",
        "The image is reshaped to (N·H·W, C) without bringing the channels last, so that channels are mixed.",
        "x.reshape(-1, C)",
        keys="reshaped-without-transpose",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=(0, 1, 2), keepdims=True)
    variance = np.var(x, axis=(0, 1, 2), keepdims=True)
    g, b = gamma[None, :, None, None], beta[None, :, None, None]
    return g * (x - mean) / np.sqrt(variance + eps) + b
""",
        "The statistics are taken over N, C and H: it holds the last axis for the channels, though γ is "
        "along axis 1.",
        "axis=(0, 1, 2)",
        keys="channels-last over-channels",
    ),
    wrong(
        "batch_norm_2d",
        """
import torch
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    t = torch.from_numpy(x)
    v, m = torch.var_mean(t, (2, 3), correction=0, keepdim=True)
    g, b = torch.from_numpy(gamma), torch.from_numpy(beta)
    return ((t - m) * torch.rsqrt(v + eps) * g[:, None, None] + b[:, None, None]).numpy()
""",
        "Without the batch axis the statistics are those of each image: instance norm.",
        "(2, 3)",
        keys="per-instance",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    n, c, h, w = x.shape
    y = np.zeros_like(x)
    for k in range(c):
        plane = x[:, k]
        mu = plane.sum() / (n * h * w)
        ss = 0.0
        for value in plane.ravel():
            ss += (value - mu) ** 2
        var = ss / (n * h)
        y[:, k] = gamma[k] * (plane - mu) / np.sqrt(var + eps) + beta[k]
    return y
""",
        "The sum of squares is divided by N·H and not by N·H·W.",
        "ss / (n * h)",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(2, 3)).mean(axis=0)
    var = x.var(axis=(2, 3)).mean(axis=0)
    col = lambda v: v[:, None, None]
    return col(gamma) * (x - col(mu)) / np.sqrt(col(var) + eps) + col(beta)
""",
        "The variance is the mean of the images' variances; the scatter of their means is forgotten.",
        "x.var(axis=(2, 3)).mean(axis=0)",
        keys="averaged-variances",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    z = np.moveaxis(x, 1, -1)
    mean = z.mean(axis=(0, 1, 2))
    std = z.std(axis=(0, 1, 2), ddof=1)
    return np.moveaxis(gamma * (z - mean) / (std + eps) + beta, -1, 1)
""",
        "The deviation is divided by M − 1, and ε is outside the root.",
        ["ddof=1", "std + eps"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
    right(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    rows = np.swapaxes(x, 0, 1).reshape(C, N * H * W)
    mu = rows @ np.ones((rows.shape[1], 1)) / rows.shape[1]
    dev = rows - mu
    v = np.diag(dev @ dev.T)[:, None] / rows.shape[1]
    rows = gamma.reshape(C, 1) * dev / np.sqrt(v + eps) + beta.reshape(C, 1)
    return rows.reshape(C, N, H, W).swapaxes(0, 1)
""",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    for c in range(x.shape[1]):
        d = x[:, c] - x[:, c].mean()
        x[:, c] = gamma[c] * d / np.sqrt((d * d).mean() + eps)
    return x
""",
        "The images are overwritten channel by channel, and β is left out.",
        ["x[:, c] =", "gamma[c] * d / np.sqrt((d * d).mean() + eps)"],
        keys="mutates-input beta-ignored",
        kind="promise",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    N = x.shape[0]
    ax = (0, 2, 3)
    g = gamma[None, :, None, None]
    mu = x.mean(axis=ax, keepdims=True)
    std = np.sqrt(x.var(axis=ax, keepdims=True) + eps)
    xh = (x - mu) / std
    db = dy.sum(axis=ax, keepdims=True)
    dg = (dy * xh).sum(axis=ax, keepdims=True)
    dx = g / std * (dy - db / N - xh * dg / N)
    return dx, dg.squeeze(), db.squeeze()
""",
        "The sums are divided by N, the number of images, and not by N·H·W.",
        "N = x.shape[0]",
        keys="n-instead-of-nhw",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    ax = (0, 2, 3)
    inv = 1 / np.sqrt(x.var(axis=ax, keepdims=True) + eps)
    xh = (x - x.mean(axis=ax, keepdims=True)) * inv
    g = dy * gamma.reshape(1, -1, 1, 1)
    dx = inv * (g - g.mean(axis=ax, keepdims=True) - xh * (g * xh).mean(axis=ax, keepdims=True))
    return dx, (dy * xh).sum(axis=0), dy.sum(axis=0)
""",
        "dγ and dβ are summed over the batch alone and keep the space.",
        ".sum(axis=0)",
        keys="not-summed-over-space",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    n, c = x.shape[:2]
    dx, dg, db = np.zeros(x.shape), np.zeros(c), np.zeros(c)
    for k in range(c):
        p, d = x[:, k], dy[:, k]
        s = 1 / np.sqrt(p.var() + eps)
        h = (p - p.mean()) * s
        dg[k], db[k] = (d * h).sum(), d.sum()
        for i in range(n):
            dx[i, k] = gamma[k] * s * (d[i] - d[i].mean() - h[i] * (d[i] * h[i]).mean())
    return dx, dg, db
""",
        "The two means are taken over each image by itself, while the statistics are the batch's.",
        "d[i].mean()",
        keys="means-per-instance",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    N, C, H, W = x.shape
    m = N * H * W
    view = (1, C, 1, 1)
    std = np.sqrt(x.var(axis=(0, 2, 3)).reshape(view) + eps)
    xh = (x - x.mean(axis=(0, 2, 3)).reshape(view)) / std
    db = dy.sum(axis=(0, 2, 3)).reshape(view)
    dg = (dy * xh).sum(axis=(0, 2, 3)).reshape(view)
    dx = gamma.reshape(view) / std * (dy + db / m - xh * dg / m)
    return dx, dg.ravel(), db.ravel()
""",
        "The mean of dy is added in place of being subtracted.",
        "dy + db / m",
        keys="mean-added",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    over = dict(axis=(0, 2, 3), keepdims=True)
    inv = 1 / np.sqrt(x.var(ddof=1, **over) + eps)
    xh = (x - x.mean(**over)) * inv
    dx = inv * (dy - dy.mean(**over) - xh * (dy * xh).mean(**over))
    return dx, np.einsum("nchw,nchw->c", dy, xh), np.einsum("nchw->c", dy)
""",
        "γ is missing in dx, and the variance is the sample's.",
        ["ddof=1", "dx = inv *"],
        keys="gamma-ignored sample-variance",
        kind="pair",
    ),
    right(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    M = x.size / x.shape[1]
    at = lambda v: np.expand_dims(v, (0, 2, 3))
    u = x - at(np.einsum("nchw->c", x) / M)
    s = (np.einsum("nchw,nchw->c", u, u) / M + eps) ** -0.5
    db, p = np.einsum("nchw->c", dy), np.einsum("nchw,nchw->c", dy, u)
    return at(gamma * s) * (dy - at(db / M) - u * at(s * s * p / M)), s * p, db
""",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    ax = (0, 2, 3)
    m = x.shape[2] * x.shape[3]
    s = 1 / np.sqrt(x.var(axis=ax, keepdims=True) + eps)
    h = (x - x.mean(axis=ax, keepdims=True)) * s
    db, dg = dy.sum(axis=ax), (dy * h).sum(axis=ax)
    dy *= gamma[:, None, None] * s
    a, b = dy.sum(axis=ax, keepdims=True), (dy * h).sum(axis=ax, keepdims=True)
    return dy - a / m - h * b / m, dg, db
""",
        "dy is scaled in place, and the sums are divided by H·W in place of N·H·W.",
        ["dy *=", "m = x.shape[2] * x.shape[3]"],
        keys="mutates-input hw-instead-of-nhw",
        kind="promise",
    ),
]
