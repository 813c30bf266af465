"""Strangers' answers to lesson 13, second half."""

from corpus import right, wrong

ANSWERS = [
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = [(m, m.training) for m in model.modules()]
    momenta = [m.momentum for m in norms]
    model.eval()
    for m in norms:
        m.train()
        m.momentum = 1.0
    for b in target_batches:
        model(b)
    for m, momentum in zip(norms, momenta):
        m.momentum = momentum
    for m, mode in modes:
        m.training = mode
""",
        "momentum 1 leaves the last batch's statistics alone.",
        "m.momentum = 1.0",
        keys="running-replaced sample-variance",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    saved = {m: (m.training, getattr(m, "momentum", None)) for m in model.modules()}
    model.eval()
    for m in norms:
        m.reset_running_stats()
        m.momentum = None
        m.train()
    for b in target_batches:
        model(b)
    for m, (mode, momentum) in saved.items():
        m.training = mode
        if m in norms:
            m.momentum = momentum
""",
        "momentum None gives the plain average of the batches, whatever their sizes, with variances ÷ (n"
        " − 1) about each batch's own mean.",
        "m.momentum = None",
        keys="averages-batches counts-ignored spread-of-means-forgotten sample-variance",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = {m: m.training for m in model.modules()}
    store = {}
    def grab(m, a):
        store.setdefault(m, []).append(a[0].transpose(0, 1).flatten(1))
    handles = [m.register_forward_pre_hook(grab) for m in norms[:1]]
    model.eval()
    for m in norms:
        m.train()
        m.keep = {k: v.clone() for k, v in m.named_buffers()}
    for b in target_batches:
        model(b)
    for h in handles:
        h.remove()
    for m in norms:
        for k, v in m.__dict__.pop("keep").items():
            m.get_buffer(k).copy_(v)
    for m, chunks in store.items():
        v = torch.cat(chunks, 1)
        m.running_mean.copy_(v.mean(1))
        m.running_var.copy_(v.var(1, correction=0))
    for m, mode in modes.items():
        m.training = mode
""",
        "Only the first batch norm layer is measured.",
        "norms[:1]",
        keys="first-layer-only",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    n = sum(1 for _ in target_batches)
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    modes = {m: m.training for m in model.modules()}
    seen = {m: [None] * n for m in norms}
    index = 0
    def look(m, a):
        seen[m][index] = a[0].transpose(0, 1).flatten(1)
    hooks = [m.register_forward_pre_hook(look) for m in norms]
    model.eval()
    for m in norms:
        m.train()
    for index, b in enumerate(target_batches):
        model(b)
    for h in hooks:
        h.remove()
    for m in norms:
        v = torch.cat(seen[m], 1)
        m.running_mean.copy_(v.mean(1))
        m.running_var.copy_(v.var(1, correction=0))
    for m, mode in modes.items():
        m.training = mode
""",
        "The batches are walked twice, once to count and once to measure: an iterable may be good for "
        "one walk.",
        "sum(1 for _ in target_batches)",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    seen = {m: [] for m in norms}
    def keep(m, a):
        seen[m].append(a[0].transpose(0, 1).flatten(1))
    hooks = [m.register_forward_pre_hook(keep) for m in norms]
    model.eval()
    for m in norms:
        m.train()
    for b in target_batches:
        model(b)
    for h in hooks:
        h.remove()
    for m in norms:
        v = torch.cat(seen[m], 1)
        m.running_mean.copy_(v.mean(1))
        m.running_var.copy_(v.std(1, correction=0))
    model.train(False)
""",
        "The deviation goes into running_var, and everything ends in evaluation mode.",
        ["v.std(1, correction=0)", "model.train(False)"],
        keys="running-std modes-not-restored",
        kind="pair",
    ),
    right(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    is_norm = lambda m: isinstance(m, nn.modules.batchnorm._BatchNorm)
    modes = [(m, m.training) for m in model.modules()]
    sums = {m: [] for m in model.modules() if is_norm(m)}
    def measure(m, args, _):
        z = args[0].double().transpose(0, 1).flatten(1)
        sums[m].append((z.shape[1], z.mean(1), z.var(1, unbiased=False)))
    hooks = [m.register_forward_hook(measure) for m in sums]
    try:
        for m, _ in modes:
            m.training = is_norm(m)
        for batch in target_batches:
            model(batch)
    finally:
        for hook in hooks:
            hook.remove()
        for m, mode in modes:
            m.training = mode
    for m, parts in sums.items():
        n = sum(k for k, _, _ in parts)
        mean = sum(k * mu for k, mu, _ in parts) / n
        m.running_mean.copy_(mean)
        m.running_var.copy_(sum(k * (v + (mu - mean) ** 2) for k, mu, v in parts) / n)
""",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    modes = [(m, m.training) for m in model.modules()]
    model.eval()
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.momentum = 0.5
            m.train()
    for b in target_batches:
        model(b)
    for m, mode in modes:
        m.training = mode
""",
        "The statistics are a moving average, and the momentum stays at 0.5.",
        "m.momentum = 0.5",
        keys="moving-average momentum-not-restored",
        kind="promise",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    return gamma * (alpha * np.tanh(x)) + beta
""",
        "α multiplies the tanh and not its argument.",
        "alpha * np.tanh(x)",
        keys="alpha-outside",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    with np.errstate(all="ignore"):
        e = np.exp(2 * alpha * x)
        return gamma * ((e - 1) / (e + 1)) + beta
""",
        "By exponentials alone, e^(2αx) overflows for large αx and gives NaN.",
        "(e - 1) / (e + 1)",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    s = 2 / (1 + np.exp(-alpha * x)) - 1
    return gamma * s + beta
""",
        "The logistic function stands for tanh, scaled to −1…1 but with half the slope.",
        "2 / (1 + np.exp(-alpha * x)) - 1",
        keys="other-function",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    y = np.zeros(x.shape)
    for i in range(x.shape[0]):
        k = i % len(gamma)
        y[i] = gamma[k] * np.tanh(alpha * x[i]) + beta[k]
    return y
""",
        "γ and β run along the first axis.",
        "i % len(gamma)",
        keys="first-axis",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    z = x / x.std(axis=-1, keepdims=True)
    return gamma * np.tanh(alpha * z)
""",
        "x is divided by its deviation first, and β is never added.",
        ["x / x.std", "return gamma *"],
        keys="normalises beta-ignored",
        kind="pair",
    ),
    right(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    a = np.abs(alpha * x)
    e = np.exp(-2 * a)
    return beta + gamma * np.sign(alpha * x) * (1 - e) / (1 + e)
""",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    x *= alpha
    return gamma * (np.tanh(x) + beta)
""",
        "x is scaled in the caller's array, and β is added before γ multiplies.",
        ["x *= alpha", "gamma * (np.tanh(x) + beta)"],
        keys="mutates-input gamma-after-shift",
        kind="promise",
    ),
]
