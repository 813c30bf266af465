"""Strangers' answers to lesson 12, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    mask = np.arange(x.shape[1])[None, :, None] < np.asarray(lengths)[:, None, None]
    mu, var = x.mean(axis=(0, 1)), x.var(axis=(0, 1))
    return np.where(mask, gamma * (x - mu) / np.sqrt(var + eps) + beta, 0)
""",
        "The padding is in mean and variance; only the output is masked.",
        "x.mean(axis=(0, 1))",
        keys="padding-counted",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    mask = (np.arange(x.shape[1]) < lengths[:, None])[..., None]
    z = np.where(mask, x, 0.0)
    count = mask.sum()
    mu = z.sum((0, 1)) / count
    var = ((z - mu) ** 2).sum((0, 1)) / count
    return np.where(mask, gamma * (z - mu) / np.sqrt(var + eps) + beta, 0.0)
""",
        "Padding is set to zero and then counted in the variance: its distance from the mean goes in, "
        "though it is divided by the right number.",
        "((z - mu) ** 2).sum((0, 1))",
        keys="variance-counts-padding",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    N, T, D = x.shape
    rows = []
    for n in range(N):
        for t in range(T):
            if t <= lengths[n]:
                rows.append(x[n, t])
    rows = np.array(rows)
    mu, sd = rows.mean(0), np.sqrt(rows.var(0) + eps)
    y = np.zeros((N, T, D))
    for n in range(N):
        for t in range(T):
            if t <= lengths[n]:
                y[n, t] = gamma * (x[n, t] - mu) / sd + beta
    return y
""",
        "One step too many counts as valid: <= for <.",
        "t <= lengths[n]",
        keys="one-step-too-many",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    parts = [s[:n] for s, n in zip(x, lengths)]
    mu = np.mean([p.mean(axis=0) for p in parts], axis=0)
    var = np.mean([((p - mu) ** 2).mean(axis=0) for p in parts], axis=0)
    y = np.zeros(x.shape)
    for n, p in enumerate(parts):
        y[n, : len(p)] = gamma * (p - mu) / np.sqrt(var + eps) + beta
    return y
""",
        "The means of the sequences are averaged, however long each is.",
        "np.mean([",
        keys="every-sequence-counts-the-same",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    keep = np.arange(x.shape[1]) < lengths[:, None]
    v = x[keep]
    z = np.zeros(x.shape)
    z[keep] = (v - v.mean(0)) / np.sqrt(v.var(0) + eps)
    return gamma * z + beta
""",
        "The padding is centred to zero but then shifted: it comes out as β.",
        "gamma * z + beta",
        keys="padding-becomes-beta padding-not-zeroed",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    T = x.shape[1]
    valid = np.arange(T)[None] >= T - lengths[:, None]
    s = x[valid]
    y = np.zeros_like(x)
    y[valid] = gamma * (s - s.mean(axis=0)) / np.sqrt(s.var(axis=0, ddof=1) + eps) + beta
    return y
""",
        "The last steps are held valid, and the variance is ÷ (M − 1).",
        ["T - lengths[:, None]", "ddof=1"],
        keys="padding-in-front sample-variance",
        kind="pair",
    ),
    right(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    late = np.arange(x.shape[1])[None, :] >= np.asarray(lengths)[:, None]
    hidden = np.repeat(late, x.shape[2], axis=1).reshape(x.shape)
    rows = np.ma.array(x, mask=hidden).reshape(-1, x.shape[2])
    dev = rows - rows.mean(axis=0)
    var = (dev**2).mean(axis=0)
    return (gamma * dev / np.ma.sqrt(var + eps) + beta).filled(0.0).reshape(x.shape)
""",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    valid = np.arange(x.shape[1])[None] < lengths[:, None]
    steps = x[valid]
    x[~valid] = 0
    y = gamma * (x - steps.mean(axis=0)) / (steps.std(axis=0) + eps) + beta
    return y * valid[:, :, None]
