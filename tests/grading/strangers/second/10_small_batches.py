"""Strangers' answers to lesson 10, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    return np.average(means, axis=0, weights=counts), np.average(variances, axis=0, weights=counts)
""",
        "The variances are averaged by count, and the scatter of the shards' means is forgotten.",
        "np.average(variances",
        keys="spread-of-means-forgotten",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    mean = means.mean(axis=0)
    var = variances.mean(axis=0) + ((means - mean) ** 2).mean(axis=0)
    return mean, var
""",
        "Every shard counts the same, however many examples it has.",
        "means.mean(axis=0)",
        keys="counts-ignored",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    na, m, M2 = counts[0], means[0].copy(), variances[0] * counts[0]
    for mb, vb, nb in zip(means[1:], variances[1:], counts[1:]):
        n = na + nb
        d = mb - m
        M2 = M2 + vb * nb + d * d * (na * nb / n**2)
        m = m + d * nb / n
        na = n
    return m, M2 / na
""",
        "Chan's term is divided by the total before it is added to sums: n_a·n_b/n belongs to the sum of"
        " squares, which is divided by n at the end.",
        "na * nb / n**2",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    n = counts.reshape(-1, 1)
    total = n.sum()
    mean = (n * means).sum(0) / total
    ss = (n * variances).sum(0) + (n * (means - mean) ** 2).sum(0)
    return mean, ss / (total - 1)
""",
        "The sum of squares is divided by N − 1.",
        "(total - 1)",
        keys="sample-variance",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    w = counts / counts.sum()
    mean = w @ means
    std = w @ np.sqrt(variances)
    return mean, std**2 + w @ (means - mean) ** 2
""",
        "It averages deviations and squares, where variances are to be averaged.",
        "np.sqrt(variances)",
        keys="averages-deviations",
    ),
    right(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    n, m, M2 = 0, np.zeros_like(means[0]), np.zeros_like(means[0])
    for k in range(len(counts)):
        total = n + int(counts[k])
        d = means[k] - m
        M2 = M2 + variances[k] * int(counts[k]) + d * d * (n * int(counts[k]) / total)
        m = m + d * (int(counts[k]) / total)
        n = total
    return m, M2 / n
""",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    w = (counts / counts.sum())[:, None]
    mean = (w * means).sum(0)
    var = (w * (variances + np.abs(means - mean))).sum(0)
    return var, mean
""",
        "The distances of the means are not squared, and the variance comes first.",
        ["np.abs(means - mean)", "return var, mean"],
        keys="distance-not-squared swapped-outputs",
        kind="pair",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    mean = means.mean(axis=0)
    variances += (means - mean) ** 2
    return mean, np.average(variances, axis=0, weights=counts)
""",
        "The caller's variances are overwritten, and the last mean is unweighted.",
        ["variances +=", "means.mean(axis=0)"],
        keys="mutates-input counts-ignored",
        kind="promise",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    return [gamma * (s - s.mean(0)) / np.sqrt(s.var(0) + eps) + beta for s in shards]
""",
        "Each shard is normalised by its own statistics.",
        "s.mean(0)",
        keys="local-statistics",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    mean = sum(s.mean(axis=0) for s in shards) / len(shards)
    var = sum(((s - mean) ** 2).mean(axis=0) for s in shards) / len(shards)
    return [gamma * (s - mean) / np.sqrt(var + eps) + beta for s in shards]
""",
        "Means and mean squares are averaged over the shards without their sizes.",
        "/ len(shards)",
        keys="counts-ignored",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    n = len(shards[0]) * len(shards)
    total = np.zeros(len(gamma))
    for s in shards:
        for row in s:
            total += row
    mu = total / n
    ss = np.zeros(len(gamma))
    for s in shards:
        for row in s:
            ss += (row - mu) ** 2
    inv = 1 / np.sqrt(ss / n + eps)
    return [gamma * (s - mu) * inv + beta for s in shards]
""",
        "The total is the first shard's size times their number.",
        "len(shards[0]) * len(shards)",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    x = np.concatenate(shards)
    y = (x - x.mean(axis=0)) * (x.var(axis=0) + eps) ** -0.5 * gamma + beta
    return y
""",
        "One array comes back, not a list of shards.",
        "return y",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    x = np.vstack(shards)
    y = gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + eps) + beta
    return np.array_split(y, len(shards))
""",
        "np.array_split cuts the result in equal pieces, not where the shards end.",
        "np.array_split(y, len(shards))",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    x = np.concatenate(shards)
    mean, std = x.mean(0), x.std(0) + eps
    for s in shards:
        s[...] = gamma * (s - mean) / std + beta
    return shards
""",
        "The shards themselves are overwritten, and ε is outside the root.",
        ["s[...] =", "x.std(0) + eps"],
        keys="mutates-input eps-outside-sqrt",
        kind="promise",
    ),
    right(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    ends = np.cumsum([len(s) for s in shards])
    x = np.concatenate(shards)
    z = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps)
    return np.split(gamma * z + beta, ends[:-1])
""",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    mean, var = shards[0].mean(0), shards[0].var(0)
    return [(s - mean) / np.sqrt(var + eps) + beta for s in shards]
""",
        "The first shard's statistics serve for all, and γ is missing.",
        ["shards[0].mean(0)", "+ beta"],
        keys="first-shard-statistics gamma-ignored",
        kind="pair",
    ),
]
