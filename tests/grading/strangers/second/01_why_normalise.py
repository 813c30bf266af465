"""Strangers' answers to lesson 01, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "standardize",
        """
def standardize(x):
    [N, D] = x.shape
    mu = np.mean(x, axis=0)
    sigma = np.std(x, axis=0, ddof=1)
    sigma[sigma == 0] = 1
    return (x - np.tile(mu, (N, 1))) / np.tile(sigma, (N, 1))
""",
        "The deviation is divided by N − 1, as MATLAB's std does.",
        "ddof=1",
        keys="sample-variance",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    lo, hi = x.min(axis=0), x.max(axis=0)
    span = hi - lo
    return (x - lo) / np.where(span == 0, 1, span)
""",
        "It maps every column to the range from 0 to 1 instead of to mean 0 and deviation 1.",
        "(x - lo) / np.where(span == 0, 1, span)",
        keys="min-max",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    N, D = x.shape
    out = np.zeros((N, D))
    for j in range(D):
        mean = sum(x[i, j] for i in range(N)) / N
        sigma = np.sqrt(sum((x[i, j] - mean) ** 2 for i in range(N)) / N)
        with np.errstate(all="ignore"):
            out[:, j] = (x[:, j] - mean) / sigma
    return out
""",
        "A constant column is divided by zero and becomes NaN.",
        "/ sigma",
        keys="constant-column-nan",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    mean = np.mean(x, axis=0, keepdims=True)
    std = np.std(x, axis=0, keepdims=True)
    # small constant for numerical stability
    return (x - mean) / (std + 0.1)
""",
        "The 0.1 that is added to the deviation makes every column too small, those of small scale most.",
        "std + 0.1",
        keys="eps-too-large",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    return (x - x.mean(0)) / np.maximum(x.std(0), 1)
""",
        "A floor of 1 under the deviation leaves columns whose deviation is below 1 unscaled.",
        "np.maximum(x.std(0), 1)",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    n, d = x.shape
    mean = np.zeros(d)
    ss = np.zeros(d)
    out = np.zeros((n, d))
    for j in range(d):
        for i in range(n):
            mean[j] += x[i, j] / n
        for i in range(n):
            ss[j] += (x[i, j] - mean[j]) ** 2
        for i in range(n):
            if ss[j] > 1e-20:
                out[i, j] = (x[i, j] - mean[j]) / np.sqrt(ss[j])
    return out
""",
        "The sum of squares is never divided by N, so every column is too small by the root of N.",
        "np.sqrt(ss[j])",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    center = lambda a: a - np.mean(x)
    scale = lambda a: a / (np.std(x) or 1.0)
    return scale(center(x))
""",
        "Mean and deviation are taken over the whole table, not for each column.",
        "np.mean(x)",
        keys="global-statistics",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    m = x.mean(axis=1, keepdims=True)
    s = x.std(axis=1, keepdims=True, ddof=1)
    return np.nan_to_num((x - m) / np.where(s == 0, 1, s))
""",
        "The statistics are those of each row, and the deviation is divided by D − 1.",
        ["axis=1, keepdims=True, ddof=1", "axis=1, keepdims=True)"],
        keys="wrong-axis sample-variance",
        kind="pair",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    x -= x.mean(axis=0)
    sd = np.sqrt((x * x).sum(axis=0) / (len(x) - 1))
    sd[sd < 1e-12] = 1.0
    return x / sd
""",
        "It centres the caller's array in place, and divides by N − 1.",
        ["x -= x.mean(axis=0)", "len(x) - 1"],
        keys="mutates-input sample-variance",
        kind="promise",
    ),
    right(
        "standardize",
        """
def standardize(x):
    n, d = x.shape
    out = np.zeros((n, d))
    for j in range(d):
        col = x[:, j]
        if col.max() == col.min():
            continue
        mu = np.add.reduce(col) / n
        dev = col - mu
        out[:, j] = dev / np.sqrt(np.dot(dev, dev) / n)
    return out
""",
    ),
    right(
        "standardize",
        """
def standardize(x):
    column = lambda c: np.zeros(len(c)) if np.ptp(c) == 0 else (c - c.mean()) / c.std()
    return np.stack([column(c) for c in x.T], axis=1)
""",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    N = x.shape[0]
    H = np.einsum("ni,nj->ij", x, x) / N
    lam = np.linalg.eigvalsh(H)
    return 1.0 / lam.max()
""",
        "It returns 1/λmax; the limit is 2/λmax.",
        "1.0 / lam.max()",
        keys="half-the-limit",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    w = np.sort(np.linalg.eigvalsh(x.T @ x / x.shape[0]))
    return float(2.0 / (w[0] + w[-1]))
""",
        "It returns 2/(λmax + λmin), the rate of fastest convergence, not the limit of stability.",
        "2.0 / (w[0] + w[-1])",
        keys="best-rate",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    s = np.linalg.svd(x, compute_uv=False)
    return 2 * len(x) / s[0]
""",
        "The largest singular value of x is not squared.",
        "2 * len(x) / s[0]",
        keys="singular-value",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    H = np.atleast_2d(np.cov(x, rowvar=False, bias=True))
    return float(2 / np.max(np.linalg.eigvalsh(H)))
""",
        "np.cov centres the columns, which the loss does not do; bias=True only makes it divide by N.",
        "np.cov(x, rowvar=False, bias=True)",
        keys="covariance",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    n, d = x.shape
    A = x.T.dot(x) / n
    v = np.ones(d) / np.sqrt(d)
    for k in range(1):
        v = A.dot(v)
        v = v / np.sqrt(v.dot(v))
    return float(2.0 / v.dot(A.dot(v)))
""",
        "One step of the power iteration from the vector of ones is not enough, so λmax is underestimated.",
        "range(1)",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    L = np.linalg.norm(x, 2) ** 2
    return 2 / L
""",
        "The Hessian is not divided by N.",
        "np.linalg.norm(x, 2) ** 2",
        keys="not-averaged",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    n = x.shape[0]
    hessian = (x.T @ x) / n
    L = np.trace(hessian)  # upper bound on the largest eigenvalue
    return float(1.0 / L)
""",
        "It takes the trace for the largest eigenvalue, and 1 over it instead of 2.",
        ["np.trace(hessian)", "1.0 / L"],
        keys="half-the-limit trace",
        kind="pair",
    ),
    right(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    largest = np.linalg.svd(x / np.sqrt(x.shape[0]), compute_uv=False).max()
    return float(2.0 / largest**2)
""",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    x -= x.mean(axis=0)
    values, _ = np.linalg.eigh(x.T @ x / len(x))
    return float(2 / values.max())
""",
        "The columns are centred, in the caller's array, though the loss centres nothing.",
        "x -= x.mean(axis=0)",
        keys="mutates-input covariance",
        kind="promise",
    ),
]