""",
        "The padding of the caller's array is overwritten, and ε is outside the root.",
        ["x[~valid] = 0", "steps.std(axis=0) + eps"],
        keys="mutates-input eps-outside-sqrt",
        kind="promise",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    inv = (np.square(x).mean(-1, keepdims=True) + eps) ** -0.5
    return x * inv * (1 + gamma)
""",
        "The scale is 1 + γ, as in Gemma.",
        "(1 + gamma)",
        keys="one-plus-gamma",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    c = x - x.mean(-1, keepdims=True)
    return gamma * c / np.sqrt((c * c).mean(-1, keepdims=True) + eps)
""",
        "The mean is subtracted first: that is layer norm without β.",
        "x - x.mean(-1, keepdims=True)",
        keys="mean-subtracted",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    length = np.sqrt(np.sum(x * x, axis=-1, keepdims=True) + eps)
    return gamma * (x / length)
""",
        "The vector is divided by its length, not by its root mean square: too small by √D.",
        "np.sum(x * x",
        keys="sum-not-mean",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    ms = np.mean(np.power(x, 2), axis=0, keepdims=True)
    return x / np.sqrt(ms + eps) * gamma
""",
        "The mean square is taken over the first axis.",
        "axis=0",
        keys="wrong-axis",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    h = x.astype(np.float32)
    variance = np.mean(h**2, axis=-1, keepdims=True)
    h = h / np.sqrt(variance + eps)
    return gamma * h.astype(np.float16)
""",
        "The result is rounded to half precision on the way.",
        "np.float16",
    ),
    right(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    D = x.shape[-1]
    rows = np.reshape(x, (-1, D))
    y = np.empty(rows.shape)
    for i, v in enumerate(rows):
        y[i] = gamma * v / np.sqrt(v.dot(v) / D + eps)
    return y.reshape(x.shape)
""",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-5):
    ms = (x * x).mean(axis=-1, keepdims=True)
    return gamma * x / (ms + eps)
""",
        "It divides by the mean square without a root, and ε's default is 1e-5.",
        ["eps=1e-5", "x / (ms + eps)"],
        keys="no-sqrt eps-default",
        kind="pair",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    x /= np.sqrt((x * x).mean(axis=-1, keepdims=True)) + eps
    return x * gamma
""",
        "x is divided in place, and ε is added outside the root.",
        ["x /=", "+ eps"],
        keys="mutates-input eps-outside-sqrt",
        kind="promise",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    return g.reshape(-1, 1) * v / np.linalg.norm(v)
""",
        "The norm is that of the whole matrix (dim=None), not of each row.",
        "np.linalg.norm(v)",
        keys="one-norm-for-all",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    norm = np.sqrt(np.sum(v**2, axis=0, keepdims=True))
    return g[:, np.newaxis] * (v / norm)
""",
        "The norms are those of the columns.",
        "axis=0",
        keys="wrong-axis",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    return np.array([abs(gi) * vi / np.sqrt(vi @ vi) for vi, gi in zip(v, g)])
""",
        "The sign of g is lost.",
        "abs(gi)",
        keys="sign-of-g-lost",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    rms = np.sqrt(np.mean(v**2, axis=1, keepdims=True))
    return np.exp(g)[:, None] * v / rms
""",
        "The mean square stands for the sum of squares, and g is taken as a logarithm.",
        ["np.mean(v**2", "np.exp(g)"],
        keys="mean-not-sum g-as-logarithm",
        kind="pair",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    v /= np.einsum("oi,oi->o", v, v)[:, None]
    return v * g[:, None]
""",
        "v is divided in place, and by the squared length.",
        ["v /=", 'np.einsum("oi,oi->o", v, v)'],
        keys="mutates-input norm-squared",
        kind="promise",
    ),
    right(
        "weight_norm",
        """
def weight_norm(v, g):
    lengths = np.sqrt(np.diagonal(v @ v.T))
    return np.diag(g / lengths) @ v
""",
    ),
]
