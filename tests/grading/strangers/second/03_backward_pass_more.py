"""Strangers' answers to lesson 03, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    xc = x - x.mean(axis=0)
    inv = 1 / np.sqrt((xc ** 2).mean(axis=0) + eps)
    xh = xc * inv
    g = dy * gamma
    dx = inv * (g - np.mean(g, axis=0) - xc * np.mean(g * xh, axis=0))
    return dx, np.sum(dy * xh, axis=0), np.sum(dy, axis=0)
""",
        "The spread's term multiplies the mean of dŷ·x̂ by x − μ in place of x̂.",
        "xc * np.mean(",
        keys="spread-not-centred",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    std = np.sqrt(np.var(x, axis=0) + eps)
    xh = (x - np.mean(x, axis=0)) / std
    return gamma * dy / std, np.einsum("nd,nd->d", dy, xh), np.einsum("nd->d", dy)
""",
        "Only the direct path is there: γ·dy/σ, as if the statistics were constants.",
        "gamma * dy / std",
        keys="detached",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N = len(x)
    sigma = np.sqrt(x.var(axis=0) + eps)
    xh = (x - x.mean(axis=0)) / sigma
    own = 1 - 1 / N - xh**2 / N
    return gamma / sigma * dy * own, (dy * xh).sum(axis=0), dy.sum(axis=0)
""",
        "Only the diagonal of the Jacobian is used: the own entry's path through μ and σ, not that of "
        "the others.",
        "own = 1 - 1 / N - xh**2 / N",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    n, d = x.shape
    dx = np.zeros((n, d)); dgamma = np.zeros(d); dbeta = np.zeros(d)
    for j in range(d):
        mu = x[:, j].sum() / n
        istd = 1.0 / np.sqrt(((x[:, j] - mu) ** 2).sum() / n + eps)
        xh = (x[:, j] - mu) * istd
        s1 = s2 = 0.0
        for i in range(n):
            s1 += dy[i, j]
            s2 += dy[i, j] * xh[i]
        for i in range(n):
            dx[i, j] = gamma[j] * istd * (dy[i, j] - s1 - xh[i] * s2)
        dgamma[j] = s2
        dbeta[j] = s1
    return dx, dgamma, dbeta
""",
        "The two sums are never divided by N.",
        "s1 - xh[i] * s2",
        keys="sum-not-mean",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    m = x.shape[0]
    xmu = x - x.mean(0)
    invstd = 1 / np.sqrt(x.var(0) + eps)
    sum_dy = dy.sum(0)
    dotp = (dy * xmu).sum(0)
    dx = (dy - sum_dy / m - xmu * dotp * invstd**2 / m) * invstd * gamma
    return dx, (dy * xmu).sum(0), sum_dy
""",
        "dγ is summed with x − μ in place of x̂.",
        "return dx, (dy * xmu).sum(0)",
        keys="dgamma-uses-centred",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = x.shape
    mu = 1.0 / N * np.sum(x, axis=0)
    xmu = x - mu
    sqrtvar = np.sqrt(1.0 / N * np.sum(xmu ** 2, axis=0) + eps)
    ivar = 1.0 / sqrtvar
    xhat = xmu * ivar
    dbeta = np.sum(dy, axis=0)
    dgamma = np.sum(dy * xhat, axis=0)
    dxhat = dy * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dsqrtvar = -1.0 / sqrtvar ** 2 * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dxmu = dxhat * ivar + 2 * xmu / N * np.ones((N, D)) * dvar
    dmu = -1 * np.sum(dxmu, axis=0)
    dx1 = dxmu
    dx2 = 1.0 / N * np.ones((N, D)) * dmu
    dx = dx1
    return dx, dgamma, dbeta
""",
        "In the last step dx1 is returned alone: the path dx2 through the mean is computed and not added.",
        "dx = dx1",
        keys="mean-detached",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = x.shape
    xmu = x - np.mean(x, axis=0)
    sqrtvar = np.sqrt(np.mean(xmu ** 2, axis=0) + eps)
    xhat = xmu / sqrtvar
    dbeta = dy.sum(axis=0)
    dgamma = (dy * xhat).sum(axis=0)
    dxhat = dy * gamma
    divar = np.sum(dxhat * xmu, axis=0)
    dsqrtvar = -1.0 / sqrtvar * divar
    dvar = 0.5 / sqrtvar * dsqrtvar
    dxmu = dxhat / sqrtvar + 2.0 / N * xmu * dvar
    dx = dxmu - dxmu.mean(axis=0)
    return dx, dgamma, dbeta
""",
        "The square in the derivative of 1/√v is missing: −1/σ where −1/σ² belongs.",
        "-1.0 / sqrtvar * divar",
        keys="wrong-exponent",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    m = lambda a: a.mean(axis=0)
    s = 1 / np.sqrt(x.var(axis=0) + eps)
    h = (x - m(x)) * s
    return s * (gamma * dy - m(dy) - h * m(dy * h)), len(x) * m(dy * h), len(x) * m(dy)
""",
        "γ multiplies the direct path alone and not the two means.",
        "gamma * dy - m(dy)",
        keys="gamma-in-some-terms",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    std = np.sqrt(x.var(axis=0) + eps)
    xh = (x - x.mean(axis=0)) / std
    dxh = dy * gamma
    dx = (dxh - xh * np.mean(dxh * xh, axis=0)) / std
    dgamma = np.sum(dxh * xh, axis=0)
    return dx, dgamma, np.sum(dy, axis=0)
""",
        "The centring term is missing, and γ is multiplied into dγ.",
        ["dxh - xh * np.mean(dxh * xh, axis=0)", "np.sum(dxh * xh, axis=0)"],
        keys="mean-detached gamma-in-dgamma",
        kind="pair",
    ),
    wrong(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    s = np.sqrt(x.var(0) + eps)
    xh = (x - x.mean(0)) / s
    dy *= gamma
    dx = (dy - dy.mean(0) - xh * (dy * xh).mean(0)) / s
    return dx, (dy * xh).mean(0) / gamma, dy.mean(0) / gamma
""",
        "dy is scaled in place in the caller's array, and dγ and dβ are means.",
        ["dy *= gamma", "(dy * xh).mean(0) / gamma"],
        keys="mutates-input mean-not-sum",
        kind="promise",
    ),
    right(
        "batch_norm_backward",
        """
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    N, D = x.shape
    dx = np.empty((N, D))
    xh = (x - x.mean(0)) / np.sqrt(x.var(0) + eps)
    for d in range(D):
        P = np.eye(N) - np.ones((N, N)) / N - np.outer(xh[:, d], xh[:, d]) / N
        dx[:, d] = gamma[d] / np.sqrt(x[:, d].var() + eps) * (P @ dy[:, d])
    return dx, np.einsum("nd,nd->d", dy, xh), dy.sum(axis=0)
""",
    ),
    right(
        "batch_norm_backward",
        """
import torch
import torch.nn.functional as F
def batch_norm_backward(dy, x, gamma, eps=1e-5):
    leaves = [torch.tensor(a, dtype=torch.float64, requires_grad=True) for a in (x, gamma, 0 * gamma)]
    with torch.enable_grad():
        z = leaves[0] - leaves[0].mean(0)
        y = z * (z.square().mean(0) + eps).pow(-0.5) * leaves[1] + leaves[2]
    return tuple(g.numpy() for g in torch.autograd.grad(y, leaves, torch.tensor(dy, dtype=torch.float64)))
""",
    ),
]
