"""Strangers' answers to lesson 11, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    g, b = gamma.reshape(1, -1, 1, 1), beta.reshape(1, -1, 1, 1)
    mean = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.var(axis=(0, 2, 3), keepdims=True)
    return g * (x - mean) / np.sqrt(var + eps) + b
""",
        "The batch is in the statistics: this is batch norm.",
        "axis=(0, 2, 3)",
        keys="batch-statistics",
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=(-2, -1), keepdims=True)
    std = np.sqrt(x.var(axis=(-2, -1), keepdims=True) + eps)
    return (x - mean) / std * gamma + beta
""",
        "γ and β are broadcast along W in place of C.",
        "* gamma + beta",
        keys="affine-wrong-axis",
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    y = np.empty(x.shape)
    for i in range(N):
        for c in range(C):
            for r in range(H):
                line = x[i, c, r]
                y[i, c, r] = gamma[c] * (line - line.mean()) / np.sqrt(line.var() + eps) + beta[c]
    return y
""",
        "Every row of the image is normalised by itself.",
        "x[i, c, r]",
        keys="one-spatial-axis",
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    m = x.mean(axis=(2, 3), keepdims=True)
    v = (x * x).mean(axis=(2, 3), keepdims=True) - m * m
    s = gamma[:, None, None] / np.sqrt(v + eps)
    return x * s + (beta[:, None, None] - m * s)
""",
        "E[x²] − E[x]² loses its digits in float32 far from zero.",
        "(x * x).mean(axis=(2, 3), keepdims=True) - m * m",
        keys="one-pass-variance",
    ),
    right(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    rows = x.reshape(N * C, H * W)
    dev = rows - np.mean(rows, 1)[:, None]
    sd = np.sqrt(np.mean(dev**2, 1) + eps)[:, None]
    return (np.tile(gamma, N)[:, None] * dev / sd + np.tile(beta, N)[:, None]).reshape(N, C, H, W)
""",
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    g, b = gamma[None, :, None, None], beta[None, :, None, None]
    z = (x - x.mean((2, 3), keepdims=True)) / np.sqrt(x.var((2, 3), keepdims=True, ddof=1) + eps)
    return g * (z + b)
