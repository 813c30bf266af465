"""Strangers' answers to lesson 10, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu = x.mean(0)
    sigma = np.sqrt(x.var(0) + eps)
    running_sigma = np.sqrt(running_var + eps)
    r = np.clip(running_sigma / sigma, 1 / r_max, r_max)
    d = np.clip((mu - running_mean) / running_sigma, -d_max, d_max)
    return gamma * ((x - mu) / sigma * r + d) + beta
""",
        "r is the running deviation over the batch's: upside down.",
        "running_sigma / sigma",
        keys="r-upside-down",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    n, D = x.shape
    y = np.zeros((n, D))
    for j in range(D):
        m = x[:, j].mean()
        s = (x[:, j].var() + eps) ** 0.5
        rs = (running_var[j] + eps) ** 0.5
        r = s / rs
        r = max(min(r, r_max), 1 / r_max)
        d = (m - running_mean[j]) / rs
        d = min(d, d_max)
        y[:, j] = gamma[j] * ((x[:, j] - m) / s * r + d) + beta[j]
    return y
""",
        "d is cut above and not below.",
        "min(d, d_max)",
        keys="d-clipped-on-one-side",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    std = np.sqrt(np.var(x, axis=0) + eps)
    rstd = np.sqrt(running_var + eps)
    r = np.clip(std / rstd, 0, r_max)
    d = np.clip((np.mean(x, axis=0) - running_mean) / rstd, -d_max, d_max)
    x_hat = (x - np.mean(x, axis=0)) / std
    return gamma * (x_hat * r + d) + beta
""",
        "The lower limit of r is 0 and not 1/r_max.",
        "np.clip(std / rstd, 0, r_max)",
        keys="r-not-clipped-below",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    root = lambda v: np.sqrt(v + eps)
    bound = lambda v, lo, hi: np.minimum(np.maximum(v, lo), hi)
    z = (x - x.mean(0)) / root(x.var(0))
    r = bound(root(x.var(0)) / root(running_var), 1 / r_max, r_max)
    d = bound((x.mean(0) - running_mean) / root(running_var), -d_max, d_max)
    return gamma * (z + d) * r + beta
""",
        "r multiplies d as well: r(x̂ + d).",
        "(z + d) * r",
        keys="d-inside-r",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mean, var = x.mean(axis=0), x.var(axis=0)
    r = np.clip((var + eps) / (running_var + eps), 1 / r_max, r_max)
    d = np.clip((mean - running_mean) / np.sqrt(var + eps), -d_max, d_max)
    return gamma * ((x - mean) / np.sqrt(var + eps) * r + d) + beta
""",
        "d is divided by the batch's deviation, and r is a ratio of variances.",
        ["(var + eps) / (running_var + eps)", "/ np.sqrt(var + eps), -d_max"],
        keys="d-over-batch-deviation r-of-variances",
        kind="pair",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu, sigma = x.mean(0), np.sqrt(x.var(0) + eps)
    rs = np.sqrt(running_var)
    r = np.clip(sigma / rs, 1 / r_max, r_max)
    d = np.clip((mu - running_mean) / rs, -d_max, d_max)
    running_mean += 0.01 * (mu - running_mean)
    return gamma * ((x - mu) / sigma * r + d) + beta
""",
        "The running mean is moved in place, and r's ε is missing below.",
        ["running_mean += 0.01", "np.sqrt(running_var)"],
        keys="eps-in-one-root mutates-input",
        kind="promise",
    ),
    right(
        "batch_renorm_forward",
        """
import torch
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    given = x, gamma, beta, running_mean, running_var
    t, g, b, rm, rv = (torch.from_numpy(np.array(a, dtype=float)) for a in given)
    var, mean = torch.var_mean(t, 0, correction=0)
    r = torch.sqrt((var + eps) / (rv + eps)).clamp(1 / r_max, r_max)
    d = ((mean - rm) * torch.rsqrt(rv + eps)).clamp(-d_max, d_max)
    return (g * ((t - mean) * torch.rsqrt(var + eps) * r + d) + b).numpy()
""",
    ),
]
