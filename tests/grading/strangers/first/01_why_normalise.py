from corpus import right, wrong

ANSWERS = [
    right(
        "standardize",
        """
def standardize(x):
    lo, hi = x.min(0), x.max(0)
    sigma = x.std(0)
    sigma[lo == hi] = 1.0
    z = (x - x.mean(0)) / sigma
    z[:, lo == hi] = 0
    return z
""",
    ),
    right(
        "standardize",
        """
def standardize(x):
    cols = []
    for col in x.T:
        c = col - col.mean()
        s = math.sqrt(float(np.dot(c, c)) / col.size)
        cols.append(np.zeros_like(c) if np.ptp(col) == 0 else c / s)
    return np.stack(cols, axis=1)
""",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    N, D = x.shape
    mu = np.sum(x, axis=0) / N
    sigma = np.sqrt(np.sum((x - mu) ** 2, axis=0) / D)
    sigma[sigma == 0] = 1
    return (x - mu) / sigma
""",
        "The squares are divided by D, the number of features, instead of N.",
        "np.sum((x - mu) ** 2, axis=0) / D",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    # like sklearn
    mu = x.mean(axis=0)
    sd = x.std(axis=0)
    return (x - mu) / np.maximum(sd, 0.1)   # avoid division by 0
""",
        "The deviation has a floor of 0.1, so a column with a smaller deviation is not scaled to 1.",
        "np.maximum(sd, 0.1)",
        keys="eps-too-large",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    x = torch.as_tensor(x)
    s, m = torch.std_mean(x, dim=0)
    s = torch.where(s == 0, torch.ones_like(s), s)
    return ((x - m) / s).numpy()
""",
        "torch.std_mean divides by N − 1 unless it is told not to.",
        "torch.std_mean(x, dim=0)",
        keys="sample-variance",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    med = np.median(x, axis=0)
    q75, q25 = np.percentile(x, [75, 25], axis=0)
    iqr = np.where(q75 == q25, 1, q75 - q25)
    return (x - med) / iqr
""",
        "Median and interquartile range are used where mean and deviation are asked for.",
        ["np.median(x, axis=0)", "q75 - q25"],
        kind="pair",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    m = x.mean(0)
    v = ((x - m) ** 2).mean(0)
    v[v == 0] = 1.0
    return np.round((x - m) / np.sqrt(v), 4)
""",
        "The result is rounded to four decimals.",
        "np.round((x - m) / np.sqrt(v), 4)",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    x -= x.mean(0)
    x /= x.std(0)
    return np.nan_to_num(x)
""",
        "The caller's array is changed in place.",
        "x -= x.mean(0)",
        keys="mutates-input",
    ),
    wrong(
        "standardize",
        """
def standardize(x):
    mean = np.mean(x, axis=1, keepdims=True)
    std = np.std(x, axis=1, keepdims=True) + 1e-8
    return (x - mean) / std
""",
        "Mean and deviation are taken over each row instead of each column.",
        ["np.mean(x, axis=1, keepdims=True)", "np.std(x, axis=1, keepdims=True)"],
        keys="wrong-axis",
    ),
    right(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    sv = np.linalg.svd(x, compute_uv=False)
    return float(2 * x.shape[0] / sv.max() ** 2)
""",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    L = np.linalg.eigvals(np.cov(x.T)).max().real
    return 2.0 / L
""",
        "The covariance subtracts the mean, while the Hessian is that of x as it is.",
        "np.cov(x.T)",
        keys="covariance",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    n, d = x.shape
    H = np.zeros((d, d))
    for row in x:
        H += np.outer(row, row)
    lam = np.linalg.eigvalsh(H / (2 * n))
    return 2 / lam.max()
""",
        "The Hessian of ‖xw − t‖²/(2N) has no factor ½; it is halved here, so the limit is twice too large.",
        "H / (2 * n)",
        keys="twice-the-limit",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    # power iteration
    A = x.T @ x / len(x)
    v = np.ones(A.shape[0])
    for _ in range(500):
        v = A @ v
        v = v / np.linalg.norm(v)
    return 2 / np.linalg.norm(A @ v) ** 2
""",
        "The largest eigenvalue is squared.",
        "np.linalg.norm(A @ v) ** 2",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    U, S, Vt = np.linalg.svd(x / len(x))
    return 2 / S[0]**2
""",
        "N is squared with the singular value, because x itself is divided by N.",
        "x / len(x)",
    ),
    wrong(
        "max_stable_learning_rate",
        """
def max_stable_learning_rate(x):
    H = x @ x.T / x.shape[1]
    return float(2 / np.linalg.eigvalsh(H)[-1])
""",
        "The Hessian is divided by the number of features instead of the number of examples.",
        "x.shape[1]",
        keys="divides-by-features",
    ),
    right(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    from itertools import accumulate
    hs = accumulate([x, *weights], lambda h, W: activation(np.matmul(h, W)))
    next(hs)
    return [np.std(h).item() for h in hs]
""",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    out = []
    for W in weights:
        x = activation(x @ W)
        out.append(np.sqrt(np.mean(x ** 2)))
    return out
""",
        "The root of the mean square is not the deviation where the mean is not 0.",
        "np.sqrt(np.mean(x ** 2))",
        keys="root-mean-square",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    h = x
    stds = []
    for i in range(len(weights) - 1):
        h = activation(h.dot(weights[i]))
        stds.append(float(np.std(h)))
    return stds
""",
        "The last layer is left out.",
        "range(len(weights) - 1)",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    stds = []
    for w in weights:
        h = activation(x @ w) if x.shape[1] == w.shape[0] else activation(h @ w)
        stds.append(float(h.std()))
    return stds
""",
        "Where the shapes allow it, each layer is given the input x instead of the layer before.",
        "activation(x @ w) if x.shape[1] == w.shape[0]",
        keys="not-chained",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    stds, h = [], x
    for W in weights:
        h = activation(h @ W)
        stds.append(float(h.std(axis=0).mean()))
    return stds
""",
        "The deviations of the features are averaged; the deviation over all entries is asked for.",
        "h.std(axis=0).mean()",
        keys="per-feature",
    ),
    wrong(
        "layer_stds",
        """
def layer_stds(x, weights, activation):
    stds = []
    h = torch.from_numpy(x)
    for W in weights:
        h = torch.from_numpy(activation((h @ torch.from_numpy(W)).numpy()))
        stds.append(h.std().item())
    return stds
""",
        "torch's std divides by one less than the number of entries.",
        "h.std()",
        keys="sample-variance",
    ),
]
