"""Strangers' answers to lesson 03, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dout = dy
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout, axis=0)
    dxhat = dout * gamma
    return dxhat, dgamma, dbeta
""",
        "The gradient of γ is the sum of dy without x̂.",
        "dgamma = np.sum(dout, axis=0)",
        keys="dgamma-without-x-hat",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dbeta = np.mean(dy, axis=0)
    dgamma = np.mean(np.multiply(dy, x_hat), axis=0)
    return np.multiply(gamma, dy), dgamma, dbeta
""",
        "It averages over the batch; sums are asked for.",
        "np.mean(dy, axis=0)",
        keys="mean-not-sum",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dx_hat = dy * gamma
    dgamma = np.sum(dy * x_hat, 0, keepdims=True)
    dbeta = np.sum(dy, 0, keepdims=True)
    return dx_hat, dgamma, dbeta
""",
        "The sums over the batch keep their axis, so that they have shape (1, D) in place of (D,).",
        "keepdims=True",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    return dy @ np.diag(gamma), dy.T @ x_hat, dy.T @ np.ones(len(dy))
""",
        "The whole matrix dyᵀ·x̂ comes back as dγ; its diagonal is wanted.",
        "dy.T @ x_hat",
    ),
    wrong(
        "affine_backward",
        """
import torch
def affine_backward(dy, x_hat, gamma):
    xh = torch.tensor(x_hat, requires_grad=True)
    g = torch.tensor(gamma, requires_grad=True)
    b = torch.zeros_like(g, requires_grad=True)
    (xh * g + b).backward(torch.tensor(dy))
    return xh.grad.numpy(), b.grad.numpy(), g.grad.numpy()
""",
        "dβ and dγ are returned in each other's places.",
        "xh.grad.numpy(), b.grad.numpy(), g.grad.numpy()",
        keys="swapped-outputs",
    ),
    right(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    return dy @ np.diag(gamma), np.diagonal(dy.T @ x_hat).copy(), np.ones(len(dy)) @ dy
""",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    return np.array(dy), (dy * x_hat).mean(axis=0), dy.mean(axis=0)
""",
        "γ is missing in dx_hat, and the sums are means.",
        ["np.array(dy)", ".mean(axis=0)"],
        keys="gamma-ignored mean-not-sum",
        kind="pair",
    ),
    wrong(
        "affine_backward",
        """
def affine_backward(dy, x_hat, gamma):
    dy *= gamma
    return dy, (dy * x_hat).sum(axis=0), dy.sum(axis=0)
""",
        "dy is multiplied by γ in place, so that dγ and dβ hold γ too.",
        "dy *= gamma",
        keys="mutates-input gamma-in-dgamma",
        kind="promise",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N, D = x.shape
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    dvar = 0.5 * np.sum(dx_hat * xmu, axis=0) * (var + eps) ** -1.5
    dmean = -np.sum(dx_hat, axis=0) / np.sqrt(var + eps) + dvar * np.mean(-2 * xmu, axis=0)
    dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * xmu / N + dmean / N
    return dvar, dmean, dx
""",
        "The minus of the derivative of the inverse root is missing in dvar.",
        "0.5 * np.sum(",
        keys="dvar-sign",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N, D = x.shape
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    ivar = 1.0 / np.sqrt(var + eps)
    dvar = np.sum(dx_hat * xmu * -0.5 * var ** -1.5, axis=0)
    dmean = np.sum(-ivar * dx_hat, axis=0)
    dx = ivar * dx_hat + dvar * 2.0 * xmu / N + dmean / N
    return dvar, dmean, dx
