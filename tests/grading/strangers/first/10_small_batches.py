from corpus import right, wrong

ANSWERS = [
    right(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    n, mu, M2 = 0, 0.0, 0.0
    for m, v, c in zip(means, variances, counts):      # Chan et al.
        d = m - mu
        tot = n + c
        M2 = M2 + v * c + d * d * (n * c / tot)
        mu = mu + d * (c / tot)
        n = tot
    return mu, M2 / n
""",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    c = counts[:, None]
    mean = (c * means).sum(0) / c.sum()
    var = ((c - 1) * variances).sum(0) / (c - 1).sum()
    return mean, var
""",
        "The pooled variance Σ(n − 1)v/Σ(n − 1) is formed, without the spread of the means.",
        "((c - 1) * variances).sum(0) / (c - 1).sum()",
        keys="spread-of-means-forgotten",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    w = counts / counts.sum()
    mean = w @ means
    var = w @ variances + np.var(means, axis=0)
    return mean, var
""",
        "The spread of the means is taken with equal weights.",
        "np.var(means, axis=0)",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    K = len(counts)
    n = counts[0] * K
    mean = (counts[:, None] * means).sum(0) / n
    var = (counts[:, None] * (variances + (means - mean) ** 2)).sum(0) / n
    return mean, var
""",
        "The number of all examples is taken as that of the first shard times K.",
        "counts[0] * K",
    ),
    wrong(
        "merge_stats",
        """
def merge_stats(means, variances, counts):
    w = (counts / counts.sum())[:, None]
    mean = (w * means).sum(0)
    ex2 = (w * (variances + means ** 2)).sum(0)
    return mean, ex2 - mean ** 2
""",
        "E[x²] − E[x]² cancels in float32 far from zero.",
        "ex2 - mean ** 2",
        keys="one-pass-variance",
    ),
    right(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    x = np.vstack(shards)
    y = (x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + eps) * gamma + beta
    return np.split(y, np.cumsum([len(s) for s in shards])[:-1])
""",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    mu = np.mean([s.mean(0) for s in shards], axis=0)
    var = np.mean([((s - mu) ** 2).mean(0) for s in shards], axis=0)
    return [gamma * (s - mu) / np.sqrt(var + eps) + beta for s in shards]
""",
        "Every shard counts the same, however many examples it has.",
        [
            "np.mean([s.mean(0) for s in shards], axis=0)",
            "np.mean([((s - mu) ** 2).mean(0) for s in shards], axis=0)",
        ],
        keys="counts-ignored",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    out = []
    for s in shards:
        out.append(gamma * (s - s.mean(0)) / np.sqrt(s.var(0) + eps) + beta)
    return out
""",
        "Every shard is normalised by itself.",
        ["s.mean(0)", "s.var(0)"],
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    n = sum(map(len, shards))
    mu = sum(s.sum(0) for s in shards) / n
    var = sum(len(s) * s.var(0) for s in shards) / n
    r = 1 / np.sqrt(var + eps)
    return [(s - mu) * r * gamma + beta for s in shards]
""",
        "The variances within the shards are averaged; the spread of their means is forgotten.",
        "len(s) * s.var(0)",
        keys="spread-of-means-forgotten",
    ),
    wrong(
        "sync_batch_norm",
        """
def sync_batch_norm(shards, gamma, beta, eps=1e-5):
    x = np.concatenate(shards)
    y = (x - x.mean(0)) / np.sqrt(x.var(0, ddof=1) + eps) * gamma + beta
    return y
""",
        "The sample's variance is used, and one array is returned instead of a list of shards.",
        ["x.var(0, ddof=1)", "return y"],
        keys="sample-variance",
        kind="promise",
    ),
    right(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    xt = torch.tensor(x)
    rs = torch.sqrt(torch.tensor(running_var) + eps)
    sd = torch.sqrt(xt.var(0, unbiased=False) + eps)
    r = (sd / rs).clamp(1 / r_max, r_max)
    d = ((xt.mean(0) - torch.tensor(running_mean)) / rs).clamp(-d_max, d_max)
    z = (xt - xt.mean(0)) / sd * r + d
    return (z * torch.tensor(gamma) + torch.tensor(beta)).numpy()
""",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu, sig = x.mean(0), np.sqrt(x.var(0) + eps)
    rsig = np.sqrt(running_var + eps)
    r = np.minimum(sig / rsig, r_max)
    d = np.clip((mu - running_mean) / rsig, -d_max, d_max)
    return ((x - mu) / sig * r + d) * gamma + beta
""",
        "r is limited from above alone; the lower limit 1/r_max is missing.",
        "np.minimum(sig / rsig, r_max)",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu, sig = x.mean(0), x.std(0)
    rsig = np.sqrt(running_var + eps)
    r = np.clip(sig / rsig, 1 / r_max, r_max)
    d = np.clip((mu - running_mean) / rsig, -d_max, d_max)
    return ((x - mu) / sig * r + d) * gamma + beta
""",
        "ε is missing in the batch's own deviation.",
        "x.std(0)",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu, sig = x.mean(0), np.sqrt(x.var(0) + eps)
    rsig = np.sqrt(running_var + eps)
    r = np.clip(sig / rsig, 1 / r_max, r_max)
    d = np.clip((mu - running_mean) / sig, -d_max, d_max)
    return ((x - mu) / sig * r + d) * gamma + beta
""",
        "d is divided by the batch's deviation instead of the running one.",
        "(mu - running_mean) / sig",
    ),
    wrong(
        "batch_renorm_forward",
        """
def batch_renorm_forward(x, gamma, beta, running_mean, running_var, r_max, d_max, eps=1e-5):
    mu, sig = x.mean(0), np.sqrt(x.var(0) + eps)
    rsig = np.sqrt(running_var + eps)
    r = np.clip(sig / rsig, 1 / r_max, r_max)
    d = np.clip((mu - running_mean) / rsig, -d_max, d_max)
    return gamma * ((x - mu) / sig + d) * r + beta
""",
        "d is added before the multiplication by r, so it is scaled too.",
        "((x - mu) / sig + d) * r",
    ),
    right(
        "recalibrate",
        """
def recalibrate(model, batches):
    from torch.nn.modules.batchnorm import _BatchNorm
    was = [(m, m.training) for m in model.modules()]
    got = {}
    def hook(m, args):
        t = args[0].detach().double()
        t = t.movedim(1, -1).reshape(-1, t.shape[1])
        n, mu, M2 = got.get(m, (0, 0.0, 0.0))
        k, d = len(t), t.mean(0) - mu
        got[m] = (n + k, mu + d * k / (n + k), M2 + ((t - t.mean(0)) ** 2).sum(0) + d ** 2 * n * k / (n + k))
    hs = []
    for m, _ in was:
        m.training = isinstance(m, _BatchNorm)
        if m.training:
            hs.append(m.register_forward_pre_hook(hook))
    with torch.no_grad():
        for b in batches:
            model(b)
    for h in hs:
        h.remove()
    for m, (n, mu, M2) in got.items():
        m.running_mean.data.copy_(mu)
        m.running_var.data.copy_(M2 / n)
    for m, t in was:
        m.training = t
""",
    ),
    wrong(
        "recalibrate",
        """
@torch.no_grad()
def recalibrate(model, batches):
    bns = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = {m: m.training for m in model.modules()}
    moms = {m: m.momentum for m in bns}
    model.eval()
    for m in bns:
        m.reset_running_stats()
        m.momentum = None      # cumulative average
        m.train()
    for b in batches:
        model(b)
    for m in bns:
        m.momentum = moms[m]
    for m, t in modes.items():
        m.training = t
""",
        "The cumulative average of the batches' variances ignores their sizes and the spread of their means.",
        "m.momentum = None",
        keys="averages-batches",
    ),
    wrong(
        "recalibrate",
        """
@torch.no_grad()
def recalibrate(model, batches):
    model.train()
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.momentum = 1.0
    model(torch.cat(list(batches)))
    model.eval()
""",
        "One joint batch is not what the layers below make of each batch; dropout is on, and modes and momenta are not put back.",
        ["model(torch.cat(list(batches)))", "model.train()"],
        keys="momentum-not-restored modes-not-restored dropout-on",
        kind="promise",
    ),
    wrong(
        "recalibrate",
        """
def recalibrate(model, batches):
    bns = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = {m: m.training for m in model.modules()}
    store = {m: [] for m in bns}
    hooks = [m.register_forward_pre_hook(lambda m, i: store[m].append(i[0].transpose(0, 1).flatten(1))) for m in bns]
    model.eval()
    with torch.no_grad():
        for b in batches:
            model(b)
    for h in hooks:
        h.remove()
    for m in bns:
        v = torch.cat(store[m], 1)
        m.running_mean.copy_(v.mean(1)); m.running_var.copy_(v.var(1, unbiased=False))
    for m, t in modes.items():
        m.training = t
""",
        "The batch norm layers stay in evaluation mode, so the layers below use the old running statistics.",
        "model.eval()",
        keys="running-stats-below",
    ),
]
