"""Strangers' answers to lesson 11, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    mean = x.mean(axis=axes)
    std = np.sqrt(x.var(axis=axes) + eps)
    return (x - mean) / std
""",
        "Without keepdims the mean of an inner axis does not line up with x.",
        "x.mean(axis=axes)",
        keys="no-keepdims",
    ),
    wrong(
        "normalize",
        """
import torch
def normalize(x, axes, eps=1e-5):
    t = torch.as_tensor(x)
    return ((t - t.mean(axes, keepdim=True)) * torch.rsqrt(t.var(axes, keepdim=True) + eps)).numpy()
""",
        "torch.var divides by n − 1.",
        "t.var(axes, keepdim=True)",
        keys="sample-variance",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    axes = (axes,) if np.isscalar(axes) else axes
    y = np.array(x, dtype=float)
    for a in axes:
        y = (y - y.mean(axis=a, keepdims=True)) / np.sqrt(y.var(axis=a, keepdims=True) + eps)
    return y
""",
        "The axes are normalised one after the other and not together.",
        "for a in axes",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    axes = (axes,) if isinstance(axes, int) else tuple(axes)
    axes = tuple(a for a in axes if 0 <= a < x.ndim)
    m = np.mean(x, axis=axes, keepdims=True)
    v = np.mean((x - m) ** 2, axis=axes, keepdims=True)
    return (x - m) / np.sqrt(v + eps)
""",
        "Negative axes are thrown out as invalid.",
        "0 <= a < x.ndim",
        keys="negative-axes-lost",
    ),
    right(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    over = lambda f, a: np.apply_over_axes(f, a, axes)
    c = x - over(np.mean, x)
    return c / np.sqrt(over(np.mean, c * c) + eps)
""",
    ),
    wrong(
        "normalize",
        """
def normalize(x, axes, eps=1e-5):
    x -= x.mean(axis=axes, keepdims=True)
    return x / (np.sqrt((x * x).mean(axis=axes, keepdims=True)) + eps)
""",
        "x is centred in place, and ε is outside the root.",
        ["x -=", "+ eps"],
        keys="mutates-input eps-outside-sqrt",
        kind="promise",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=-1, keepdims=True)
    sigma = np.sqrt(np.var(x, axis=-1, keepdims=True) + 0.001)
    return (x - mu) / sigma * gamma + beta
""",
        "ε is Keras' 1e-3, whatever is given.",
        "0.001",
        keys="eps-hard-coded",
    ),
    wrong(
        "layer_norm",
        """
import torch
def layer_norm(x, gamma, beta, eps=1e-5):
    x, a, b = map(torch.as_tensor, (x, gamma, beta))
    mean = x.mean(-1, keepdim=True)
    std = x.std(-1, keepdim=True)
    return (a * (x - mean) / (std + eps) + b).numpy()
""",
        "torch's std with n − 1, and ε added to it outside the root.",
        ["x.std(-1, keepdim=True)", "(std + eps)"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    m, v = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    return gamma * (x - m) / np.sqrt(v + eps) + beta
""",
        "It normalises over axis 1, which is time in (N, T, D).",
        "axis=1",
        keys="second-axis",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    ax = tuple(range(1, x.ndim)) or (0,)
    mean = x.mean(axis=ax, keepdims=True)
    var = x.var(axis=ax, keepdims=True)
    return (x - mean) * gamma / np.sqrt(var + eps) + beta
""",
        "In (N, T, D) each example shares one statistic over time and features.",
        "range(1, x.ndim)",
        keys="whole-example",
    ),
    right(
        "layer_norm",
        """
import torch
def layer_norm(x, gamma, beta, eps=1e-5):
    t, g, b = (torch.tensor(np.asarray(a, dtype=np.float64)) for a in (x, gamma, beta))
    var, mean = torch.var_mean(t, -1, correction=0, keepdim=True)
    return torch.lerp(b, b + g, (t - mean) / (var + eps) ** 0.5).numpy()
""",
    ),
    wrong(
        "layer_norm",
        """
def layer_norm(x, gamma, beta, eps=1e-5):
    for index in np.ndindex(x.shape[:-1]):
        row = x[index]
        d = row - row.mean()
        row[:] = gamma * d / np.sqrt(d @ d / len(d) + eps)
    return x
""",
        "Rows are overwritten in the caller's array, and β is never added.",
        ["row[:] =", "gamma * d / np.sqrt(d @ d / len(d) + eps)"],
        keys="mutates-input beta-ignored",
        kind="promise",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    inv = 1 / np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - x.mean(-1, keepdims=True)) * inv
    dx = gamma * inv * (dy - dy.mean(-1, keepdims=True) - xh * (dy * xh).mean(-1, keepdims=True))
    lead = tuple(range(x.ndim - 1))
    return dx, (dy * xh).sum(lead), dy.sum(lead)
""",
        "γ is multiplied in after the means, as in batch norm; in layer norm it differs within a mean.",
        "gamma * inv *",
        keys="gamma-outside",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    inv = (x.var(axis=-1, keepdims=True) + eps) ** -0.5
    xh = (x - x.mean(axis=-1, keepdims=True)) * inv
    g = dy * gamma
    dx = (g - g.mean(axis=-1, keepdims=True) - xh * (g * xh).mean(axis=-1, keepdims=True)) * inv
    return dx, (dy * xh).sum(axis=0), dy.sum(axis=0)
""",
        "dγ and dβ are summed over axis 0 alone, so that time is left in them.",
        ".sum(axis=0)",
        keys="not-summed-over-time",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    D = x.shape[-1]
    X, G = x.reshape(-1, D), dy.reshape(-1, D)
    n = len(X)
    dx, dg, db = np.zeros(X.shape), np.zeros(D), np.zeros(D)
    for i in range(n):
        s = (X[i].var() + eps) ** -0.5
        h = (X[i] - X[i].mean()) * s
        k = gamma * G[i]
        dx[i] = s * (k - k.sum() / n - h * (k * h).sum() / n)
        dg += G[i] * h
        db += G[i]
    return dx.reshape(x.shape), dg, db
""",
        "The sums over the D features are divided by the number of examples.",
        "/ n",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    m = lambda t: np.mean(t, axis=-1, keepdims=True)
    std = np.sqrt(np.var(x, axis=-1, keepdims=True) + eps)
    xhat = (x - m(x)) / std
    dxhat = dy * gamma
    dx = (dxhat - m(dxhat) + xhat * m(dxhat * xhat)) / std
    axes = tuple(range(dy.ndim - 1))
    return dx, np.sum(dy * xhat, axis=axes), np.sum(dy, axis=axes)
""",
        "The last term is added where it must be subtracted.",
        "+ xhat *",
        keys="spread-added",
    ),
    wrong(
        "layer_norm_backward",
        """
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    s = np.sqrt(x.var(-1, keepdims=True) + eps)
    xh = (x - x.mean(-1, keepdims=True)) / s
    dh = gamma * dy
    lead = tuple(range(x.ndim - 1))
    return (dh - xh * (dh * xh).mean(-1, keepdims=True)) / s, (dy * x).sum(lead), dy.sum(lead)
""",
        "The centring term is missing, and dγ is summed with x.",
        ["dh - xh *", "(dy * x).sum(lead)"],
        keys="mean-detached dgamma-uses-x",
        kind="pair",
    ),
    right(
        "layer_norm_backward",
        """
import torch
def layer_norm_backward(dy, x, gamma, eps=1e-5):
    make = lambda a: torch.tensor(np.asarray(a), dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        t, g, b = make(x), make(gamma), make(np.zeros_like(gamma))
        c = t - t.mean(-1, keepdim=True)
        y = g * c / torch.sqrt((c * c).mean(-1, keepdim=True) + eps) + b
        y.backward(torch.tensor(np.asarray(dy), dtype=torch.float64))
    return t.grad.numpy(), g.grad.numpy(), b.grad.numpy()
""",
    ),
]
