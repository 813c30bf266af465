from corpus import right, wrong

ANSWERS = [
    right(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    N, T, D = x.shape
    good = [x[n, :L] for n, L in enumerate(lengths)]
    allv = np.concatenate(good, axis=0)
    mu, sd = allv.mean(0), np.sqrt(allv.var(0) + eps)
    return np.stack([np.pad(gamma * (g - mu) / sd + beta, ((0, T - len(g)), (0, 0))) for g in good])
""",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    N, T, D = x.shape
    mask = (np.arange(T)[None] < np.asarray(lengths)[:, None])[..., None]
    M = mask.sum()
    mu = x.sum((0, 1)) / M
    var = (((x - mu) ** 2) * mask).sum((0, 1)) / M
    return np.where(mask, gamma * (x - mu) / np.sqrt(var + eps) + beta, 0)
""",
        "Padding is in the sum of the mean, though the count is right.",
        "x.sum((0, 1)) / M",
        keys="padding-counted",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    T = x.shape[1]
    mask = (np.arange(T)[None] <= lengths[:, None])[..., None]
    M = mask.sum()
    z = np.where(mask, x, 0)
    mu = z.sum((0, 1)) / M
    var = np.where(mask, (x - mu) ** 2, 0).sum((0, 1)) / M
    return np.where(mask, gamma * (x - mu) / np.sqrt(var + eps) + beta, 0)
""",
        "One step too many counts as valid.",
        "<= lengths[:, None]",
        keys="one-step-too-many",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    valid = np.arange(x.shape[1]) < lengths[:, None]
    v = x[valid]
    return gamma * (x - v.mean(0)) / np.sqrt(v.var(0) + eps) + beta
""",
        "Padding is normalised as well, instead of coming out as zeros.",
        "return gamma * (x - v.mean(0)) / np.sqrt(v.var(0) + eps) + beta",
        keys="padding-not-zeroed",
    ),
    wrong(
        "masked_batch_norm",
        """
def masked_batch_norm(x, lengths, gamma, beta, eps=1e-5):
    N, T, D = x.shape
    mask = (np.arange(T)[None, :] < lengths[:, None]).astype(float)[:, :, None]
    mu = (x * mask).sum((0, 1)) / mask.sum()
    var = ((x * mask - mu) ** 2).sum((0, 1)) / mask.sum()
    return (gamma * (x - mu) / np.sqrt(var + eps) + beta) * mask
""",
        "In the variance padding counts as zeros: the mask is applied before the mean is subtracted.",
        "(x * mask - mu) ** 2",
        keys="variance-counts-padding",
    ),
    right(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    ms = np.einsum("...d,...d->...", x, x) / x.shape[-1]
    return x * ((ms + eps) ** -0.5)[..., None] * gamma
""",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    rms = np.linalg.norm(x, axis=-1, keepdims=True) * x.shape[-1] ** -0.5
    return gamma * x / (rms + eps)
""",
        "ε is added to the root.",
        "rms + eps",
        keys="eps-outside-sqrt",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    # gemma
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps) * (1 + gamma)
""",
        "γ is used as 1 + γ.",
        "(1 + gamma)",
        keys="one-plus-gamma",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    return gamma * x / np.sqrt((x ** 2).mean(axis=tuple(range(1, x.ndim)) or 0, keepdims=True) + eps)
""",
        "With (N, T, D) the steps are reduced too; with (N, D) it is right.",
        "tuple(range(1, x.ndim)) or 0",
        keys="over-steps-too",
    ),
    wrong(
        "rms_norm",
        """
def rms_norm(x, gamma, eps=1e-6):
    rms = np.sqrt(np.mean(x, axis=-1, keepdims=True) ** 2 + eps)
    return gamma * x / rms
""",
        "The mean is squared instead of the squares being averaged.",
        "np.mean(x, axis=-1, keepdims=True) ** 2",
    ),
    right(
        "weight_norm",
        """
def weight_norm(v, g):
    return np.array([gi * row / math.hypot(*row) for gi, row in zip(g, v)])
""",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    return (g / np.linalg.norm(v, axis=1))[:, None] * (v - v.mean(axis=1, keepdims=True))
""",
        "The mean of every row is subtracted.",
        "v - v.mean(axis=1, keepdims=True)",
        keys="mean-subtracted",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    return g[:, None] * v / np.linalg.norm(v)
""",
        "One norm of the whole matrix is used instead of one for every row.",
        "np.linalg.norm(v)",
        keys="one-norm-for-all",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    n = np.abs(v).sum(1, keepdims=True)
    return np.abs(g)[:, None] * v / n
""",
        "The sum of the absolute values is used for the length, and the sign of g is lost.",
        ["np.abs(v).sum(1, keepdims=True)", "np.abs(g)[:, None]"],
        keys="sum-of-absolutes sign-of-g-lost",
        kind="pair",
    ),
    wrong(
        "weight_norm",
        """
def weight_norm(v, g):
    v /= np.sqrt((v ** 2).sum(1, keepdims=True))
    return v * g[:, None]
""",
        "v is changed in place.",
        "v /= np.sqrt((v ** 2).sum(1, keepdims=True))",
        keys="mutates-input",
    ),
]
