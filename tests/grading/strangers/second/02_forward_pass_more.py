"""Strangers' answers to lesson 02, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_norm_forward",
        """
EPSILON = 1e-3
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mean = np.mean(x, axis=0)
    variance = np.var(x, axis=0)
    inv = gamma / np.sqrt(variance + EPSILON)
    return x * inv + (beta - mean * inv)
""",
        "The ε of the call is never used; Keras' 1e-3 stands in its place.",
        "EPSILON = 1e-3",
        keys="eps-hard-coded",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    sigma = np.sqrt(x.var(0))
    normalised = (x - mu) / sigma + eps
    return normalised * gamma + beta
""",
        "ε is added to the finished quotient, where it is a shift, as in ((x − μ)/σ + ε)·γ + β.",
        "/ sigma + eps",
    ),
    wrong(
        "batch_norm_forward",
        """
import torch
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    t = torch.tensor(x)
    z = (t - t.mean(0)) * torch.rsqrt(t.var(0) + eps)
    return torch.addcmul(torch.tensor(beta), torch.tensor(gamma), z).numpy()
""",
        "Torch's var without correction=0 divides by N − 1.",
        "t.var(0)",
        keys="sample-variance",
    ),
    wrong(
        "batch_norm_forward",
        """
from math import sqrt
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    n, d = x.shape
    y = np.empty((n, d))
    for j in range(d):
        m = 0.0
        for i in range(n):
            m += x[i, j]
        m /= n
        v = 0.0
        for i in range(n):
            v += (x[i, j] - m) ** 2
        sd = sqrt(v / n) + eps
        for i in range(n):
            y[i, j] = gamma[j] * (x[i, j] - m) / sd + beta[j]
    return y
""",
        "ε is added to the deviation, outside the root.",
        "sqrt(v / n) + eps",
        keys="eps-outside-sqrt",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    z = lambda c: (c - c.mean()) / (c.var() + eps) ** 0.5
    return np.array([g * (z(c) + b) for c, g, b in zip(x.T, gamma, beta)]).T
""",
        "β is added before γ multiplies: γ(x̂ + β).",
        "g * (z(c) + b)",
        keys="gamma-after-shift",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mean = x.mean(axis=0)
    var = ((x - mean) ** 2).mean(axis=0)
    x_norm = (x - mean) / (var + eps ** 0.5)
    return gamma * x_norm + beta
""",
        "The root's precedence: the exponent 1/2 belongs to ε alone, so it divides by σ² + √ε.",
        "var + eps ** 0.5",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    std = np.maximum(np.std(x, axis=0), eps)
    return gamma * ((x - np.mean(x, axis=0)) / std) + beta
""",
        "ε is used as a floor under the deviation instead of being added to the variance.",
        "np.maximum(np.std(x, axis=0), eps)",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x_hat = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return np.round(gamma * x_hat + beta, 4)
""",
        "The result is rounded to four decimals.",
        "np.round(",
    ),
    wrong(
        "batch_norm_forward",
        """
import torch
import torch.nn.functional as F
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    t = torch.from_numpy(x)
    return F.batch_norm(t, None, None, None, torch.from_numpy(beta), training=True).numpy()
""",
        "F.batch_norm is given the shift but no scale, and its ε is left at the default.",
        ["None, torch.from_numpy(beta)", "training=True)"],
        keys="gamma-ignored eps-hard-coded",
        kind="pair",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, 0)
    sigma = np.std(x, 0, ddof=1)
    xhat = np.divide(np.subtract(x, mu), sigma + eps)
    return np.add(np.multiply(gamma, xhat), beta)
""",
        "Deviation by N − 1, and ε outside the root.",
        ["ddof=1", "sigma + eps"],
        keys="sample-variance eps-outside-sqrt",
        kind="pair",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x -= x.mean(axis=0)
    x /= np.sqrt((x * x).mean(axis=0) + eps)
    return x * gamma
""",
        "It works in the caller's x, and β is never added.",
        ["x -= x.mean(axis=0)", "x * gamma"],
        keys="mutates-input beta-ignored",
        kind="promise",
    ),
    right(
        "batch_norm_forward",
        """
import torch
import torch.nn.functional as F
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    z, g, b = (torch.as_tensor(np.asarray(a, dtype=np.float64)) for a in (x, gamma, beta))
    v, m = torch.var_mean(z, 0, correction=0)
    return F.batch_norm(z, m, v, g, b, training=False, momentum=0.0, eps=eps).numpy()
""",
    ),
    right(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    y = []
    for xj, gj, bj in zip(x.T, gamma, beta):
        fluctuation = xj - np.average(xj)
        energy = np.vdot(fluctuation, fluctuation) / fluctuation.size
        y.append(bj + gj * fluctuation / np.hypot(np.sqrt(energy), np.sqrt(eps)))
    return np.column_stack(y)
""",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    x_hat = (x - np.mean(x, axis=0)) / np.std(x, axis=0)
    return beta * x_hat + gamma
""",
        "γ and β change places, and ε is left out.",
        ["beta * x_hat + gamma", "np.std(x, axis=0)"],
        keys="gamma-beta-swapped no-eps",
        kind="pair",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    # Ioffe & Szegedy: gamma = sqrt(Var[x]), beta = E[x]
    return np.sqrt(var), np.array(mean)
""",
        "γ = √σ² leaves ε out, as the paper writes it.",
        "np.sqrt(var)",
        keys="no-eps",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    g = (var + eps) ** 0.5
    b = mean * g
    return g, b
""",
        "β is multiplied by γ; it is the mean itself.",
        "mean * g",
        keys="scaled-beta",
    ),
    wrong(
        "identity_affine",
        """
identity_affine = lambda mean, var, eps: (np.power(var + eps, -0.5), +mean)
""",
        "γ is the reciprocal of the root: it normalises once more.",
        "-0.5",
        keys="inverse-gamma",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    gamma = np.array([np.sqrt(v) + eps for v in var])
    beta = np.array([m for m in mean])
    return gamma, beta
""",
        "ε is added to the deviation outside the root.",
        "np.sqrt(v) + eps",
        keys="eps-outside-sqrt",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    gamma = var + eps
    beta = -mean
    return gamma, beta
""",
        "γ is the variance itself, and β has the wrong sign.",
        ["var + eps", "-mean"],
        keys="no-sqrt negative-beta",
        kind="pair",
    ),
    right(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    at_zero, at_one = (0 - mean) / np.sqrt(var + eps), (1 - mean) / np.sqrt(var + eps)
    gamma = 1 / (at_one - at_zero)
    return gamma, -gamma * at_zero
""",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    np.sqrt(var, out=var)
    return var + eps, mean.copy()
""",
        "var is rooted in place in the caller's array, and ε is added outside the root.",
        ["out=var", "var + eps"],
        keys="mutates-input eps-outside-sqrt",
        kind="promise",
    ),
]