""",
        "ε is missing in the power −3/2 of dvar, while the other roots have it.",
        "var ** -1.5",
        keys="no-eps",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    n, d = x.shape
    dvar, dmean, dx = np.zeros(d), np.zeros(d), np.zeros((n, d))
    for j in range(d):
        m = x[:, j].mean()
        s = (x[:, j].var() + eps) ** -0.5
        for i in range(n):
            dvar[j] += dx_hat[i, j] * (x[i, j] - m) * -0.5 * s**3
            dmean[j] -= dx_hat[i, j] * s
        for i in range(n):
            dx[i, j] = dx_hat[i, j] * s + dvar[j] * 2 * (x[i, j] - m) / n + dmean[j]
    return dvar, dmean, dx
""",
        "dmean goes into dx without being divided by N.",
        "+ dmean[j]",
        keys="dmean-not-scaled",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    n = x.shape[0]
    u = x - np.mean(x, axis=0)
    s = 1 / np.sqrt(np.mean(u * u, axis=0) + eps)
    dvar = -np.sum(dx_hat * u, axis=0) * s**3 / 2
    dmean = -np.sum(dx_hat * s) * np.ones(x.shape[1])
    return dvar, dmean, dx_hat * s + 2 * dvar * u / n + dmean / n
""",
        "The axis of the sum in dmean was forgotten, so that one number is used for all features.",
        "np.sum(dx_hat * s)",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    n = x.shape[1]
    c = x - x.mean(0)
    inv = 1 / np.sqrt(x.var(0) + eps)
    dvar = (dx_hat * c).sum(0) * -0.5 * inv**3
    dmean = -(dx_hat * inv).sum(0)
    dx = dx_hat * inv + dvar * 2 * c / n + dmean / len(x)
    return dvar, dmean, dx
""",
        "÷ D where ÷ N belongs, in the path through the variance.",
        "x.shape[1]",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N = x.shape[0]
    std = np.sqrt(x.var(axis=0) + eps)
    z = (x - x.mean(axis=0)) / std
    dvar = np.sum(dx_hat * z, axis=0) * (-0.5) * std ** (-3)
    dmean = np.sum(dx_hat * (-1 / std), axis=0)
    dx = dx_hat / std + dvar * (2 / N) * (x - x.mean(axis=0)) + dmean / N
    return dvar, dmean, dx
""",
        "dvar uses x̂ for x − μ beside the full power −3/2: one 1/σ too many.",
        "dx_hat * z",
        keys="dvar-uses-x-hat",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    c, s = x - x.mean(0), (x.var(0) + eps) ** -0.5
    dvar = -0.5 * np.einsum("nd,nd,d->d", dx_hat, c, s**3)
    dmean = -np.einsum("nd,d->d", dx_hat, s)
    return dvar, dmean, dx_hat * s + dmean / len(x)
""",
        "The path through the variance is left out of dx.",
        "dx_hat * s + dmean / len(x)",
        keys="var-detached",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    N = x.shape[0]
    xc = x - x.mean(axis=0)
    var = x.var(axis=0, ddof=1)
    inv = 1.0 / np.sqrt(var + eps)
    dvar = np.sum(dx_hat * xc, axis=0) * -1.0 * inv ** 3
    dmean = -np.sum(dx_hat, axis=0) * inv
    dx = dx_hat * inv + dvar * 2 * xc / N + dmean / N
    return dvar, dmean, dx
""",
        "The 1/2 of the derivative of the root is missing, and the variance is the sample's.",
        ["ddof=1", "* -1.0 *"],
        keys="half-missing sample-variance",
        kind="pair",
    ),
    right(
        "standardize_backward",
        """
import torch
def standardize_backward(dx_hat, x, eps=1e-5):
    t = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    mu = t.mean(0)
    var = ((t - mu) ** 2).mean(0)
    z = (t - mu) / torch.sqrt(var + eps)
    dx, dmu, dv = torch.autograd.grad(z, (t, mu, var), torch.tensor(dx_hat, dtype=torch.float64))
    return dv.numpy(), dmu.numpy(), dx.numpy()
""",
    ),
    wrong(
        "standardize_backward",
        """
def standardize_backward(dx_hat, x, eps=1e-5):
    n = len(x)
    s = (x.var(0) + eps) ** -0.5
    dvar = -0.5 * s**3 * (dx_hat * (x - x.mean(0))).sum(0)
    dx_hat *= s
    dmean = -dx_hat.sum(0)
    return dvar, dmean, dx_hat + dvar * 2 * x / n + dmean / n
""",
        "dx_hat is scaled in the caller's array, and the spread's path uses x in place of x − μ.",
        ["dx_hat *= s", "dvar * 2 * x / n"],
        keys="mutates-input spread-not-centred",
        kind="promise",
    ),
]