""",
        "The variance is ÷ (n − 1), and β is added before γ multiplies.",
        ["ddof=1", "g * (z + b)"],
        keys="sample-variance gamma-after-shift",
        kind="pair",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups != 0:
        raise ValueError("num_groups must divide C")
    g = x.reshape(N, C // num_groups, num_groups, H, W)
    m = g.mean(axis=(1, 3, 4), keepdims=True)
    v = g.var(axis=(1, 3, 4), keepdims=True)
    y = ((g - m) / np.sqrt(v + eps)).reshape(N, C, H, W)
    return gamma[None, :, None, None] * y + beta[None, :, None, None]
""",
        "The groups take every G-th channel in place of neighbours.",
        "x.reshape(N, C // num_groups, num_groups, H, W)",
        keys="interleaved-groups",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups:
        raise ValueError(f"{num_groups} does not divide {C}")
    g = x.reshape(N, C // num_groups, num_groups, H, W)
    z = (g - g.mean((2, 3, 4), keepdims=True)) / np.sqrt(g.var((2, 3, 4), keepdims=True) + eps)
    return z.reshape(x.shape) * gamma[:, None, None] + beta[:, None, None]
""",
        "num_groups is taken for the number of channels in a group.",
        "C // num_groups, num_groups, H, W",
        keys="group-size",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    y = np.zeros_like(x)
    for n in range(N):
        for channels in np.array_split(np.arange(C), num_groups):
            block = x[n, channels]
            block = (block - block.mean()) / np.sqrt(block.var() + eps)
            y[n, channels] = gamma[channels, None, None] * block + beta[channels, None, None]
    return y
""",
        "A last, smaller group takes what is left over where num_groups does not divide C; an error is "
        "asked for.",
        "np.array_split(np.arange(C), num_groups)",
        keys="groups-not-checked",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C = x.shape[:2]
    if C % num_groups:
        raise ValueError("C % num_groups")
    g = x.reshape(N, num_groups, -1, *x.shape[2:])
    mean, var = g.mean((0, 2, 3, 4), keepdims=True), g.var((0, 2, 3, 4), keepdims=True)
    out = ((g - mean) / np.sqrt(var + eps)).reshape(x.shape)
    return out * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "The batch axis is in the statistics: each group shares one over all images.",
        "(0, 2, 3, 4)",
        keys="batch-statistics",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    g = x.reshape(N, num_groups, -1)
    mean = g.mean(axis=-1, keepdims=True)
    var = g.var(axis=-1, keepdims=True, ddof=1)
    g = (g - mean) / np.sqrt(var + eps)
    return g.reshape(N, C, H, W) * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "An undivided C is not refused by name: the integer division leaves a reshape that may fit, and "
        "the variance is ÷ (n − 1).",
        ["ddof=1", "x.reshape(N, num_groups, -1)"],
        keys="groups-not-checked sample-variance",
        kind="promise",
    ),
    right(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    size, rest = divmod(C, num_groups)
    if rest:
        raise ValueError(f"{C} channels cannot be cut into {num_groups} groups")
    y = np.zeros(x.shape)
    for n in range(N):
        for g in range(0, C, size):
            part = x[n, g : g + size]
            part = (part - part.mean()) * (part.var() + eps) ** -0.5
            for c in range(size):
                y[n, g + c] = gamma[g + c] * part[c] + beta[g + c]
    return y
""",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    def adain_(a, b):
        stat = lambda t: (t.mean((2, 3), keepdims=True), np.sqrt(t.var((2, 3), keepdims=True) + eps))
        (ma, sa), (mb, sb) = stat(a), stat(b)
        return sb * (a - ma) / sa + mb
    return adain_(style, content)
""",
        "The roles are exchanged: the style is given the content's statistics.",
        "adain_(style, content)",
        keys="content-style-swapped",
    ),
    wrong(
        "adain",
        """
import torch
def adain(content, style, eps=1e-5):
    def calc(feat):
        f = torch.as_tensor(feat).flatten(2)
        std = (f.var(dim=2) + eps).sqrt()
        return f.mean(dim=2)[..., None, None].numpy(), std[..., None, None].numpy()
    cm, cs = calc(content)
    sm, ss = calc(style)
    return (content - cm) / cs * ss + sm
""",
        "torch.var is ÷ (n − 1), for the content and the style.",
        "f.var(dim=2)",
        keys="sample-variance",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    z = content - content.mean(axis=(2, 3), keepdims=True)
    z = z / np.sqrt((z * z).mean(axis=(2, 3), keepdims=True) + eps)
    return style.std(axis=(2, 3), keepdims=True) * z + style.mean(axis=(2, 3), keepdims=True)
""",
        "ε is under the content's root alone.",
        "style.std(axis=(2, 3), keepdims=True)",
        keys="eps-in-one-root",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    out = np.zeros(content.shape)
    for n in range(content.shape[0]):
        for c in range(content.shape[1]):
            a, b = content[n, c], style[0, c]
            out[n, c] = np.sqrt(b.var() + eps) * (a - a.mean()) / np.sqrt(a.var() + eps) + b.mean()
    return out
""",
        "The style's statistics of the first image are used for every image.",
        "style[0, c]",
    ),
    right(
        "adain",
        """
def adain(content, style, eps=1e-5):
    mu = lambda t: np.einsum("nchw->nc", t)[..., None, None] / (t.shape[2] * t.shape[3])
    sd = lambda t: np.sqrt(mu((t - mu(t)) ** 2) + eps)
    return mu(style) + (content - mu(content)) * (sd(style) / sd(content))
""",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    mu = lambda t: t.mean(axis=(2, 3), keepdims=True)
    sd = lambda t: t.std(axis=(2, 3), keepdims=True)
    return sd(style) * (content - mu(content)) / sd(content) + mu(content)
""",
        "The content's mean is put back in place of the style's, and ε is left out of both roots.",
        ["+ mu(content)", "t.std(axis=(2, 3), keepdims=True)"],
        keys="content-mean-kept no-eps",
        kind="pair",
    ),
]
