from corpus import right, wrong

ANSWERS = [
    right(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    flat = x.transpose(1, 0, 2, 3).reshape(C, -1)
    mu = flat.mean(1)[:, None]
    z = (flat - mu) / np.sqrt(flat.var(1)[:, None] + eps)
    z = gamma[:, None] * z + beta[:, None]
    return z.reshape(C, N, H, W).swapaxes(0, 1)
""",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    N, C, H, W = x.shape
    flat = x.reshape(-1, C)      # (N*H*W, C)
    mu, var = flat.mean(0), flat.var(0)
    out = gamma * (flat - mu) / np.sqrt(var + eps) + beta
    return out.reshape(N, C, H, W)
""",
        "NCHW is reshaped to rows of C without a transpose, so the columns mix channels and positions.",
        "x.reshape(-1, C)",
        keys="reshaped-without-transpose",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    y = np.zeros_like(x)
    N, C, H, W = x.shape
    for c in range(C):
        m = x[:, c].mean()
        v = ((x[:, c] - m) ** 2).sum() / (H * W)
        y[:, c] = gamma[c] * (x[:, c] - m) / np.sqrt(v + eps) + beta[c]
    return y
""",
        "The squares of all images are divided by H·W alone; N is forgotten.",
        "/ (H * W)",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    mu = x.mean(axis=(0, 2, 3), keepdims=True)
    var = x.mean(axis=(2, 3), keepdims=True).var(axis=0, keepdims=True)
    xh = (x - mu) / np.sqrt(var + eps)
    return gamma[None, :, None, None] * xh + beta[None, :, None, None]
""",
        "The variance is that of the images' means, not of all values.",
        "x.mean(axis=(2, 3), keepdims=True).var(axis=0, keepdims=True)",
        keys="variance-of-means",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    # axis = -1 as in Keras
    mu = x.mean(axis=(0, 1, 2), keepdims=True)
    var = x.var(axis=(0, 1, 2), keepdims=True)
    g = gamma.reshape(1, -1, 1, 1); b = beta.reshape(1, -1, 1, 1)
    return g * (x - mu) / np.sqrt(var + eps) + b
""",
        "Statistics are taken for each column of the images, as if the channels were the last axis.",
        ["x.mean(axis=(0, 1, 2), keepdims=True)", "x.var(axis=(0, 1, 2), keepdims=True)"],
        keys="channels-last",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    t = torch.tensor(x)
    out = (t - t.mean((0, 2, 3), keepdim=True)) / (t.var((0, 2, 3), keepdim=True) + eps).sqrt()
    return (out * torch.tensor(gamma).view(1, -1, 1, 1) + torch.tensor(beta).view(1, -1, 1, 1)).numpy()
""",
        "torch's var divides by one less than the number of values.",
        "t.var((0, 2, 3), keepdim=True)",
        keys="sample-variance",
    ),
    wrong(
        "batch_norm_2d",
        """
def batch_norm_2d(x, gamma, beta, eps=1e-5):
    axes = (0, 2, 3)
    xc = x - np.mean(x, axis=axes, keepdims=True)
    std = np.std(xc, axis=axes, keepdims=True)
    return xc / (std + eps) * gamma.reshape(-1, 1, 1)
""",
        "β is forgotten, and ε is added to the root.",
        ["xc / (std + eps) * gamma.reshape(-1, 1, 1)", "std + eps"],
        keys="beta-ignored eps-outside-sqrt",
        kind="pair",
    ),
    right(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dout, x, gamma, eps=1e-5):
    N, C, H, W = x.shape
    to2d = lambda a: np.moveaxis(a, 1, -1).reshape(-1, C)
    d, X = to2d(dout), to2d(x)
    M = N * H * W
    mu = X.mean(0); xmu = X - mu; ivar = 1 / np.sqrt((xmu ** 2).mean(0) + eps)
    dxhat = d * gamma
    dvar = (dxhat * xmu).sum(0) * -.5 * ivar ** 3
    dmu = -(dxhat * ivar).sum(0)
    dx = dxhat * ivar + 2 / M * dvar * xmu + dmu / M
    return np.moveaxis(dx.reshape(N, H, W, C), -1, 1), (d * xmu * ivar).sum(0), d.sum(0)
""",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    N, C, H, W = x.shape
    ax = (0, 2, 3)
    g = gamma.reshape(1, C, 1, 1)
    iv = 1 / np.sqrt(x.var(ax, keepdims=True) + eps)
    xh = (x - x.mean(ax, keepdims=True)) * iv
    dg = (dy * xh).sum(ax)
    db = dy.sum(ax)
    dx = g * iv / N * (N * dy - db.reshape(g.shape) - xh * dg.reshape(g.shape))
    return dx, dg, db
""",
        "The sums are divided by N where N·H·W values share them.",
        "g * iv / N * (N * dy",
        keys="n-instead-of-nhw",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    ax = (0, 2, 3)
    iv = 1 / np.sqrt(x.var(ax, keepdims=True) + eps)
    xh = (x - x.mean(ax, keepdims=True)) * iv
    dxh = dy * gamma[:, None, None]
    dx = iv * (dxh - dxh.mean(0) - xh * (dxh * xh).mean(0))
    return dx, (dy * xh).sum(ax), dy.sum(ax)
""",
        "The two means of dx run over the batch alone and stay apart at each position.",
        "dxh - dxh.mean(0) - xh * (dxh * xh).mean(0)",
        keys="means-per-position",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    ax = (0, 2, 3)
    iv = 1 / np.sqrt(x.var(ax, keepdims=True) + eps)
    xh = (x - x.mean(ax, keepdims=True)) * iv
    dxh = dy * gamma[None, :, None, None]
    dx = iv * (dxh - dxh.mean(ax, keepdims=True) - xh * (dxh * xh).mean(ax, keepdims=True))
    return dx, (dy * xh).sum((0, 2, 3)), dy.sum((2, 3)).mean(0)
""",
        "dβ is averaged over the batch where it should be summed.",
        "dy.sum((2, 3)).mean(0)",
    ),
    wrong(
        "batch_norm_2d_backward",
        """
def batch_norm_2d_backward(dy, x, gamma, eps=1e-5):
    X = torch.tensor(x, requires_grad=True)
    G = torch.tensor(gamma, requires_grad=True)
    B = torch.zeros_like(G, requires_grad=True)
    F.batch_norm(X, None, None, G, B, True, eps=eps).backward(torch.tensor(dy))
    return X.grad.numpy(), B.grad.numpy(), G.grad.numpy()
""",
        "dγ and dβ are returned in each other's place.",
        "B.grad.numpy(), G.grad.numpy()",
        keys="swapped-outputs",
    ),
    right(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    y = np.moveaxis(x, channel_axis, -1)
    shp = y.shape
    y = y.reshape(-1, shp[-1])
    mu = y.mean(0)
    var = np.mean((y - mu) ** 2, axis=0)
    y = (y - mu) / np.sqrt(var + eps) * gamma + beta
    return np.moveaxis(y.reshape(shp), -1, channel_axis)
""",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    axes = tuple(i for i in range(x.ndim) if i != channel_axis)
    shape = [1] * x.ndim
    shape[channel_axis] = x.shape[channel_axis]
    mu = x.mean(axes, keepdims=True)
    var = x.var(axes, keepdims=True)
    return gamma.reshape(shape) * (x - mu) / np.sqrt(var + eps) + beta.reshape(shape)
""",
        "A negative axis equals none of the counted ones, so everything is reduced.",
        "if i != channel_axis",
        keys="negative-axes",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    z = x.swapaxes(channel_axis, -1)
    ax = tuple(range(z.ndim - 1))
    z = (z - z.mean(ax)) / np.sqrt(z.var(ax) + eps)
    return z * gamma + beta
""",
        "The axes are not exchanged back.",
        "return z * gamma + beta",
        keys="not-transposed-back left-channels-last",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    ca = channel_axis % x.ndim
    shp = tuple(-1 if i == ca else 1 for i in range(x.ndim))
    xs = np.moveaxis(x, ca, 0)
    mu = np.array([c.mean() for c in xs]).reshape(shp)
    sd = np.array([c.std() for c in xs]).reshape(shp)
    return (x - mu) / (sd ** 2 + eps) * gamma.reshape(shp) + beta.reshape(shp)
""",
        "The root over the variance is missing.",
        "(sd ** 2 + eps)",
        keys="divides-by-variance",
    ),
    wrong(
        "batch_norm_nd",
        """
def batch_norm_nd(x, gamma, beta, eps=1e-5, channel_axis=1):
    if channel_axis < 0:
        channel_axis += x.ndim
    axes = tuple(set(range(x.ndim)) - {channel_axis})
    shape = [1 if a in axes else -1 for a in range(x.ndim)]
    m = x.mean(axis=axes, keepdims=True)
    x_hat = (x - m) / np.sqrt(np.square(x).mean(axis=axes, keepdims=True) + eps)
    return gamma.reshape(shape) * x_hat + beta.reshape(shape)
""",
        "The mean square is taken of x, not of x − μ.",
        "np.square(x).mean(axis=axes, keepdims=True)",
        keys="mean-not-subtracted",
    ),
    right(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    W, b = [], []
    for o in range(weight.shape[0]):
        s = gamma[o] / math.sqrt(running_var[o] + eps)
        W.append(weight[o] * s)
        b.append(((bias[o] if bias is not None else 0.0) - running_mean[o]) * s + beta[o])
    return np.array(W), np.array(b)
""",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    # fuse_conv_and_bn from the yolo repo
    w_bn = np.diag(gamma / np.sqrt(running_var + eps))
    w = (w_bn @ weight.reshape(len(weight), -1)).reshape(weight.shape)
    b_conv = np.zeros(len(weight)) if bias is None else bias
    b_bn = beta - gamma * running_mean / np.sqrt(running_var + eps)
    return w, b_conv + b_bn
""",
        "The convolution's bias is added without being scaled.",
        "b_conv + b_bn",
        keys="bias-not-scaled",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    w = weight * s.reshape(-1, 1, 1, 1)
    b = 0.0 if bias is None else bias
    return w, (b - running_mean) * s + beta * s
""",
        "β is scaled, though it is added after the scaling.",
        "beta * s",
        keys="beta-scaled",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    inv = 1.0 / np.sqrt(running_var + eps)
    w = weight * (gamma * inv)[:, None, None, None]
    if bias is None:
        bias = running_mean
    return w, (bias - running_mean) * gamma * inv + beta
""",
        "Without a bias the running mean stands in for it, so the mean cancels.",
        "bias = running_mean",
    ),
    wrong(
        "fold_into_conv",
        """
def fold_into_conv(weight, bias, gamma, beta, running_mean, running_var, eps=1e-5):
    s = gamma / np.sqrt(running_var + eps)
    b = np.zeros_like(beta) if bias is None else bias.copy()
    for o in range(len(weight)):
        weight[o] *= s[o]
    b -= running_mean
    return weight, b * s
""",
        "β is forgotten, and the caller's weight is scaled in place.",
        ["return weight, b * s", "weight[o] *= s[o]"],
        keys="beta-ignored mutates-input",
        kind="promise",
    ),
]
