from corpus import right, wrong

ANSWERS = [
    right(
        "batch_stats",
        """
def batch_stats(X):
    import statistics
    cols = list(zip(*X.tolist()))
    return np.array([statistics.fmean(c) for c in cols]), np.array([statistics.pvariance(c) for c in cols])
""",
    ),
    right(
        "batch_stats",
        """
def batch_stats(x):
    t = torch.from_numpy(np.asarray(x, dtype=np.float64))
    var, mean = torch.var_mean(t, dim=0, unbiased=False)
    return mean.numpy(), var.numpy()
""",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    N, D = x.shape
    mu = x.sum(0) / N
    sq = (x - mu) ** 2
    var = np.sum(sq, axis=0) / D
    return mu, var
""",
        "The variance is divided by D, the number of features, instead of N.",
        "np.sum(sq, axis=0) / D",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    mu = np.mean(x, 0)
    # Var = mean abs deviation squared
    var = np.mean(np.abs(x - mu), 0) ** 2
    return mu, var
""",
        "The mean absolute deviation is squared; the variance is the mean of the squares.",
        "np.mean(np.abs(x - mu), 0) ** 2",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    m = x.mean(axis=0, keepdims=True)
    v = x.var(axis=0, keepdims=True)
    return m, v
""",
        "The results have the shape (1, D) instead of (D,).",
        ["x.mean(axis=0, keepdims=True)", "x.var(axis=0, keepdims=True)"],
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    n = 0
    mean = np.zeros(x.shape[1]); M2 = np.zeros(x.shape[1])
    for row in x:          # Welford
        n += 1
        delta = row - mean
        mean = mean + delta / n
        M2 = M2 + delta * delta
    return mean, M2 / n
""",
        "Welford's update multiplies the deviation from the old mean by that from the new one; here the old one is squared.",
        "delta * delta",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    mu = x.mean(axis=0)
    var = (x.sum(axis=0) - mu) ** 2 / len(x)
    return mu, var
""",
        "The mean is subtracted from the sum, not from every example, before it is squared.",
        "(x.sum(axis=0) - mu) ** 2",
    ),
    wrong(
        "batch_stats",
        """
def batch_stats(x):
    return tuple([np.mean(x, axis=0), np.std(x, axis=0)])
""",
        "The deviation is returned where the variance is asked for.",
        "np.std(x, axis=0)",
        keys="std-not-variance",
    ),
    right(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    out, cache = x.copy(), {}
    D = x.shape[1]
    for j in range(D):
        cache["mu"] = x[:, j].mean()
        xc = x[:, j] - cache["mu"]
        cache["ivar"] = 1.0 / math.sqrt(xc.dot(xc) / len(xc) + eps)
        out[:, j] = xc * cache["ivar"] * gamma[j] + beta[j]
    return out
""",
    ),
    right(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    X, g, b = (torch.tensor(a, dtype=torch.float64) for a in (x, gamma, beta))
    return F.batch_norm(X, None, None, g, b, training=True, eps=eps).numpy() if eps > 0 else \\
        (g * (X - X.mean(0)) / X.var(0, correction=0).sqrt() + b).numpy()
""",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = np.mean(x, axis=0)
    xmu = x - mu
    sq = xmu ** 2
    var = np.mean(sq, axis=0)
    sqrtvar = np.sqrt(var) + eps
    ivar = 1. / sqrtvar
    xhat = xmu * ivar
    return gamma * xhat + beta
""",
        "ε is added to the root, not under it.",
        "np.sqrt(var) + eps",
        keys="eps-outside-sqrt",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu, sigma = x.mean(0), x.std(0)
    return gamma * (x - mu) / np.maximum(sigma, eps) + beta
""",
        "ε is a floor under the deviation instead of being added to the variance.",
        "np.maximum(sigma, eps)",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-3):
    mean = x.mean(0)
    variance = x.var(0)
    return gamma * (x - mean) / np.sqrt(variance + eps) + beta   # keras
""",
        "The default of eps is Keras' 1e-3, not 1e-5.",
        "eps=1e-3",
        keys="eps-default",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    var = x.var(0)
    x_norm = (x - mu) * np.sqrt(var + eps)
    return gamma * x_norm + beta
""",
        "The centred values are multiplied by the root instead of divided.",
        "(x - mu) * np.sqrt(var + eps)",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    var = x.var(0)
    x_norm = (x - mu) / np.sqrt(var) + eps
    return gamma * x_norm + beta
""",
        "For want of parentheses ε is added to the quotient.",
        "(x - mu) / np.sqrt(var) + eps",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    eps = eps or 1e-5
    m, v = x.mean(axis=0), x.var(axis=0)
    return (x - m) / np.sqrt(v + eps) * gamma + beta
""",
        "An ε of 0 is replaced by 1e-5, because 0 is false.",
        "eps or 1e-5",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    bn = nn.BatchNorm1d(x.shape[1], eps=1e-5, dtype=torch.float64)
    with torch.no_grad():
        bn.weight[:] = torch.tensor(gamma); bn.bias[:] = torch.tensor(beta)
        return bn(torch.tensor(x, dtype=torch.float64)).numpy()
""",
        "The layer always gets 1e-5, whatever eps is given.",
        "eps=1e-5, dtype",
        keys="eps-hard-coded",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    mu = 1 / N * np.sum(x)
    var = 1 / N * np.sum((x - mu) ** 2, axis=0)
    return gamma * ((x - mu) / (var + eps) ** 0.5) + beta
""",
        "The sum of the mean has no axis, so all features are added up, but divided by N.",
        "np.sum(x)",
    ),
    wrong(
        "batch_norm_forward",
        """
def batch_norm_forward(x, gamma, beta, eps=1e-5):
    mu = x.mean(0)
    var = np.mean(x ** 2 - mu ** 2, axis=0)
    den = np.sqrt(np.abs(var) + eps)
    return gamma * (x - mu) / den - beta
""",
        "β is subtracted, and the variance is E[x²] − E[x]², which float32 does not survive.",
        ["- beta", "np.mean(x ** 2 - mu ** 2, axis=0)"],
        keys="one-pass-variance",
        kind="pair",
    ),
    right(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    return (np.array(var) + eps) ** 0.5, 1.0 * np.array(mean)
""",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    gamma = np.sqrt(var)
    beta = mean
    return gamma, beta.copy()
""",
        "ε is left out of γ, so the identity is only near.",
        "np.sqrt(var)",
        keys="no-eps",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    g = np.power(var + eps, -0.5)
    return g, mean + 0
""",
        "γ is the reciprocal of the deviation.",
        "-0.5",
        keys="inverse-gamma",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    std = np.sqrt(var + eps)
    return std, mean / std
""",
        "β is divided by the deviation; the mean alone is to be added back.",
        "mean / std",
        keys="scaled-beta",
    ),
    wrong(
        "identity_affine",
        """
def identity_affine(mean, var, eps):
    std = var + eps ** 0.5
    return std, mean * 1.0
""",
        "The power binds closer than the sum, so the root is taken of ε alone.",
        "var + eps ** 0.5",
    ),
    right(
        "stable_variance",
        """
def stable_variance(x):
    first = x[0]                 # shift by the first row
    d = x - first
    n = d.dtype.type(len(d))
    s = d.sum(0) / n
    return ((d - s) ** 2).sum(0) / n
""",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    n = len(x)
    s1 = x.sum(0)
    s2 = (x * x).sum(0)
    return s2 / n - (s1 / n) ** 2
""",
        "E[x²] − E[x]² cancels in float32 far from zero.",
        "s2 / n - (s1 / n) ** 2",
        keys="one-pass-variance",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    c = x - x.mean(0)
    return np.einsum("ij,ij->j", c, c) / (c.shape[0] - 1)
""",
        "The squares are divided by N − 1.",
        "c.shape[0] - 1",
        keys="sample-variance",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    m = x.mean(0)
    acc = np.zeros(x.shape[1], np.float16)
    for r in x:
        acc += ((r - m) ** 2).astype(np.float16)
    return acc / len(x)
""",
        "The squares are added up in half precision, which keeps three digits and stops growing.",
        "np.zeros(x.shape[1], np.float16)",
    ),
    wrong(
        "stable_variance",
        """
def stable_variance(x):
    shift = x[0]
    y = x - shift
    return (y ** 2).mean(0)
""",
        "The squares are taken about the first example, not about the mean.",
        "(y ** 2).mean(0)",
        keys="mean-not-subtracted",
    ),
]
