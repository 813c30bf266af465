from corpus import right, wrong

ANSWERS = [
    right(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    ax = tuple(int(a) for a in np.atleast_1d(axes))
    c = x - np.mean(x, axis=ax, keepdims=True)
    return c * np.power(np.mean(c * c, axis=ax, keepdims=True) + eps, -.5)
""",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    if isinstance(axes, int):
        axes = (axes,)
    for a in axes:       # one axis after the other
        x = (x - x.mean(axis=a, keepdims=True)) / np.sqrt(x.var(axis=a, keepdims=True) + eps)
    return x
""",
        "The axes are standardised one after the other instead of together.",
        "for a in axes:",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    mean = x.mean(axis=axes, keepdims=True)
    var = x.var(axis=axes, keepdims=True)
    return (x - mean) / (np.sqrt(var) if np.all(var > 0) else np.sqrt(var + eps))
""",
        "ε is used only where some variance is 0.",
        "np.sqrt(var) if np.all(var > 0)",
        keys="no-eps",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    keep = tuple(a for a in range(x.ndim) if a not in np.atleast_1d(axes))
    m = x.mean(axis=keep, keepdims=True); v = x.var(axis=keep, keepdims=True)
    return (x - m) / np.sqrt(v + eps)
""",
        "The statistics run over the axes that are not named.",
        "if a not in np.atleast_1d(axes)",
        keys="other-axes",
    ),
    right(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    return F.layer_norm(torch.tensor(x, dtype=torch.double), (x.shape[-1],), torch.tensor(gamma, dtype=torch.double), torch.tensor(beta, dtype=torch.double), eps).numpy()
""",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    # annotated transformer
    mean = torch.tensor(x).mean(-1, keepdim=True)
    std = torch.tensor(x).std(-1, keepdim=True)
    return (torch.tensor(gamma) * (torch.tensor(x) - mean) / (std + eps) + torch.tensor(beta)).numpy()
""",
        "torch's std is the sample's, and ε is added to it outside the root.",
        ["std(-1, keepdim=True)", "(std + eps)"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    ax = tuple(range(1, x.ndim))
    mu, var = x.mean(ax, keepdims=True), x.var(ax, keepdims=True)
    return gamma * (x - mu) / np.sqrt(var + eps) + beta
""",
        "Every axis but the first is reduced; the last alone is meant.",
        "tuple(range(1, x.ndim))",
        keys="whole-example",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-12):
    u = x.mean(-1, keepdims=True)
    s = ((x - u) ** 2).mean(-1, keepdims=True)
    x = (x - u) / np.sqrt(s + eps)
    return gamma * x + beta
""",
        "The default of eps is 1e-12, as in BERT, not 1e-5.",
        "eps=1e-12",
        keys="eps-default",
    ),
    right(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    D = x.shape[-1]
    X, G = x.reshape(-1, D).T, dy.reshape(-1, D).T
    mu = X.mean(0); s = np.sqrt(X.var(0) + eps); xh = (X - mu) / s
    d = G * gamma[:, None]
    dx = (D * d - d.sum(0) - xh * (d * xh).sum(0)) / (D * s)
    return dx.T.reshape(x.shape), (G * xh).sum(1), G.sum(1)
""",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    D = x.shape[-1]
    iv = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - x.mean(-1, keepdims=True)) * iv
    dx = gamma * iv * (dy - dy.mean(-1, keepdims=True) - xh * (dy * xh).mean(-1, keepdims=True))
    red = tuple(range(x.ndim - 1))
    return dx, (dy * xh).sum(red), dy.sum(red)
""",
        "γ is taken out of the means, though it differs within them.",
        "gamma * iv * (dy",
        keys="gamma-outside",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    N = x.shape[0]
    iv = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - x.mean(-1, keepdims=True)) * iv
    d = dy * gamma
    dx = iv / N * (N * d - d.sum(-1, keepdims=True) - xh * (d * xh).sum(-1, keepdims=True))
    red = tuple(range(x.ndim - 1))
    return dx, (dy * xh).sum(red), dy.sum(red)
""",
        "N, the batch size, stands where the number of features belongs.",
        "iv / N * (N * d",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    iv = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - x.mean(-1, keepdims=True)) * iv
    d = dy * gamma
    dx = iv * (d - d.mean(-1, keepdims=True) - xh * (d * xh).mean(-1, keepdims=True))
    return dx, (dy * xh).sum(0), dy.sum(0)
""",
        "dγ and dβ are summed over the first axis alone, so with (N, T, D) they are left for every step.",
        "(dy * xh).sum(0), dy.sum(0)",
        keys="not-summed-over-time",
    ),
    right(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    out = np.empty(x.shape)
    for n, img in enumerate(x):
        for c, ch in enumerate(img):
            mu = ch.sum() / ch.size
            out[n, c] = gamma[c] * (ch - mu) / math.sqrt(((ch - mu) ** 2).sum() / ch.size + eps) + beta[c]
    return out
""",
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    m = x.mean(axis=(1, 2, 3), keepdims=True)
    v = x.var(axis=(1, 2, 3), keepdims=True)
    return gamma[None, :, None, None] * (x - m) / np.sqrt(v + eps) + beta[None, :, None, None]
""",
        "The channels are reduced too.",
        ["x.mean(axis=(1, 2, 3), keepdims=True)", "x.var(axis=(1, 2, 3), keepdims=True)"],
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    z = x.reshape(N * C, H * W)
    z = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + eps)
    return (np.repeat(gamma, N)[:, None] * z + np.repeat(beta, N)[:, None]).reshape(x.shape)
""",
        "repeat gives the rows γ in the order 1, 1, 2, 2 where the rows go 1, 2, 1, 2.",
        ["np.repeat(gamma, N)", "np.repeat(beta, N)"],
    ),
    wrong(
        "instance_norm",
        """
def instance_norm(x, gamma, beta, eps=1e-5):
    m = x.mean((2, 3), keepdims=True)
    s = np.sqrt(((x - m) ** 2).sum((2, 3), keepdims=True) / (x.shape[2] * x.shape[3] - 1) + eps)
    return gamma.reshape(-1, 1, 1) * ((x - m) / s) + beta.reshape(-1, 1, 1)
""",
        "The squares are divided by H·W − 1.",
        "(x.shape[2] * x.shape[3] - 1)",
        keys="sample-variance",
    ),
    right(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    C = x.shape[1]
    if C % num_groups != 0:
        raise ValueError("groups")
    parts = []
    for g in np.split(x, num_groups, axis=1):
        parts.append((g - g.mean((1, 2, 3), keepdims=True)) / np.sqrt(g.var((1, 2, 3), keepdims=True) + eps))
    return np.concatenate(parts, axis=1) * gamma[:, None, None] + beta[:, None, None]
""",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    assert C % num_groups == 0
    z = x.reshape(N, C // num_groups, num_groups, H, W)
    m = z.mean((1, 3, 4), keepdims=True); v = z.var((1, 3, 4), keepdims=True)
    z = ((z - m) / np.sqrt(v + eps)).reshape(N, C, H, W)
    return z * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "The groups take every G-th channel, not neighbours.",
        "x.reshape(N, C // num_groups, num_groups, H, W)",
        keys="interleaved-groups",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    k = C // num_groups
    y = np.zeros_like(x)
    for g in range(num_groups):
        s = x[:, g * k:(g + 1) * k]
        y[:, g * k:(g + 1) * k] = (s - s.mean((1, 2, 3), keepdims=True)) / np.sqrt(s.var((1, 2, 3), keepdims=True) + eps)
    return y * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "Where num_groups does not divide C, nothing is raised and the channels left over come out as β.",
        "k = C // num_groups",
        keys="groups-not-checked",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups:
        raise ValueError
    z = x.reshape(N, num_groups, -1)
    z = (z - z.mean(-1, keepdims=True)) / (z.var(-1, keepdims=True) ** 0.5 + eps)
    return z.reshape(x.shape) * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "ε is added to the root.",
        "z.var(-1, keepdims=True) ** 0.5 + eps",
        keys="eps-outside-sqrt",
    ),
    wrong(
        "group_norm",
        """
def group_norm(x, gamma, beta, num_groups, eps=1e-5):
    N, C, H, W = x.shape
    if C % num_groups:
        raise ValueError
    z = x.reshape(num_groups, -1)
    z = (z - z.mean(1, keepdims=True)) / np.sqrt(z.var(1, keepdims=True) + eps)
    return z.reshape(x.shape) * gamma.reshape(1, C, 1, 1) + beta.reshape(1, C, 1, 1)
""",
        "The batch axis is lost, so the whole array is cut in num_groups pieces.",
        "x.reshape(num_groups, -1)",
    ),
    right(
        "adain",
        """
def adain(content, style, eps=1e-5):
    def ms(t):
        f = t.reshape(*t.shape[:2], -1)
        return f.mean(-1)[..., None, None], np.sqrt(f.var(-1) + eps)[..., None, None]
    (mc, sc), (mt, st) = ms(content), ms(style)
    return (content - mc) / sc * st + mt
""",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    N, C = content.shape[:2]
    c, s = torch.tensor(content).view(N, C, -1), torch.tensor(style).view(N, C, -1)
    cs = (c.var(2) + eps).sqrt()[..., None]
    ss = (s.var(2) + eps).sqrt()[..., None]
    out = (c - c.mean(2, keepdim=True)) / cs * ss + s.mean(2, keepdim=True)
    return out.view(*content.shape).numpy()
""",
        "torch's var divides by one less than the number of values.",
        ["c.var(2)", "s.var(2)"],
        keys="sample-variance",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    ax = (2, 3)
    mu_c, mu_s = content.mean(ax, keepdims=True), style.mean(ax, keepdims=True)
    sd_c = np.sqrt(content.var(ax, keepdims=True) + eps)
    sd_s = style.std(ax, keepdims=True)
    return sd_s * (content - mu_c) / sd_c + mu_s
""",
        "ε is missing under the style's root.",
        "style.std(ax, keepdims=True)",
        keys="eps-in-one-root",
    ),
    wrong(
        "adain",
        """
def adain(content, style, eps=1e-5):
    ax = (2, 3)
    mu_c, mu_s = content.mean(ax, keepdims=True), style.mean(ax, keepdims=True)
    sd_c = np.sqrt(content.var(ax, keepdims=True) + eps)
    sd_s = np.sqrt(style.var(ax, keepdims=True) + eps)
    return sd_s * ((content - mu_c) / sd_c + mu_s)
""",
        "The style's mean is added before the scaling, so it is scaled too.",
        "sd_s * ((content - mu_c) / sd_c + mu_s)",
    ),
    right(
        "weight_standardize",
        """
def weight_standardize(w, eps=1e-5):
    o = w.shape[0]
    rows = w.reshape(o, -1)
    rows = rows - rows.mean(1, keepdims=True)
    return (rows / np.sqrt(np.einsum("oi,oi->o", rows, rows)[:, None] / rows.shape[1] + eps)).reshape(w.shape)
""",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    w = torch.tensor(weight)
    m = w.mean(dim=(1, 2, 3), keepdim=True)
    w = w - m
    std = w.view(w.size(0), -1).std(dim=1, unbiased=False).view(-1, 1, 1, 1) + 1e-5
    return (w / std).numpy()
""",
        "A fixed 1e-5 is added to the deviation instead of eps under the root.",
        "+ 1e-5",
        keys="eps-outside-sqrt eps-hard-coded",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    mean = weight.mean(axis=0, keepdims=True)
    var = weight.var(axis=0, keepdims=True)
    return (weight - mean) / np.sqrt(var + eps)
""",
        "The statistics run over the outputs instead of over what is added up in one output.",
        ["weight.mean(axis=0, keepdims=True)", "weight.var(axis=0, keepdims=True)"],
        keys="wrong-axis",
    ),
    wrong(
        "weight_standardize",
        """
def weight_standardize(weight, eps=1e-5):
    fan_in = weight[0].size
    mean = weight.mean((1, 2, 3), keepdims=True)
    var = weight.var((1, 2, 3), keepdims=True)
    return (weight - mean) / np.sqrt(var * fan_in + eps)    # scaled WS (NFNets)
""",
        "The variance is multiplied by the fan-in, as in scaled weight standardisation.",
        "var * fan_in",
        keys="fan-in-scaled",
    ),
]
