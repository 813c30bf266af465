from corpus import right, wrong

ANSWERS = [
    right(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)):
            m.eval()
            m.train = lambda mode=True, m=m: m
            for p in m.parameters(recurse=False):
                p.requires_grad = False
                p.grad = None
""",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.eval()
            m.weight.requires_grad = False
            m.bias.requires_grad = False
""",
        "model.train() puts the layers back into training mode.",
        "m.eval()",
        keys="undone-by-train",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.momentum = 0.0
            for p in m.parameters():
                p.requires_grad_(False)
""",
        "With momentum 0 the buffers stay, but training still normalises by the batch's statistics.",
        "m.momentum = 0.0",
        keys="buffers-kept-batch-used",
    ),
    wrong(
        "freeze_batch_norm",
        """
def freeze_batch_norm(model):
    model.eval()
    old = model.train
    def train(mode=True):
        old(mode)
        for m in model.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
        return model
    model.train = train
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.requires_grad_(False)
""",
        "Only BatchNorm2d is frozen, and the whole model, with its dropout, is put into evaluation mode.",
        ["isinstance(m, nn.BatchNorm2d)", "model.eval()"],
        keys="one-kind-only dropout-off-at-once",
        kind="promise",
    ),
    right(
        "adapt_batch_norm",
        """
def adapt_batch_norm(model, target_batches):
    B = nn.modules.batchnorm._BatchNorm
    old = {m: m.training for m in model.modules()}
    acc = {m: [] for m in old if isinstance(m, B)}
    for m in old:
        m.training = m in acc
    hs = [m.register_forward_pre_hook(lambda m, a: acc[m].append(a[0].movedim(1, 0).reshape(a[0].size(1), -1))) for m in acc]
    with torch.no_grad():
        [model(b) for b in target_batches]
        for h in hs: h.remove()
        for m, vs in acc.items():
            m.running_var[:], m.running_mean[:] = torch.var_mean(torch.hstack(vs), 1, correction=0)
    for m, t in old.items():
        m.training = t
""",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    modes = {m: m.training for m in model.modules()}
    model.eval()
    for m in model.modules():
        if isinstance(m, nn.modules.batchnorm._BatchNorm):
            m.train()
    for b in target_batches:
        model(b)
    for m, t in modes.items():
        m.training = t
""",
        "The running statistics only move towards the target by the momentum.",
        "model(b)",
        keys="moving-average",
    ),
    wrong(
        "adapt_batch_norm",
        """
def adapt_batch_norm(model, target_batches):
    batches = list(target_batches)
    modes = {m: m.training for m in model.modules()}
    bns = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    got = {m: [] for m in bns}
    hooks = [m.register_forward_pre_hook(lambda m, i: got[m].append(i[0].transpose(0, 1).flatten(1))) for m in bns]
    model.eval()
    for m in bns: m.train()
    with torch.no_grad():
        for b in batches: model(b)
        for h in hooks: h.remove()
        for m in bns:
            m.running_mean.copy_(torch.stack([v.mean(1) for v in got[m]]).mean(0))
            m.running_var.copy_(torch.cat(got[m], 1).var(1, unbiased=False))
    for m, t in modes.items(): m.training = t
""",
        "The means of the batches are averaged without regard to their sizes.",
        "torch.stack([v.mean(1) for v in got[m]]).mean(0)",
        keys="counts-ignored",
    ),
    wrong(
        "adapt_batch_norm",
        """
@torch.no_grad()
def adapt_batch_norm(model, target_batches):
    modes = {m: m.training for m in model.modules()}
    bns = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    got = {m: [] for m in bns}
    hooks = [m.register_forward_hook(lambda m, i, o: got[m].append(o.transpose(0, 1).flatten(1))) for m in bns]
    model.eval()
    for m in bns: m.train()
    for b in target_batches: model(b)
    for h in hooks: h.remove()
    for m in bns:
        v = torch.cat(got[m], 1)
        m.running_mean.copy_(v.mean(1)); m.running_var.copy_(v.var(1, unbiased=False))
    for m, t in modes.items(): m.training = t
""",
        "The outputs of the layers are measured instead of their inputs.",
        "got[m].append(o.transpose(0, 1).flatten(1))",
    ),
    right(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    z = torch.as_tensor(x, dtype=torch.float64).mul(float(alpha)).tanh()
    return z.numpy() * gamma + beta
""",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    e = np.exp(2 * alpha * x)
    return gamma * (e - 1) / (e + 1) + beta
""",
        "exp overflows for a large argument, and inf/inf is NaN.",
        "(e - 1) / (e + 1)",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    return gamma * np.tanh(alpha * x + beta)
""",
        "β is added inside the tanh.",
        "alpha * x + beta",
        keys="shift-inside",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    s = 1 / (1 + np.exp(-np.clip(alpha * x, -700, 700)))
    return gamma * (2 * s - 1) + beta
""",
        "2·sigmoid(αx) − 1 is tanh(αx/2).",
        "alpha * x",
        keys="other-function",
    ),
    wrong(
        "dynamic_tanh",
        """
def dynamic_tanh(x, alpha, gamma, beta):
    alpha = alpha or 0.5
    return gamma * np.tanh(alpha * x) + beta
""",
        "An α of 0 is replaced by 0.5, because 0 is false.",
        "alpha or 0.5",
    ),
]
