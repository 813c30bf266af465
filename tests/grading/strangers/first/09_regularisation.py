from corpus import right, wrong

ANSWERS = [
    right(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2:
        raise ValueError("ghost_size")
    chunks = np.split(x, range(ghost_size, len(x), ghost_size))
    if len(chunks[-1]) < 2:
        raise ValueError("a ghost batch of one")
    out = np.empty(x.shape)
    i = 0
    for c in chunks:
        out[i:i + len(c)] = gamma * (c - c.mean(0)) / np.sqrt(c.var(0) + eps) + beta
        i += len(c)
    return out
""",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError
    chunks = np.array_split(x, len(x) // ghost_size)
    ys = [(c - c.mean(0)) / np.sqrt(c.var(0) + eps) for c in chunks]
    return gamma * np.vstack(ys) + beta
""",
        "array_split makes N // size nearly equal chunks instead of runs of ghost_size and a smaller last one.",
        "np.array_split(x, len(x) // ghost_size)",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    N, D = x.shape
    if ghost_size < 2 or N % ghost_size == 1:
        raise ValueError("bad")
    y = x.astype(float)
    for k in range(N // ghost_size):
        s = slice(k * ghost_size, (k + 1) * ghost_size)
        y[s] = gamma * (x[s] - x[s].mean(0)) / np.sqrt(x[s].var(0) + eps) + beta
    return y
""",
        "The last, smaller ghost batch is left as it came.",
        "range(N // ghost_size)",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    if ghost_size < 2 or len(x) % ghost_size == 1:
        raise ValueError("size")
    n_ghost = -(-len(x) // ghost_size)
    y = np.zeros_like(x)
    for g in range(n_ghost):
        idx = np.arange(g, len(x), n_ghost)
        y[idx] = gamma * (x[idx] - x[idx].mean(0)) / np.sqrt(x[idx].var(0) + eps) + beta
    return y
""",
        "Every n-th example is taken, not runs of consecutive ones.",
        "np.arange(g, len(x), n_ghost)",
    ),
    wrong(
        "ghost_batch_norm",
        """
def ghost_batch_norm(x, gamma, beta, ghost_size, eps=1e-5):
    out = []
    for i in range(0, len(x), ghost_size):
        b = x[i:i + ghost_size]
        out.append(gamma * (b - b.mean(0)) / (b.std(0) + eps) + beta)
    return np.concatenate(out)
""",
        "ε is added to the root, and no ValueError is raised for a ghost batch of one.",
        ["b.std(0) + eps", "for i in range(0, len(x), ghost_size):"],
        keys="eps-outside-sqrt",
        kind="promise",
    ),
    right(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    picks = np.stack([rng.choice(len(x), batch_size, replace=False) for _ in range(draws)])
    b = x[picks]                       # (draws, n, D)
    return b.mean(1).std(0), b.var(1).std(0)
""",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    mus, vars_ = [], []
    for _ in range(draws):
        b = x[rng.integers(0, len(x), batch_size)]
        mus.append(b.mean(0)); vars_.append(b.var(0))
    return np.std(mus, axis=0), np.std(vars_, axis=0)
""",
        "The examples are drawn with replacement.",
        "rng.integers(0, len(x), batch_size)",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    np.random.seed(0)
    ms, vs = [], []
    for _ in range(draws):
        b = x[np.random.permutation(len(x))[:batch_size]]
        ms.append(b.mean(0)); vs.append(b.var(0))
    return np.std(ms, 0), np.std(vs, 0)
""",
        "The global random state is used (and reset) instead of rng.",
        "np.random.permutation(len(x))[:batch_size]",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    M = np.empty((draws, x.shape[1])); V = np.empty_like(M)
    for k in range(draws):
        b = rng.permutation(x)[:batch_size]
        M[k] = b.mean(0); V[k] = b.var(0)
    return M.var(0), V.var(0)
""",
        "The variance over the draws is returned, not the deviation.",
        "M.var(0), V.var(0)",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    M, S = [], []
    for k in range(draws):
        i = rng.choice(len(x), size=batch_size, replace=False)
        M.append(x[i].mean(0)); S.append(x[i].std(0))
    return np.std(M, axis=0), np.std(S, axis=0)
""",
        "The scatter of the batch's deviation is returned where that of its variance is asked for.",
        "x[i].std(0)",
    ),
    wrong(
        "statistics_noise",
        """
def statistics_noise(x, batch_size, draws, rng):
    s = x.std(0)
    return s / np.sqrt(batch_size), s ** 2 * np.sqrt(2 / batch_size)
""",
        "The formulas are those of independent normal draws; nothing is drawn from these data.",
        "s / np.sqrt(batch_size), s ** 2 * np.sqrt(2 / batch_size)",
    ),
    right(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    outs = []
    for b in training_batches:
        net = copy.deepcopy(model).eval()
        for m in net.modules():
            if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                def hook(mod, inp):
                    v = inp[0].detach().movedim(1, 0).flatten(1)
                    mod.running_mean, mod.running_var = v.mean(1), v.var(1, unbiased=False)
                m._h = m.register_forward_pre_hook(hook)
        with torch.no_grad():
            net(b)
            for m in net.modules():
                if hasattr(m, "_h"):
                    m._h.remove()
            outs.append(net(x))
    s = torch.stack(outs)
    return s.mean(0), s.std(0, unbiased=False)
""",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    net = copy.deepcopy(model)
    net.eval()
    for m in net.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.train()
    with torch.no_grad():
        preds = torch.stack([net(torch.cat([b, x]))[len(b):] for b in training_batches])
    return preds.mean(0), preds.std(0, unbiased=False)
""",
        "x goes through in one batch with the training batch, so it takes part in the statistics.",
        "net(torch.cat([b, x]))[len(b):]",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    preds = []
    for b in training_batches:
        net = copy.deepcopy(model).eval()
        for m in net.modules():
            if isinstance(m, nn.modules.batchnorm._BatchNorm):
                m.momentum = 1.0
                m.train()
        with torch.no_grad():
            net(b)
            preds.append(net.eval()(x))
    p = torch.stack(preds)
    return p.mean(0), p.std(0, unbiased=False)
""",
        "With momentum 1 the running variance is the batch's ÷ (n − 1), where ÷ n is asked for.",
        "m.momentum = 1.0",
        keys="sample-variance",
    ),
    wrong(
        "mc_batch_norm_predict",
        """
def mc_batch_norm_predict(model, x, training_batches):
    import copy
    net = copy.deepcopy(model).eval()
    for m in net.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.train()
    with torch.no_grad():
        p = torch.stack([net(x) for _ in training_batches])
    return p.mean(0), p.std(0, unbiased=False)
""",
        "x is normalised by its own batch; the training batches are never used.",
        "net(x) for _ in training_batches",
    ),
]
