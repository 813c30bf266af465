"""Strangers' answers to lesson 02, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "batch_stats",
        """
import torch
def batch_stats(x):
    t = torch.as_tensor(x)
    return t.mean(0).numpy(), t.var(0).numpy()
""",
        "torch.var divides by N − 1 unless it is told otherwise.",
        "t.var(0)",
        keys="sample-variance",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    n, d = x.shape
    mean = np.zeros(d)
    var = np.zeros(d)
    for j in range(d):
        for i in range(n):
            mean[j] += x[i, j]
            diff = x[i, j] - mean[j] / (i + 1)
            var[j] += diff * diff
        mean[j] /= n
        var[j] /= n
    return mean, var
""",
        "The distances are taken while the mean is still being built: that of the rows so far is subtracted.",
        "x[i, j] - mean[j] / (i + 1)",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    return tuple(map(np.array, zip(*((c.mean(), c.std()) for c in x.T))))
""",
        "The second output is the deviation; the task asks for the variance.",
        "c.std()",
        keys="std-not-variance",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    centre = np.median(x, axis=0)
    spread = np.mean(np.square(x - x.mean(axis=0)), axis=0)
    return centre, spread
""",
        "The median is no mean.",
        "np.median(x, axis=0)",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    mu = np.einsum("nd->d", x) / len(x)
    return mu, np.einsum("nd,nd->d", x, x) / len(x)
""",
        "The mean of the squares is taken without subtracting the mean.",
        'np.einsum("nd,nd->d", x, x) / len(x)',
        keys="mean-not-subtracted",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    if x.ndim != 2:
        raise ValueError(f"expected (N, D), got {x.shape}")
    if x.shape[0] == 0:
        raise ValueError("empty batch")
    D = x.shape[1]
    return np.full(D, x.mean()), np.full(D, x.var())
""",
        "One mean and one variance of everything are repeated for all features.",
        "x.mean()",
        keys="global-statistics",
    ),
    right(
        "batch_stats",
        """
import torch
def batch_stats(x):
    v, m = torch.var_mean(torch.from_numpy(np.ascontiguousarray(x)), dim=0, unbiased=False)
    return m.numpy(), v.numpy()
""",
    ),
    right(
        "batch_stats",
        """
def batch_stats(x):
    mean = np.zeros(x.shape[1])
    M2 = np.zeros(x.shape[1])
    for k, row in enumerate(x, start=1):
        delta = row - mean
        mean = mean + delta / k
        M2 = M2 + delta * (row - mean)
    return mean, M2 / len(x)
""",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    mean = np.mean(x, axis=0)
    var = np.var(x, axis=0, ddof=1)
    return var, mean
""",
        "The variance is ÷ (N − 1), and it is returned first.",
        ["ddof=1", "return var, mean"],
        keys="sample-variance swapped-outputs",
        kind="pair",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    mean = x.mean(axis=0)
    x -= mean
    return mean, np.sqrt((x * x).mean(axis=0))
""",
        "x is centred in place, and the deviation is returned for the variance.",
        ["x -= mean", "np.sqrt("],
        keys="mutates-input std-not-variance",
        kind="promise",
    ),
]
