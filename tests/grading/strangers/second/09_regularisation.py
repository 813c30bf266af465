"""Strangers' answers to lesson 09, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("ghost batch of one")
    out = []
    for chunk in np.array_split(x, max(1, len(x) // ghost_size)):
        out.append((chunk - chunk.mean(0)) / np.sqrt(chunk.var(0) + eps))
    return gamma * np.vstack(out) + beta
""",
        "The batch is split in N // size equal chunks by np.array_split, so that sizes differ from "
        "ghost_size.",
        "np.array_split(x, max(1, len(x) // ghost_size))",
        keys="even-split ghost-count",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    N = len(x)
    if ghost_size < 2 or N % ghost_size == 1:
        raise ValueError("too small")
    count = -(-N // ghost_size)
    y = np.empty_like(x)
    for k in range(count):
        g = x[k::count]
        y[k::count] = gamma * (g - g.mean(0)) / np.sqrt(g.var(0) + eps) + beta
    return y
""",
        "The ghosts take every k-th example in place of neighbours.",
        "x[k::count]",
        keys="interleaved",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    N, D = x.shape
    if ghost_size < 2 or N % ghost_size == 1:
        raise ValueError("ghost_size")
    y = np.zeros((N, D))
    for g in range(N // ghost_size):
        rows = slice(g * ghost_size, (g + 1) * ghost_size)
        m = x[rows].mean(axis=0)
        v = ((x[rows] - m) ** 2).mean(axis=0)
        y[rows] = gamma * (x[rows] - m) / np.sqrt(v + eps) + beta
    return y
""",
        "What is left over after the full ghosts stays zero.",
        "N // ghost_size",
        keys="last-left-out",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2:
        raise ValueError(f"ghost_size must be at least 2, got {ghost_size}")
    ghosts = [x[i : i + ghost_size] for i in range(0, len(x), ghost_size)]
    norm = lambda g: (g - g.mean(axis=0)) / np.sqrt(g.var(axis=0) + eps)
    return np.concatenate([norm(g) for g in ghosts]) * gamma + beta
""",
        "A last ghost of one example is normalised to β instead of being refused.",
        "if ghost_size < 2:",
        keys="accepts-last-of-one",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2:
        raise ValueError("ghost_size must be at least 2")
    parts = []
    for i in range(0, len(x), ghost_size):
        g = x[i : i + ghost_size]
        var = g.var(axis=0, ddof=1) if len(g) > 1 else 0 * g[0]
        parts.append(gamma * (g - g.mean(axis=0)) / np.sqrt(var + eps) + beta)
    return np.concatenate(parts)
""",
        "A last ghost of one is not refused, and the variance is divided by n − 1.",
        ["ddof=1", "if ghost_size < 2:"],
        keys="accepts-last-of-one sample-variance",
        kind="promise",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    assert ghost_size > 1 and len(x) % ghost_size != 1, "ghost batch of one"
    pieces = np.split(x, range(ghost_size, len(x), ghost_size))
    return np.concatenate([gamma * (p - p.mean(0)) / (p.std(0) + eps) + beta for p in pieces])
""",
        "It asserts where ValueError is asked for, and ε is outside the root.",
        ["assert ghost_size > 1", "std(0) + eps"],
        keys="accepts-size-one eps-outside-sqrt",
        kind="promise",
    ),
    right(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    N = x.shape[0]
    label = np.arange(N) // ghost_size if ghost_size > 1 else np.arange(N)
    n = np.bincount(label)
    if n.min() < 2 or ghost_size < 2:
        raise ValueError("a ghost batch has fewer than two examples")
    G = (label[:, None] == np.arange(len(n))).astype(float)
    mean = G @ ((G.T @ x) / n[:, None])
    dev = x - mean
    return gamma * dev / np.sqrt(G @ ((G.T @ dev**2) / n[:, None]) + eps) + beta
""",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    rows = np.array([rng.integers(0, len(x), batch_size) for _ in range(draws)])
    b = x[rows]
    return b.mean(axis=1).std(axis=0), b.var(axis=1).std(axis=0)
""",
        "rng.integers draws with replacement.",
        "rng.integers(0, len(x), batch_size)",
        keys="with-replacement",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    sigma = x.std(axis=0)
    kurt = ((x - x.mean(0)) ** 4).mean(0)
    return sigma / np.sqrt(batch_size), np.sqrt((kurt - sigma**4) / batch_size)
""",
        "It returns a formula's standard error σ/√n without drawing; without replacement the scatter is "
        "smaller.",
        "np.sqrt(batch_size)",
        keys="standard-error",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    order = rng.permutation(len(x))
    m, v = [], []
    for k in range(draws):
        batch = x[order[:batch_size]]
        m.append(batch.mean(axis=0))
        v.append(batch.var(axis=0))
    return np.std(m, axis=0), np.std(v, axis=0)
""",
        "The order is drawn once, before the loop, so that every draw is the same batch and nothing "
        "scatters.",
        "order = rng.permutation(len(x))",
        keys="same-batch",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    stats = []
    for _ in range(draws):
        b = rng.choice(x, size=batch_size, replace=False)
        stats.append([b.mean(axis=0), b.var(axis=0)])
    return tuple(np.var(np.array(stats), axis=0))
""",
        "The variance over the draws is returned, not the deviation.",
        "np.var(",
        keys="no-sqrt",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    gen = np.random.default_rng()
    ms, vs = [], []
    for _ in range(draws):
        pick = gen.choice(len(x), batch_size, replace=False)
        ms.append(x[pick].mean(0))
        vs.append(x[pick].var(0))
    return np.std(vs, axis=0), np.std(ms, axis=0)
""",
        "A generator of its own is used, unseeded, and the two outputs stand in each other's places.",
        ["np.random.default_rng()", "return np.std(vs, axis=0), np.std(ms, axis=0)"],
        keys="rng-ignored swapped-outputs",
        kind="promise",
    ),
    right(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    table = np.tile(np.arange(len(x)), (draws, 1))
    rows = rng.permuted(table, axis=1)[:, :batch_size]
    b = x[rows]
    return b.mean(1).std(0), b.var(1).std(0)
""",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    means, variances = np.empty((draws, x.shape[1])), np.empty((draws, x.shape[1]))
    for k in range(draws):
        b = x[rng.choice(len(x), batch_size)]
        means[k], variances[k] = b.mean(0), b.var(0, ddof=1)
    return means.std(0), variances.std(0)
""",
        "The batch's variance is ÷ (n − 1), and examples are drawn with replacement.",
        ["ddof=1", "rng.choice(len(x), batch_size)"],
        keys="sample-variance with-replacement",
        kind="pair",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    m, v = [], []
    for _ in range(draws):
        rng.shuffle(x)
        m.append(x[:batch_size].mean(axis=0))
        v.append(x[:batch_size].var(axis=0))
    return np.mean(m, axis=0), np.mean(v, axis=0)
""",
        "The caller's rows are shuffled, and averages are returned in place of deviations.",
        ["rng.shuffle(x)", "np.mean(m, axis=0)"],
        keys="shuffles-the-data average-not-scatter",
        kind="promise",
    ),
]
